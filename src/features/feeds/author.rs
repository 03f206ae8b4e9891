//! The author of a feed or of a post in it: a person, or the site.

use super::content::{clean, encoded_path};
use crate::features::posts::Byline;
use crate::features::site::Site;

pub struct Author {
    pub name: String,
    pub url: String,
}

pub fn site_author(site: &Site, origin: &str) -> Author {
    Author {
        name: clean(&site.name),
        url: format!("{origin}/"),
    }
}

pub fn author(origin: &str, byline: &Byline) -> Author {
    Author {
        name: clean(byline.display_name()),
        url: format!("{origin}{}", encoded_path(&byline.path())),
    }
}
