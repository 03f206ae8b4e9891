//! What an import would write, as one number: neither a new rendering nor a note makes a document another one.

use sha2::{Digest, Sha256};

use crate::import::{Document, Kind, Visibility};

/// A field that is empty leaves no trace, so that a field added later changes no document that lacks it.
pub fn of(document: &Document) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            hash.update(format!("{name} {}\n", value.len()));
            hash.update(value);
        }
    };
    add(
        "kind",
        if document.kind == Kind::Page {
            "page"
        } else {
            ""
        },
    );
    add("title", &document.title);
    add("slug", document.slug.as_deref().unwrap_or_default());
    add(
        "published",
        &document
            .published_at
            .map(|at| at.to_rfc3339())
            .unwrap_or_default(),
    );
    add(
        "updated",
        &document
            .updated_at
            .map(|at| at.to_rfc3339())
            .unwrap_or_default(),
    );
    add("visibility", word(document.visibility));
    document
        .authors
        .iter()
        .for_each(|author| add("author", &format!("{} {}", author.key, author.name)));
    document.tags.iter().for_each(|tag| add("tag", tag));
    add(
        "description",
        document.description.as_deref().unwrap_or_default(),
    );
    add(
        "canonical",
        document.canonical_url.as_deref().unwrap_or_default(),
    );
    add(
        "cover",
        document
            .cover
            .as_ref()
            .map_or("", |cover| cover.url.as_str()),
    );
    add(
        "cover_alt",
        document
            .cover
            .as_ref()
            .and_then(|cover| cover.alt.as_deref())
            .unwrap_or_default(),
    );
    add("language", document.language.as_deref().unwrap_or_default());
    document
        .aliases
        .iter()
        .for_each(|alias| add("alias", alias));
    add("body", &document.body);
    hash.finalize().into()
}

/// As the tables name it.
pub fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Draft => "draft",
    }
}
