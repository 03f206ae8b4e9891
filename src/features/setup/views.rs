//! What the pages of set-up and of the site's settings show, as their templates take it.

use askama::Template;

use super::forms::{SetUpForm, SiteForm};
use super::queries::Steps;
use crate::features::comments::Waiting;
use crate::features::site::{CommentPolicy, SignUp};
use crate::messages::{Markup, html as t};
use crate::web::accent::{Accent, Shades};
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
    /// That the site has now.
    pub accent: Option<Accent>,
    pub faults: FormErrors,
    pub saved: bool,
}

impl SiteSettingsPage<'_> {
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
