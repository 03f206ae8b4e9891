//! What an author writes, as the editor's form carries it and as it is saved.

use serde::Deserialize;

use super::model::{Details, Kind};
use crate::features::site::SiteTypography;
use crate::markdown::{self, Rendered, Typography};
use crate::messages::{Message, text};
use crate::web::{Error, FormId, form, rendering};

/// The editor's form as it travels: 1 MiB of text can be three times that percent-encoded.
pub const FORM_LIMIT: usize = 4 * 1024 * 1024;

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
    /// `on`, `off`, or empty: as on the whole site.
    pub typography: String,
    pub unlisted: String,
    pub authors: String,
    pub parent: String,
    pub menu_position: String,
    /// When it counts as published, as browsers send a time: `2026-03-01T12:00`.
    pub date: String,
    /// The time zone of that clock.
    pub date_zone: String,
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

    /// With its title and excerpt as readers see them.
    pub fn set(&self, typography: &Typography) -> Draft {
        let mut set = self.clone();
        set.title = typography.line(&self.title).into_owned();
        set.details.excerpt = typography.line(&self.details.excerpt).into_owned();
        set
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
    pub fn fields(&self) -> [(&'static str, &str); 20] {
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
            ("typography", &self.typography),
            ("unlisted", &self.unlisted),
            ("authors", &self.authors),
            ("parent", &self.parent),
            ("menu_position", &self.menu_position),
            ("date", &self.date),
            ("date_zone", &self.date_zone),
        ]
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
        let (date, date_zone) = details.date.as_ref().map_or_else(Default::default, |date| {
            (date.local.clone(), date.zone.clone())
        });
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
            typography: typography_word(details.typography).to_owned(),
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
            date,
            date_zone,
            action: String::new(),
        }
    }
}

/// As the form has a choice of typography.
fn typography_word(own: Option<bool>) -> &'static str {
    match own {
        Some(true) => "on",
        Some(false) => "off",
        None => "",
    }
}

/// Renders the Markdown of a post. The inner error is a sentence for its author.
pub async fn render(
    markdown: &str,
    typography: &Typography,
) -> Result<Result<Rendered, Message>, Error> {
    let rendered = rendering::post(markdown, typography).await?;
    Ok(rendered.map_err(|e| e.message()))
}

/// As [`render`], with the typography that the draft or the site chooses.
pub async fn render_draft(
    draft: &Draft,
    site: &SiteTypography,
) -> Result<Result<Rendered, Message>, Error> {
    let Details {
        typography,
        language,
        ..
    } = &draft.details;
    render(&draft.markdown, &site.of_text(*typography, language)).await
}

/// As [`render_draft`], for a preview beside the text: the HTML names the lines that its blocks begin in.
pub async fn render_with_lines(
    draft: &Draft,
    site: &SiteTypography,
) -> Result<Result<Rendered, Message>, Error> {
    let details = &draft.details;
    let typography = site.of_text(details.typography, &details.language);
    let rendered = rendering::post_with_lines(&draft.markdown, &typography).await?;
    Ok(rendered.map_err(|e| e.message()))
}

/// What lists, feeds and cards say of a text: the excerpt, else how it begins.
pub fn description(excerpt: &str, rendered: &Rendered) -> String {
    let excerpt = &*rendered.typography.line(excerpt);
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
