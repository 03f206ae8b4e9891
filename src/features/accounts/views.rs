//! What the pages of accounts show, as their templates take it.

use askama::Template;

use super::current_user::CurrentUser;
use super::forms::{AccountForm, InvitationForm, ProfileForm, SignInForm};
use super::queries::{Holder, Invitation, KeptUsername, Member, OpenSession, Person};
use crate::features::site::SignUp;
use crate::messages::{Label, Message, html as t, text};
use crate::web::form::is_visible;
use crate::web::{FormErrors, Frame, time};

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
pub struct SignInPage<'a> {
    pub frame: Frame,
    pub form: &'a SignInForm,
    pub faults: FormErrors,
    pub sign_up: SignUp,
}

/// A field of a form that could not be taken.
pub struct RecoveredField {
    pub name: String,
    /// Empty for a password: none is ever sent back.
    pub value: String,
}

impl RecoveredField {
    pub fn new(name: String, value: String) -> Self {
        let value = if is_secret(&name) {
            String::new()
        } else {
            value
        };
        RecoveredField { name, value }
    }

    /// Has to be typed again.
    pub fn is_secret(&self) -> bool {
        is_secret(&self.name)
    }

    pub fn secret_label(&self) -> Message {
        if self.name.starts_with("current") {
            text::accounts_kept_current_password()
        } else {
            text::accounts_kept_password()
        }
    }

    /// What was typed is shown, so that it can be copied; ids and choices travel along unseen.
    pub fn is_text(&self) -> bool {
        self.is_prose() || self.typed_label().is_some()
    }

    /// Takes more than a line.
    pub fn is_prose(&self) -> bool {
        matches!(
            self.name.as_str(),
            "markdown" | "bio" | "excerpt" | "details" | "description"
        ) || self.value.contains('\n')
            || self.value.chars().count() > 40
    }

    pub fn label(&self) -> Message {
        self.typed_label().unwrap_or_else(text::accounts_kept_typed)
    }

    fn typed_label(&self) -> Option<Message> {
        // A reply has the id of a comment in the field that holds the address of a parent page in the editor.
        let is_id = uuid::Uuid::parse_str(&self.value).is_ok();
        TYPED
            .iter()
            .find(|(name, _)| *name == self.name && !is_id)
            .map(|(_, label)| label())
    }
}

/// Fields of forms that people type into, however short the text, and their labels.
const TYPED: [(&str, Label); 23] = [
    ("title", text::accounts_kept_title),
    ("markdown", text::accounts_kept_markdown),
    ("slug", text::accounts_kept_slug),
    ("tags", text::accounts_kept_tags),
    ("excerpt", text::accounts_kept_excerpt),
    ("canonical_url", text::accounts_kept_canonical_url),
    ("cover_url", text::accounts_kept_cover_url),
    ("cover_alt", text::accounts_kept_cover_alt),
    ("language", text::accounts_kept_language),
    ("authors", text::accounts_kept_authors),
    ("parent", text::accounts_kept_parent),
    ("details", text::accounts_kept_details),
    ("description", text::accounts_kept_description),
    ("name", text::accounts_kept_name),
    ("bio", text::accounts_kept_bio),
    ("website", text::accounts_kept_website),
    ("email", text::accounts_kept_email),
    ("note", text::accounts_kept_note),
    ("tagline", text::accounts_kept_tagline),
    ("username", text::accounts_kept_username),
    ("login", text::accounts_kept_login),
    ("reason", text::accounts_kept_reason),
    ("site_name", text::accounts_kept_site_name),
];

fn is_secret(name: &str) -> bool {
    name.contains("password")
}

/// Why a form was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    SignedOut,
    /// The database is away, or can only be read.
    Unavailable,
    /// Too many requests wait for the same work.
    Overloaded,
    /// Never there, gone, or not for this account to see: the page is the same for all three.
    Missing,
    Forbidden(Message),
    TooLarge(Message),
    Conflict(Message),
    Invalid(Message),
    /// Our fault; the code finds it in the log.
    Broken {
        code: String,
    },
}

#[derive(Template)]
#[template(path = "accounts/form_recovery.html")]
pub struct RecoveredFormPage {
    pub frame: Frame,
    pub why: Reason,
    pub action: String,
    pub fields: Vec<RecoveredField>,
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
    /// Who may still show what was taken down a moment ago.
    pub take_down_notice: Option<String>,
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

fn device(user_agent: &str) -> String {
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
