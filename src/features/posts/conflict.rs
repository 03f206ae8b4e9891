//! A save that came too late: the version that stands, beside the text that could not be saved over it.

use std::time::{Duration, Instant};

use askama::Template;
use serde_json::{Value, json};
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

use super::draft::{Draft, PostForm};
use super::model::Kind;
use super::queries::StandingVersion;
use crate::messages::{Label, Message, html as t, text};
use crate::web::{FormId, Result, rendering, time};

/// Lines that are shown around each difference.
const CONTEXT: usize = 2;
/// More differing lines are of no help: below them stands the whole text.
const MOST_LINES: usize = 500;
/// Afterwards the comparison becomes coarser, never wrong.
const COMPARING: Duration = Duration::from_millis(200);

/// What the conflict page shows besides the form.
#[derive(Template)]
#[template(path = "posts/_conflict.html")]
pub struct Conflict {
    standing: StandingVersion,
    /// The titles are not the same.
    retitled: bool,
    lines: Vec<DiffLine>,
    /// Settings that differ: label, and what the saved version has.
    settings: Vec<(Message, String)>,
}

/// A line of the comparison.
#[derive(Debug, PartialEq, Eq)]
enum DiffLine {
    Both(String),
    OnlySaved(String),
    OnlyTyped(String),
    /// Lines that are the same were left out, or there are too many.
    Gap,
}

impl Conflict {
    /// Compares where texts are rendered: they may have a megabyte.
    pub async fn of(standing: StandingVersion, typed: Draft) -> Result<Conflict> {
        let compare = move || {
            let lines = compare(&standing.draft.markdown, &typed.markdown);
            let settings = settings(&standing.draft, &typed);
            Conflict {
                retitled: standing.draft.title != typed.title,
                lines,
                settings,
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

fn compare(saved: &str, typed: &str) -> Vec<DiffLine> {
    let mut config = TextDiff::configure();
    config
        .algorithm(Algorithm::Myers)
        .deadline(Instant::now() + COMPARING);
    // Without their ends: a last line is the same with and without one.
    let (saved, typed): (Vec<&str>, Vec<&str>) = (saved.lines().collect(), typed.lines().collect());
    let diff = config.diff_slices(&saved, &typed);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        if group
            .first()
            .is_some_and(|op| op.old_range().start > 0 || op.new_range().start > 0)
        {
            lines.push(DiffLine::Gap);
        }
        for change in group.iter().flat_map(|op: &DiffOp| diff.iter_changes(op)) {
            let text = change.value().to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => DiffLine::Both(text),
                ChangeTag::Delete => DiffLine::OnlySaved(text),
                ChangeTag::Insert => DiffLine::OnlyTyped(text),
            });
        }
        if lines.len() > MOST_LINES {
            lines.truncate(MOST_LINES);
            lines.push(DiffLine::Gap);
            break;
        }
    }
    lines
}

/// What the editor calls the fields in which two versions can differ.
const LABELS: [(&str, Label); 14] = [
    ("slug", text::posts_differs_slug),
    ("tags", text::posts_differs_tags),
    ("excerpt", text::posts_differs_excerpt),
    ("canonical_url", text::posts_differs_canonical_url),
    ("cover_url", text::posts_differs_cover_url),
    ("cover_alt", text::posts_differs_cover_alt),
    ("language", text::posts_differs_language),
    ("comment_policy", text::posts_differs_comment_policy),
    ("typography", text::posts_differs_typography),
    ("unlisted", text::posts_differs_unlisted),
    ("authors", text::posts_differs_authors),
    ("parent", text::posts_differs_parent),
    ("menu_position", text::posts_differs_menu_position),
    ("date", text::posts_differs_date),
];

fn settings(saved: &Draft, typed: &Draft) -> Vec<(Message, String)> {
    let (saved, typed) = (form(saved), form(typed));
    let typed = typed.fields();
    let differing = saved
        .fields()
        .into_iter()
        .zip(typed)
        .filter(|(saved, typed)| saved.1 != typed.1);
    differing
        .filter_map(|((name, value), _)| labelled(name, value))
        .collect()
}

fn form(draft: &Draft) -> PostForm {
    PostForm::of(
        FormId::default(),
        Kind::Post,
        0,
        &draft.title,
        "",
        &draft.details,
    )
}

/// A setting with the name that the editor gives it; `None` where it is no setting.
fn labelled(field: &str, value: &str) -> Option<(Message, String)> {
    let (_, label) = LABELS.iter().find(|(known, _)| *known == field)?;
    let value = if value.is_empty() {
        text::posts_differs_empty().into()
    } else {
        value.to_owned()
    };
    Some((label(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_what_is_around_it() {
        let saved = "a\nb\nc\nd\ne\nf\nold\ng\n";
        let typed = "a\nb\nc\nd\ne\nf\nnew\nnewer\ng\n";
        let both = |text: &str| DiffLine::Both(text.into());
        assert_eq!(
            compare(saved, typed),
            [
                DiffLine::Gap,
                both("e"),
                both("f"),
                DiffLine::OnlySaved("old".into()),
                DiffLine::OnlyTyped("new".into()),
                DiffLine::OnlyTyped("newer".into()),
                both("g"),
            ]
        );
        assert!(compare("same", "same").is_empty());
        assert_eq!(
            compare("first\nlast\n", "new\nlast"),
            [
                DiffLine::OnlySaved("first".into()),
                DiffLine::OnlyTyped("new".into()),
                both("last")
            ]
        );
        let long = |word: &str| {
            (0..5_000)
                .map(|n| format!("{word} {n}\n"))
                .collect::<String>()
        };
        assert!(compare(&long("old"), &long("new")).len() <= MOST_LINES + 1);
    }
}
