//! What a post is called. The title that its author gave; else the heading that its text begins with, which then stands there
//! as the title and not in the text; else it has none, and where something has to name it, its first words do.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::markdown::{self, Rendered};
use crate::web::time;

/// A text as a page shows it below its title.
pub struct Titled<'a> {
    /// Empty: it has none.
    pub title: Cow<'a, str>,
    /// Of the heading that became the title, so that links to it still find it.
    pub id: Option<String>,
    pub html: &'a str,
}

/// `title`: as the author gave it.
pub fn titled<'a>(title: &'a str, html: &'a str) -> Titled<'a> {
    let untouched = Titled {
        title: title.into(),
        id: None,
        html,
    };
    if !title.is_empty() {
        return untouched;
    }
    markdown::opening(html).map_or(untouched, |opening| Titled {
        title: opening.text.into(),
        id: opening.id,
        html: opening.rest,
    })
}

/// The heading that a text begins with, as it is stored; may be empty.
pub fn heading(rendered: &Rendered) -> String {
    markdown::opening(&rendered.html).map_or_else(String::new, |opening| opening.text)
}

/// What the address of a new post is made of.
pub(super) fn of_draft(title: &str, rendered: &Rendered) -> String {
    let title = titled(title, &rendered.html).title;
    if title.is_empty() {
        markdown::excerpt(&rendered.text, 50)
    } else {
        title.into_owned()
    }
}

/// A name where there has to be one: the title, else the first words, else, for a picture, its day where the site is.
pub fn name<'a>(
    title: &'a str,
    description: &str,
    (published_at, zone): (&DateTime<Utc>, &Tz),
) -> Cow<'a, str> {
    if !title.is_empty() {
        return title.into();
    }
    match markdown::excerpt(description, 60) {
        words if words.is_empty() => Cow::Owned(time::day(published_at, zone).into()),
        words => words.into(),
    }
}
