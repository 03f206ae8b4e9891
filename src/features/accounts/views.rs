//! What the pages of accounts show, as their templates take it.

use actix_web::http::StatusCode;
use askama::Template;

use super::current_user::CurrentUser;
use super::forms::{AccountForm, InvitationForm, ProfileForm, SignInForm, SignUpForm};
use super::queries::{Holder, Invitation, KeptUsername, Member, OpenSession, Person};
use crate::access::Role;
use crate::features::site::{SignUp, Site};
use crate::messages::{Message, html as t, text};
use crate::web::form::is_visible;
use crate::web::{FormErrors, Frame, time};

#[derive(Template)]
#[template(path = "accounts/sign_up.html")]
pub struct SignUpPage<'a> {
    pub frame: Frame,
    pub form: &'a SignUpForm,
    pub faults: FormErrors,
    /// No form is offered: the site has no owner, sign-up is closed, or by invitation and there is none.
    pub refused: bool,
    /// The site has no owner yet.
    pub empty: bool,
    pub closed: bool,
    pub needs_invitation: bool,
}

impl<'a> SignUpPage<'a> {
    pub fn new(frame: Frame, site: &Site, form: &'a SignUpForm, refused: bool) -> Self {
        SignUpPage {
            frame,
            form,
            faults: FormErrors::default(),
            refused,
            empty: !site.set_up,
            closed: refused && site.sign_up == SignUp::Closed,
            needs_invitation: site.sign_up != SignUp::Open,
        }
    }

    /// `form`: the status of a page that offers the form.
    pub fn status(&self, form: StatusCode) -> StatusCode {
        if self.refused {
            StatusCode::FORBIDDEN
        } else {
            form
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
pub struct SignInPage<'a> {
    pub frame: Frame,
    pub form: &'a SignInForm,
    pub faults: FormErrors,
    pub sign_up: SignUp,
}

#[derive(Template)]
#[template(path = "accounts/settings.html")]
pub struct SettingsPage<'a> {
    pub frame: Frame,
    pub user: &'a CurrentUser,
    pub profile: ProfileForm,
    pub account: AccountForm,
    pub sessions: Vec<OpenSession>,
    pub saved: Option<Message>,
    pub faults: FormErrors,
}

/// A person and the roles that the viewing admin may give.
pub struct PersonRow {
    pub member: Member,
    pub roles: Vec<&'static str>,
}

impl PersonRow {
    /// In two parts: a line is broken before the `@` and not within a word.
    fn email(&self) -> Option<(&str, &str)> {
        self.member
            .email
            .as_deref()
            .map(|email| email.split_at(email.rfind('@').unwrap_or(email.len())))
    }

    fn name(&self) -> &str {
        if !is_visible(&self.member.name) {
            &self.member.username
        } else {
            &self.member.name
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/people.html")]
pub struct PeoplePage {
    pub frame: Frame,
    pub people: Vec<PersonRow>,
    pub q: String,
    pub next: Option<String>,
    /// The username behind which this part of the list begins.
    pub after: String,
    /// Whose role was changed a moment ago.
    pub changed: Option<Person>,
}

impl PeoplePage {
    fn can_change_roles(&self) -> bool {
        self.people.iter().any(|person| !person.roles.is_empty())
    }
}

impl Person {
    fn role(&self) -> &'static str {
        self.role.as_str()
    }
}

#[derive(Template)]
#[template(path = "accounts/handles.html")]
pub struct HandlesPage {
    pub frame: Frame,
    pub holder: Holder,
    pub kept: Vec<KeptUsername>,
    pub saved: bool,
}

#[derive(Template)]
#[template(path = "accounts/free_handle.html")]
pub struct FreeHandlePage {
    pub frame: Frame,
    pub holder: Holder,
    pub kept: KeptUsername,
}

impl KeptUsername {
    pub(super) fn can_be_freed(&self) -> bool {
        self.freed_at.is_none() && !self.is_free
    }
}

#[derive(Template)]
#[template(path = "accounts/invitations.html")]
pub struct InvitationsPage<'a> {
    pub frame: Frame,
    pub form: &'a InvitationForm,
    pub faults: FormErrors,
    pub link: Option<String>,
    pub invitations: Vec<Invitation>,
    pub sign_up: SignUp,
}

impl OpenSession {
    /// `Firefox on Linux`, as far as the browser's own words tell.
    fn device(&self) -> String {
        device(&self.user_agent)
    }
}

// Browsers name their ancestors too: the more particular word comes first.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

fn device(user_agent: &str) -> String {
    let find = |words: &[(&str, &'static str)]| {
        words
            .iter()
            .find(|(word, _)| user_agent.contains(word))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => text::accounts_device(browser, system).into(),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => text::accounts_device_unknown().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn devices_are_named_by_the_most_particular_word() {
        for (user_agent, named) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36 Edg/139.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/139.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.9", "An unknown device"),
            ("", "An unknown device"),
        ] {
            assert_eq!(device(user_agent), named, "{user_agent}");
        }
    }
}
