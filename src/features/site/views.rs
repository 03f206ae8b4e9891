//! The frame that stands around a page: one for the public pages, which are the same bytes for all, and one for the others.

use super::model::Site;
use crate::messages::Message;
use crate::web::SiteOrigin;
use crate::web::frame::{Frame, MenuItem, Notice, SiteFrame, Viewer};
use crate::web::head::Head;

/// The frame of a page that is the same bytes for every client.
pub fn public_frame(site: &Site, origin: &SiteOrigin, head: Head) -> Frame {
    Frame {
        site: site_frame(site, origin),
        head,
        viewer: None,
        post_id: None,
        notice: Notice::default(),
    }
}

/// The frame of a page for one person (or for one who is about to sign in).
pub fn private_frame(
    site: &Site,
    origin: &SiteOrigin,
    title: Message,
    viewer: Option<Viewer>,
) -> Frame {
    Frame {
        site: site_frame(site, origin),
        head: Head::titled(title),
        viewer,
        post_id: None,
        notice: Notice::default(),
    }
}

fn site_frame(site: &Site, origin: &SiteOrigin) -> SiteFrame {
    origin.remember(&site.name);
    SiteFrame {
        name: site.name.clone(),
        tagline: site.tagline.clone(),
        description: site.description.clone(),
        language: site.language.clone(),
        time_zone: site.time_zone,
        origin: origin.to_string(),
        menu: menu(site),
        front_page: site.front.page().map(str::to_owned),
        footer_links: site.footer_links.clone(),
        accent: site.accent,
        pictures: site.pictures.clone(),
    }
}

/// The page that is the front page has that address too, and leads there.
fn menu(site: &Site) -> Vec<MenuItem> {
    let mut menu = site.menu.clone();
    for item in &mut menu {
        if Some(item.path.as_str()) == site.front.page() {
            item.path = "/".to_owned();
        }
    }
    menu
}
