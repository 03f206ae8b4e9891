//! What the pages of set-up and of the site's settings show, as their templates take it.

use askama::Template;
use chrono_tz::Tz;

use super::forms::{SetUpForm, SiteForm};
use super::queries::{ListedPage, Steps};
use super::zones::{self, Region};
use crate::features::comments::Waiting;
use crate::features::site::{CommentPolicy, PictureKind, SignUp, SignUpRole};
use crate::messages::{Markup, html as t};
use crate::web::accent::{Accent, Shades};
use crate::web::frame::PictureFile;
use crate::web::{FormErrors, Frame};

#[derive(Template)]
#[template(path = "setup/setup.html")]
pub struct SetUpPage<'a> {
    pub frame: Frame,
    pub form: &'a SetUpForm,
    pub faults: FormErrors,
    pub needs_code: bool,
    /// It came with the link, so it need not be typed.
    pub knows_code: bool,
}

#[derive(Template)]
#[template(path = "setup/admin.html")]
pub struct AdminPage {
    pub frame: Frame,
    pub has_tagline: bool,
    pub waiting: Waiting,
    pub steps: Steps,
    /// Sample posts that can be removed.
    pub has_samples: bool,
    /// Jobs that are not tried again by themselves.
    pub failed_jobs: i64,
}

impl AdminPage {
    /// Nothing is left to be done on a new site.
    fn is_finished(&self) -> bool {
        self.has_tagline && self.steps.has_post && self.steps.has_invited
    }
}

#[derive(Template)]
#[template(path = "setup/settings.html")]
pub struct SiteSettingsPage<'a> {
    pub frame: Frame,
    pub form: &'a SiteForm,
    /// Any of them can be the front page.
    pub pages: Vec<ListedPage>,
    /// That the site has now.
    pub accent: Option<Accent>,
    pub faults: FormErrors,
    pub saved: bool,
}

impl SiteSettingsPage<'_> {
    /// In no region.
    fn utc(&self) -> &'static str {
        Tz::UTC.name()
    }

    fn regions(&self) -> Vec<Region> {
        zones::regions()
    }

    /// Each kind of picture with its name, what is said of it, and the largest of its files.
    fn pictures(&self) -> [(&'static str, Markup, Markup, Option<&PictureFile>); 3] {
        let pictures = &self.frame.site.pictures;
        [
            (
                PictureKind::Logo,
                t::setup_logo(),
                t::setup_logo_hint(),
                &pictures.logo,
            ),
            (
                PictureKind::Icon,
                t::setup_icon(),
                t::setup_icon_hint(),
                &pictures.icon,
            ),
            (
                PictureKind::Social,
                t::setup_social(),
                t::setup_social_hint(),
                &pictures.social,
            ),
        ]
        .map(|(kind, name, hint, files)| (kind.as_str(), name, hint, files.last()))
    }

    /// How pages show the accent, where it cannot stay as it was chosen: what can be read on light paper cannot be on dark.
    fn shown_accent(&self) -> Option<Markup> {
        let accent = self.accent?;
        let Shades { light, dark } = accent.shades();
        let (light_hex, dark_hex) = (light.to_string(), dark.to_string());
        Some(if light == accent.0 {
            t::setup_accent_lighter_in_dark(dark_hex)
        } else if dark == accent.0 {
            t::setup_accent_darker_in_light(light_hex)
        } else {
            t::setup_accent_corrected(dark_hex, light_hex)
        })
    }

    fn policies(&self) -> &'static [CommentPolicy] {
        CommentPolicy::ALL
    }

    fn sign_ups(&self) -> &'static [SignUp] {
        SignUp::ALL
    }
}
