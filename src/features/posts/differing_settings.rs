//! The settings in which two versions of a text differ, under the names that the editor gives them.

use super::draft::{Draft, PostForm};
use super::model::Kind;
use crate::messages::{Label, Message, text};
use crate::web::FormId;

/// A setting with what each version has.
pub struct DifferingSetting {
    pub label: Message,
    pub old: String,
    pub new: String,
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

pub fn differing_settings(old: &Draft, new: &Draft) -> Vec<DifferingSetting> {
    let (old, new) = (form(old), form(new));
    let differing = old
        .fields()
        .into_iter()
        .zip(new.fields())
        .filter(|(old, new)| old.1 != new.1);
    differing
        .filter_map(|((field, old), (_, new))| {
            let (_, label) = LABELS.iter().find(|(known, _)| *known == field)?;
            Some(DifferingSetting {
                label: label(),
                old: shown(old),
                new: shown(new),
            })
        })
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

fn shown(value: &str) -> String {
    if value.is_empty() {
        text::posts_differs_empty().into()
    } else {
        value.to_owned()
    }
}
