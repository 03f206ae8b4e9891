//! What an import would write, as one number: neither a new rendering nor a note makes a document another one.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::import::{AuthorRef, Document, Kind, Visibility};

/// A field that is empty leaves no trace, so that a field added later changes no document that lacks it.
pub fn of(document: &Document) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (name, value) in fields(document) {
        if !value.is_empty() {
            hash.update(format!("{name} {}\n", value.len()));
            hash.update(value.as_bytes());
        }
    }
    hash.finalize().into()
}

/// In an order that stays: another one makes every document that was imported another.
fn fields(document: &Document) -> Vec<(&'static str, Cow<'_, str>)> {
    let kind = match document.kind {
        Kind::Page => "page",
        Kind::Post => "",
    };
    let mut fields = vec![
        ("kind", kind.into()),
        ("title", document.title.as_str().into()),
        ("slug", word_or_none(&document.slug)),
        ("published", time_or_none(document.published_at)),
        ("updated", time_or_none(document.updated_at)),
        ("visibility", word(document.visibility).into()),
    ];
    let author = |author: &AuthorRef| format!("{} {}", author.key, author.name).into();
    fields.extend(document.authors.iter().map(|a| ("author", author(a))));
    let tags = document.tags.iter();
    fields.extend(tags.map(|tag| ("tag", tag.into())));
    fields.extend([
        ("description", word_or_none(&document.description)),
        ("canonical", word_or_none(&document.canonical_url)),
    ]);
    if let Some(cover) = &document.cover {
        fields.push(("cover", cover.url.as_str().into()));
        fields.push(("cover_alt", word_or_none(&cover.alt)));
    }
    fields.push(("language", word_or_none(&document.language)));
    let aliases = document.aliases.iter();
    fields.extend(aliases.map(|alias| ("alias", alias.into())));
    fields.push(("body", document.body.as_str().into()));
    fields
}

fn word_or_none(word: &Option<String>) -> Cow<'_, str> {
    word.as_deref().unwrap_or_default().into()
}

fn time_or_none(at: Option<DateTime<Utc>>) -> Cow<'static, str> {
    at.map_or(Cow::Borrowed(""), |at| at.to_rfc3339().into())
}

/// As the tables name it.
pub fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Draft => "draft",
    }
}
