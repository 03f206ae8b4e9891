//! An item of a folder on its way from its file to its row.

use tokio::sync::OwnedSemaphorePermit;

use super::outcome::Outcome;
use super::queries::Untouched;
use crate::import::Document;
use crate::markdown::Rendered;

/// An item that only has to be written, or told.
pub enum Ready {
    Told {
        outcome: Outcome,
        path: String,
        about: String,
        warnings: Vec<String>,
    },
    Unchanged {
        document: Box<Document>,
        post: Untouched,
    },
    Work(Box<Work>),
}

impl Ready {
    pub fn work(&self) -> Option<&Work> {
        if let Ready::Work(work) = self {
            Some(work)
        } else {
            None
        }
    }
}

/// A document with its key, its fingerprint and its text.
pub struct Work {
    pub document: Document,
    pub mark: Mark,
    pub text: Text,
    /// What the text takes of the room for those under way, given back when it is written.
    _room: OwnedSemaphorePermit,
}

impl Work {
    pub fn new(document: Document, mark: Mark, text: Text, room: OwnedSemaphorePermit) -> Work {
        Work {
            document,
            mark,
            text,
            _room: room,
        }
    }
}

/// What the import knows a document by.
pub struct Mark {
    pub key: String,
    /// `None` in a dry run that would make the source.
    pub source_id: Option<i64>,
    pub fingerprint: [u8; 32],
}

/// A document's text as it is stored, with its rendering.
pub struct Text {
    pub markdown: String,
    pub rendered: Rendered,
}
