//! What the editor's form becomes: checked parts, ready to be saved.

use serde::Deserialize;

use super::model::{Details, Kind};
use super::tag_name::TagName;
use crate::features::accounts;
use crate::features::site::CommentPolicy;
use crate::markdown::{self, Rendered};
use crate::messages::{Message, text};
use crate::web::{Error, FormErrors, FormId, form, rendering};

/// The editor's form as it travels: 1 MiB of text can be three times that percent-encoded.
pub const FORM_LIMIT: usize = 4 * 1024 * 1024;
const MOST_AUTHORS: usize = 20;
const USERNAME_CHARS: usize = 40;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PostForm {
    /// Public id, made when the empty editor was shown: saving twice makes one draft.
    pub id: FormId,
    pub kind: String,
    /// The version this text began from.
    pub version: String,
    pub title: String,
    pub markdown: String,
    pub slug: String,
    pub tags: String,
    pub excerpt: String,
    pub canonical_url: String,
    pub cover_url: String,
    pub cover_alt: String,
    pub language: String,
    pub comment_policy: String,
    pub unlisted: String,
    pub authors: String,
    pub parent: String,
    pub menu_position: String,
    /// Which button was pressed: `save`, `publish`, `preview`, or `edit` to come back from the preview.
    pub action: String,
}

/// Text and settings that passed every check of their own; handles of authors are still to be looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub title: String,
    pub markdown: String,
    pub details: Details,
}

impl Draft {
    /// Whether nothing was typed. Of what was typed and shows nothing only the rendering tells, see [`Draft::is_visible`].
    pub fn is_blank(&self) -> bool {
        !form::is_visible(&self.title) && !form::is_visible(&self.markdown)
    }

    /// Whether readers would see anything of it.
    pub fn is_visible(&self, rendered: &Rendered) -> bool {
        form::is_visible(&self.title) || rendering::is_visible(rendered)
    }
}

impl PostForm {
    /// # Errors
    ///
    /// Where the form names something else.
    pub fn kind(&self) -> Result<Kind, Error> {
        Kind::parse(&self.kind).ok_or_else(|| Error::BadRequest(text::posts_not_a_kind()))
    }

    /// Everything typed, by field name, for a page that carries it on.
    pub fn fields(&self) -> [(&'static str, &str); 17] {
        [
            ("id", self.id.as_str()),
            ("kind", &self.kind),
            ("version", &self.version),
            ("title", &self.title),
            ("markdown", &self.markdown),
            ("slug", &self.slug),
            ("tags", &self.tags),
            ("excerpt", &self.excerpt),
            ("canonical_url", &self.canonical_url),
            ("cover_url", &self.cover_url),
            ("cover_alt", &self.cover_alt),
            ("language", &self.language),
            ("comment_policy", &self.comment_policy),
            ("unlisted", &self.unlisted),
            ("authors", &self.authors),
            ("parent", &self.parent),
            ("menu_position", &self.menu_position),
        ]
    }

    /// The authors as they were typed, each once.
    pub fn handles(&self) -> Result<Vec<String>, Message> {
        handles(&self.authors)
    }

    pub fn parse(&self, kind: Kind, faults: &mut FormErrors) -> Option<Draft> {
        let title = faults.take(
            "title",
            form::prose_line(text::posts_a_title(), &self.title, 300),
        );
        let normalised = markdown::normalise(&self.markdown).map_err(|e| e.message());
        let markdown = faults.take("markdown", normalised);
        if markdown
            .as_ref()
            .is_some_and(|m| m.len() > markdown::POST_LIMIT_BYTES)
        {
            faults.add("markdown", text::posts_text_too_long());
        }
        let details = self.details(kind, faults);
        if !faults.is_empty() {
            return None;
        }
        Some(Draft {
            title: title?,
            markdown: markdown?,
            details: details?,
        })
    }

    fn details(&self, kind: Kind, faults: &mut FormErrors) -> Option<Details> {
        let slug = faults.take("slug", self.slug());
        let tags = faults.take("tags", TagName::parse_list(&self.tags));
        let excerpt = faults.take(
            "excerpt",
            form::prose(text::posts_an_excerpt(), &self.excerpt, 1000),
        );
        let canonical_url = faults.take(
            "canonical_url",
            form::web_address(
                text::posts_the_canonical_address(),
                &self.canonical_url,
                1000,
            ),
        );
        let cover_url = faults.take(
            "cover_url",
            form::web_address(text::posts_the_picture_address(), &self.cover_url, 1000),
        );
        let cover_alt = faults.take(
            "cover_alt",
            form::prose_line(text::posts_the_cover_description(), &self.cover_alt, 500),
        );
        let language = faults.take("language", form::language_code(&self.language));
        let comment_policy = faults.take("comment_policy", self.comment_policy());
        let menu_position = faults.take("menu_position", self.menu_position());
        let authors = faults.take("authors", self.handles());
        let parent = faults.take("parent", self.parent(kind));
        Some(Details {
            slug: slug?,
            tags: tags?,
            excerpt: excerpt?,
            canonical_url: canonical_url?,
            cover_url: cover_url?,
            cover_alt: cover_alt?,
            language: language?,
            comment_policy: comment_policy?,
            unlisted: !self.unlisted.is_empty(),
            authors: authors?,
            parent: parent?,
            menu_position: menu_position?,
        })
    }

    fn slug(&self) -> Result<String, Message> {
        let typed = self.slug.trim();
        let slug = markdown::slug(typed);
        if slug.is_empty() && !typed.is_empty() {
            return Err(text::posts_address_empty());
        }
        Ok(slug)
    }

    fn comment_policy(&self) -> Result<Option<String>, Message> {
        match self.comment_policy.as_str() {
            "" => Ok(None),
            word if CommentPolicy::parse(word).is_some() => Ok(Some(word.to_owned())),
            _ => Err(text::posts_choose_comment_policy()),
        }
    }

    fn menu_position(&self) -> Result<Option<i32>, Message> {
        match self.menu_position.trim() {
            "" => Ok(None),
            typed => match typed.parse() {
                Ok(position) => Ok(Some(position)),
                Err(_) => Err(text::posts_not_a_number()),
            },
        }
    }

    /// Only pages have one.
    fn parent(&self, kind: Kind) -> Result<String, Message> {
        let typed = match kind {
            Kind::Page => self.parent.trim().trim_matches('/'),
            Kind::Post => "",
        };
        form::line(text::posts_the_page_above(), typed, 400)
    }

    /// The form as the editor shows a saved state.
    pub fn of(
        id: FormId,
        kind: Kind,
        version: i32,
        title: &str,
        markdown: &str,
        details: &Details,
    ) -> Self {
        PostForm {
            id,
            kind: kind.as_str().to_owned(),
            version: version.to_string(),
            title: title.to_owned(),
            markdown: markdown.to_owned(),
            slug: details.slug.clone(),
            tags: details.tags_as_typed(),
            excerpt: details.excerpt.clone(),
            canonical_url: details.canonical_url.clone(),
            cover_url: details.cover_url.clone(),
            cover_alt: details.cover_alt.clone(),
            language: details.language.clone(),
            comment_policy: details.comment_policy.clone().unwrap_or_default(),
            unlisted: if details.unlisted {
                "on".into()
            } else {
                String::new()
            },
            authors: details.authors.join(", "),
            parent: details.parent.clone(),
            menu_position: details
                .menu_position
                .map(|p| p.to_string())
                .unwrap_or_default(),
            action: String::new(),
        }
    }
}

/// Handles as typed, each once. The limit is checked while reading: a form can hold a million commas.
fn handles(text: &str) -> Result<Vec<String>, Message> {
    let mut seen: Vec<String> = Vec::new();
    for handle in text
        .split([',', ' '])
        .map(|h| h.trim().trim_start_matches('@'))
        .filter(|h| !h.is_empty())
    {
        if seen.len() >= MOST_AUTHORS {
            return Err(text::posts_too_many_authors(MOST_AUTHORS));
        }
        if handle.chars().count() > USERNAME_CHARS {
            return Err(text::posts_username_too_long(USERNAME_CHARS));
        }
        if !seen
            .iter()
            .any(|s| accounts::key_of(s) == accounts::key_of(handle))
        {
            seen.push(handle.to_owned());
        }
    }
    Ok(seen)
}

/// Renders the Markdown of a post. The inner error is a sentence for its author.
pub async fn render(markdown: &str) -> Result<Result<Rendered, Message>, Error> {
    Ok(rendering::post(markdown).await?.map_err(|e| e.message()))
}

/// What lists, feeds and cards say of a text: the excerpt, else how it begins.
pub fn description(excerpt: &str, rendered: &Rendered) -> String {
    if excerpt.is_empty() {
        markdown::excerpt(&prose(rendered), 200)
    } else {
        markdown::excerpt(excerpt, 200)
    }
}

/// The start of the text without its headings, which read badly in the middle of a sentence.
fn prose(rendered: &Rendered) -> String {
    let heading = |line: &&str| rendered.headings.iter().any(|h| h.text == **line);
    rendered
        .text
        .lines()
        .filter(|line| !heading(line))
        .take(20)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_stands_beside_its_field() {
        let form = PostForm {
            title: "x".repeat(301),
            slug: "!!".into(),
            cover_url: "javascript:alert(1)".into(),
            language: "???".into(),
            comment_policy: "sometimes".into(),
            menu_position: "first".into(),
            ..PostForm::default()
        };
        let mut faults = FormErrors::default();
        assert!(form.parse(Kind::Post, &mut faults).is_none());
        for field in [
            "title",
            "slug",
            "cover_url",
            "language",
            "comment_policy",
            "menu_position",
        ] {
            assert!(faults.of(field).is_some(), "{field}");
        }
    }
}
