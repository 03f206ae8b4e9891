//! The page that gives a form back: its fields as they were typed, and why it was not taken.

use actix_web::http::StatusCode;
use askama::Template;

use crate::messages::{Label, Message, html as t, text};
use crate::web::Frame;

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
            "markdown" | "bio" | "excerpt" | "details" | "description" | "comment" | "suggestion"
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
const TYPED: [(&str, Label); 25] = [
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
    ("comment", text::accounts_kept_comment),
    ("suggestion", text::accounts_kept_suggestion),
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

impl Reason {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Reason::SignedOut => StatusCode::UNAUTHORIZED,
            Reason::Unavailable | Reason::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Reason::Missing => StatusCode::NOT_FOUND,
            Reason::Forbidden(_) => StatusCode::FORBIDDEN,
            Reason::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::Conflict(_) => StatusCode::CONFLICT,
            Reason::Invalid(_) => StatusCode::BAD_REQUEST,
            Reason::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn title(&self) -> Message {
        if *self == Reason::SignedOut {
            text::accounts_title_signed_out()
        } else {
            text::accounts_title_not_saved()
        }
    }

    pub(super) fn retry_after(&self) -> Option<&'static str> {
        match self {
            Reason::Unavailable => Some("2"),
            Reason::Overloaded => Some("5"),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/form_recovery.html")]
pub struct RecoveredFormPage {
    pub frame: Frame,
    pub why: Reason,
    pub action: String,
    pub fields: Vec<RecoveredField>,
}
