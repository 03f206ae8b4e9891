//! The page of an author with what guests have left on a text: by paragraph, in the order of the text.

use std::collections::BTreeMap;

use askama::Template;
use uuid::Uuid;

use super::difference::{self, DiffLine};
use super::model::Status;
use super::note_anchor::{Found, Paragraphs};
use super::queries::{GuestNote, PostRow, SettledNote};
use crate::markdown;
use crate::messages::{Message, html as t, text};
use crate::web::{Frame, time};

/// As many as the page shows, see `queries::pending_notes`.
const MOST_SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "posts/notes.html")]
pub struct NotesPage {
    pub frame: Frame,
    pub post: PostRow,
    pub pending: PendingNotes,
    pub settled: Vec<SettledNote>,
    /// Why the edit of this note is not in the text.
    pub refused: Option<(Uuid, Message)>,
}

impl NotesPage {
    fn shown_title(&self) -> &str {
        match self.post.title.is_empty() {
            true => text::posts_untitled().words(),
            false => &self.post.title,
        }
    }

    /// Id of the line that stands above a suggestion.
    fn suggests_id(&self, note: &Uuid) -> String {
        format!("suggests-{note}")
    }

    fn refusal(&self, note: &Uuid) -> Option<&Message> {
        let refused = self.refused.as_ref().filter(|(id, _)| id == note);
        refused.map(|(_, why)| why)
    }
}

/// What waits for its authors.
pub struct PendingNotes {
    pub count: usize,
    pub paragraphs: Vec<NotedParagraph>,
    /// On what is not in the text any more.
    pub gone: Vec<PendingNote>,
}

/// A paragraph of the text with its notes.
pub struct NotedParagraph {
    /// From 1.
    pub number: usize,
    pub text: String,
    pub notes: Vec<PendingNote>,
}

pub struct PendingNote {
    pub note: GuestNote,
    /// What the suggestion changes.
    pub lines: Vec<DiffLine>,
    /// The paragraph is as it was when the note was left.
    pub is_current: bool,
}

impl PendingNote {
    fn of(note: GuestNote, is_current: bool) -> PendingNote {
        let suggestion = note.suggestion.as_deref();
        let lines = suggestion.map_or_else(Vec::new, |suggestion| {
            difference::compare(&note.anchor.paragraph, suggestion)
        });
        PendingNote {
            note,
            lines,
            is_current,
        }
    }

    fn can_be_put_in(&self) -> bool {
        self.is_current && self.note.suggestion.is_some()
    }
}

impl PendingNotes {
    /// Finds the paragraphs of notes in a text, which takes as long as its reading: it belongs where texts are rendered.
    pub fn of(source: &str, notes: Vec<GuestNote>) -> PendingNotes {
        let (count, paragraphs) = (notes.len(), Paragraphs::of(source));
        let (mut found, mut gone) = (BTreeMap::<usize, Vec<PendingNote>>::new(), Vec::new());
        for note in notes {
            match paragraphs.find(&note.anchor) {
                Found::Same(number) => {
                    let notes = found.entry(number).or_default();
                    notes.push(PendingNote::of(note, true));
                }
                Found::Edited(number) => {
                    let notes = found.entry(number).or_default();
                    notes.push(PendingNote::of(note, false));
                }
                Found::Gone => gone.push(PendingNote::of(note, false)),
            }
        }
        let noted = found.into_iter().map(|(number, notes)| NotedParagraph {
            number: number + 1,
            text: paragraphs.anchor(number).paragraph,
            notes,
        });
        PendingNotes {
            count,
            paragraphs: noted.collect(),
            gone,
        }
    }

    fn is_cut_off(&self) -> bool {
        self.count >= MOST_SHOWN
    }
}

impl SettledNote {
    fn can_be_reopened(&self) -> bool {
        self.version.is_none()
    }

    /// How the paragraph begins that it was left on.
    fn begin(&self) -> String {
        markdown::excerpt(&self.paragraph, 60)
    }
}
