//! What an old site wrote, made to fit what a post here can hold.

use chrono::{DateTime, Utc};

use super::address;
use super::address::GivenOut;
use super::controls::without_controls;
use super::topics::Names;
use super::work::Text;
use crate::db::{Result, Tx};
use crate::features::posts::queries::PostRow;
use crate::features::posts::{Details, Draft, Kind, TagName};
use crate::import::Document;
use crate::markdown;
use crate::messages::{Message, text};
use crate::web::form::{is_visible, language_code, web_address};

/// Title, text and settings, but for the slug, as the editor would take them; what had to go is noted. `authors` are handles.
pub fn draft(
    document: &Document,
    text: &Text,
    names: &Names,
    authors: Vec<String>,
    warnings: &mut Vec<String>,
) -> Draft {
    let title = title(document, warnings);
    let mut details = details(document, names, warnings);
    details.authors = authors;
    if let count @ 1.. = text.rendered.insecure_media {
        warnings.push(format!("addresses of pictures and other media that are shown with https:// in the place of http://: {count}"));
    }
    Draft {
        title,
        markdown: text.markdown.clone(),
        details,
    }
}

fn title(document: &Document, warnings: &mut Vec<String>) -> String {
    let whole = Some(without_controls(&document.title))
        .filter(|title| is_visible(title))
        .unwrap_or_default();
    let title: String = whole.chars().take(300).collect();
    if title.len() < whole.len() {
        warnings.push("the title was cut to 300 characters".into());
    }
    title
}

fn details(document: &Document, names: &Names, warnings: &mut Vec<String>) -> Details {
    let written = document.canonical_url.as_deref().unwrap_or_default();
    let canonical_url = address(text::posts_the_canonical_address(), written, warnings);
    let cover_url = cover_url(document, warnings);
    let cover_alt = document
        .cover
        .as_ref()
        .and_then(|cover| cover.alt.as_deref());
    Details {
        excerpt: cut(document.description.as_deref(), 1000),
        canonical_url,
        cover_url,
        cover_alt: cut(cover_alt, 500),
        language: language(document),
        tags: tags(document, names, warnings),
        ..Details::default()
    }
}

/// The language that a document names, as a post has it.
pub fn language(document: &Document) -> String {
    let named = document.language.as_deref().unwrap_or_default();
    language_code(&named.replace('_', "-")).unwrap_or_default()
}

fn cover_url(document: &Document, warnings: &mut Vec<String>) -> String {
    let written = document.cover.as_ref().map(|cover| cover.url.as_str());
    let what = text::posts_the_cover_address();
    let cover_url = address(what, written.unwrap_or_default(), warnings);
    if markdown::is_insecure_address(&cover_url) {
        warnings.push(format!(
            "the cover is shown with https:// in the place of http://: {cover_url}"
        ));
    }
    cover_url
}

fn address(what: Message, written: &str, warnings: &mut Vec<String>) -> String {
    web_address(what, written, 1000).unwrap_or_else(|why| {
        warnings.push(format!("{why} It was left out: {written}"));
        String::new()
    })
}

fn cut(text: Option<&str>, most_chars: usize) -> String {
    let clean = text.map(without_controls).unwrap_or_default();
    clean.chars().take(most_chars).collect()
}

/// Whether anything of a draft can be seen, and so may be public; noted where not.
pub fn may_be_shown(draft: &Draft, text: &Text, warnings: &mut Vec<String>) -> bool {
    let is_visible = draft.is_visible(&text.rendered);
    if !is_visible {
        warnings.push("it has neither title nor text, so nothing of it is published".into());
    }
    is_visible
}

/// When a document was changed last, where that counts.
pub fn changed_at(document: &Document, is_published: bool) -> Option<DateTime<Utc>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is compared with a date of days ago"
    )]
    let now = Utc::now();
    document.updated_at.filter(|at| is_published && *at <= now)
}

/// The tags of a document, as they are called here.
pub fn tags(document: &Document, names: &Names, warnings: &mut Vec<String>) -> Vec<TagName> {
    let mut tags: Vec<TagName> = Vec::new();
    for tag in &document.tags {
        match TagName::parse(&without_controls(tag)).map(|tag| names.of(tag)) {
            Ok(tag) if tags.iter().any(|t| t.key() == tag.key()) => {}
            Ok(tag) => tags.push(tag),
            Err(why) => warnings.push(why.into()),
        }
    }
    tags
}

/// The name that a document's address is made of.
fn name(document: &Document) -> String {
    let slug = document.slug.as_deref().map(without_controls);
    slug.filter(|name| !markdown::slug(name).is_empty())
        .unwrap_or_else(|| without_controls(&document.title))
}

/// The slug that a document asks for.
pub fn wanted_slug(document: &Document) -> String {
    markdown::slug(&name(document))
}

/// The old slug made fit for an address, or another where that is taken.
pub async fn slug(
    tx: &mut Tx,
    post: &PostRow,
    document: &Document,
    given: &GivenOut,
    warnings: &mut Vec<String>,
) -> Result<String> {
    let name = name(document);
    let wanted = markdown::slug(&name);
    if has_former_slug(post, &name, &wanted) {
        return Ok(post.slug.clone());
    }
    if wanted.is_empty() {
        return Ok(wanted);
    }
    if post.kind == Kind::Post && post.version == 0 && !given.has_post(&post.owner, &wanted) {
        // Nearly always it is free, and the save looks at it anyway.
        return Ok(wanted);
    }
    address::free_slug(tx, post, document, &wanted, given, warnings).await
}

/// Whether it stands where an earlier release put a document of this name, which it transliterated: there it stays.
fn has_former_slug(post: &PostRow, name: &str, wanted: &str) -> bool {
    let former = markdown::ascii_slug(name);
    let number = |rest: &str| {
        rest.strip_prefix('-')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_of_former = |slug: &str| {
        slug.strip_prefix(former.as_str())
            .is_some_and(|rest| rest.is_empty() || number(rest))
    };
    post.version > 0 && former != wanted && (former.is_empty() || is_of_former(&post.slug))
}
