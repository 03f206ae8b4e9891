//! A save that came too late: the version that stands, beside the text that could not be saved over it.

use askama::Template;
use serde_json::{Value, json};

use super::difference::{DiffLine, compare};
use super::differing_settings::{DifferingSetting, differing_settings};
use super::draft::Draft;
use super::queries::StandingVersion;
use crate::messages::{Message, html as t, text};
use crate::web::{Result, rendering, time};

/// What the conflict page shows besides the form.
#[derive(Template)]
#[template(path = "posts/_conflict.html")]
pub struct Conflict {
    standing: StandingVersion,
    /// The titles are not the same.
    retitled: bool,
    lines: Vec<DiffLine>,
    settings: Vec<DifferingSetting>,
    /// Where both can be put together.
    merge: Option<String>,
}

impl Conflict {
    /// Compares where texts are rendered: they may have a megabyte.
    pub async fn of(
        standing: StandingVersion,
        typed: Draft,
        merge: Option<String>,
    ) -> Result<Conflict> {
        let compare = move || {
            let lines = compare(&standing.draft.markdown, &typed.markdown);
            let settings = differing_settings(&standing.draft, &typed);
            Conflict {
                retitled: standing.draft.title != typed.title,
                lines,
                settings,
                merge,
                standing,
            }
        };
        rendering::run(compare).await
    }

    /// The sentence above the form.
    pub fn sentence(&self) -> Message {
        text::posts_saved_elsewhere(&self.standing.saved_by, self.standing.number)
    }

    /// For scripts: the other text, and the part of the page that shows it.
    pub fn json(&self) -> Result<Value> {
        Ok(json!({
            "version": self.standing.number,
            "title": self.standing.draft.title,
            "markdown": self.standing.draft.markdown,
            "saved_by": self.standing.saved_by,
            "saved_at": self.standing.saved_at,
            "html": self.render()?,
        }))
    }
}
