//! The editor's form, read field by field; each fault stands beside its field.

use super::draft::{Draft, PostForm};
use super::model::{Details, Kind};
use super::post_date::PostDate;
use super::tag_name::TagName;
use crate::features::accounts;
use crate::features::site::CommentPolicy;
use crate::markdown;
use crate::messages::{Message, text};
use crate::web::{FormErrors, form};

const MOST_AUTHORS: usize = 20;
const USERNAME_CHARS: usize = 40;

impl PostForm {
    /// The authors as they were typed, each once.
    pub fn handles(&self) -> Result<Vec<String>, Message> {
        handles(&self.authors)
    }

    pub fn parse(&self, kind: Kind, faults: &mut FormErrors) -> Option<Draft> {
        let title = form::prose_line(text::posts_a_title(), &self.title, 300);
        let title = faults.take("title", title);
        let normalised = markdown::normalise(&self.markdown).map_err(|e| e.message());
        let markdown = faults.take("markdown", normalised);
        let is_too_long = |markdown: &String| markdown.len() > markdown::POST_LIMIT_BYTES;
        if markdown.as_ref().is_some_and(is_too_long) {
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
        let typography = faults.take("typography", self.typography());
        let menu_position = faults.take("menu_position", self.menu_position());
        let authors = faults.take("authors", self.handles());
        let parent = faults.take("parent", self.parent(kind));
        let date = faults.take("date", self.date(kind));
        Some(Details {
            slug: slug?,
            tags: tags?,
            excerpt: excerpt?,
            canonical_url: canonical_url?,
            cover_url: cover_url?,
            cover_alt: cover_alt?,
            language: language?,
            comment_policy: comment_policy?,
            typography: typography?,
            unlisted: !self.unlisted.is_empty(),
            authors: authors?,
            parent: parent?,
            menu_position: menu_position?,
            date: date?,
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

    fn typography(&self) -> Result<Option<bool>, Message> {
        match self.typography.as_str() {
            "" => Ok(None),
            "on" => Ok(Some(true)),
            "off" => Ok(Some(false)),
            _ => Err(text::posts_choose_typography()),
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

    /// Only posts have one. Whether it has come yet is for the clock of the database to say.
    fn date(&self, kind: Kind) -> Result<Option<PostDate>, Message> {
        let typed = self.date.trim();
        if kind == Kind::Page || typed.is_empty() {
            return Ok(None);
        }
        PostDate::parse(typed, &self.date_zone)
            .map(Some)
            .ok_or_else(text::posts_date_unreadable)
    }

    /// Only pages have one.
    fn parent(&self, kind: Kind) -> Result<String, Message> {
        let typed = match kind {
            Kind::Page => self.parent.trim().trim_matches('/'),
            Kind::Post => "",
        };
        form::line(text::posts_the_page_above(), typed, 400)
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
        if !is_among(&seen, handle) {
            seen.push(handle.to_owned());
        }
    }
    Ok(seen)
}

fn is_among(handles: &[String], handle: &str) -> bool {
    let key = accounts::key_of(handle);
    handles.iter().any(|known| accounts::key_of(known) == key)
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
            typography: "perhaps".into(),
            menu_position: "first".into(),
            date: "yesterday".into(),
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
            "typography",
            "menu_position",
            "date",
        ] {
            assert!(faults.of(field).is_some(), "{field}");
        }
    }
}
