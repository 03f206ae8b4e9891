//! The forms of this feature as they come, unchecked: strings.

use serde::Deserialize;

use crate::features::site::{SignUp, SignUpRole};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetUpForm {
    /// That `serve` printed; not asked for on this machine.
    pub code: String,
    pub site_name: String,
    pub username: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub sign_up: String,
    pub sign_up_role: String,
    /// Ticked: load the sample content.
    pub sample: String,
}

impl Default for SetUpForm {
    /// A new site takes only people whom its owner has invited, and only those write whom the owner has asked to.
    fn default() -> Self {
        SetUpForm {
            code: String::new(),
            site_name: String::new(),
            username: String::new(),
            name: String::new(),
            email: String::new(),
            password: String::new(),
            sign_up: SignUp::Invite.as_str().to_owned(),
            sign_up_role: SignUpRole::Reader.as_str().to_owned(),
            sample: String::new(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SiteForm {
    pub name: String,
    pub tagline: String,
    pub description: String,
    pub language: String,
    /// As IANA names it. Empty: as it is.
    pub time_zone: String,
    pub sign_up: String,
    pub sign_up_role: String,
    pub comment_policy: String,
    /// Ticked: quotes and dashes are set.
    pub typography: String,
    /// `#rrggbb`; empty: the design's own.
    pub accent: String,
    /// A line for each: its title, a bar, its address.
    pub footer_links: String,
    /// `magazine`, `list`, or the path of a page. Empty: as it is.
    pub front: String,
    /// Ticked: long posts begin with a large letter.
    pub drop_cap: String,
}
