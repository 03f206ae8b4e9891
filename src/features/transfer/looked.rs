//! An item that was read, and whether it still has to be rendered and written.

use std::collections::HashMap;

use super::outcome::Outcome;
use super::queries::Untouched;
use super::work::{Mark, Ready};
use crate::import::Document;

/// An item that has been looked up.
pub(super) enum Looked {
    Ready(Ready),
    Changed(Box<Document>, Mark),
}

impl Looked {
    pub(super) fn told(outcome: Outcome, path: String, about: String) -> Looked {
        Looked::Ready(Ready::Told {
            outcome,
            path,
            about,
            warnings: Vec::new(),
        })
    }

    pub(super) fn mark(&self) -> Option<&Mark> {
        match self {
            Looked::Changed(_, mark) => Some(mark),
            Looked::Ready(_) => None,
        }
    }

    /// Need not be rendered where it is among those that are untouched.
    pub(super) fn judged(self, untouched: &mut HashMap<String, Untouched>) -> Looked {
        match self {
            Looked::Changed(document, mark) => match untouched.remove(&mark.key) {
                Some(post) => Looked::Ready(Ready::Unchanged { document, post }),
                None => Looked::Changed(document, mark),
            },
            ready => ready,
        }
    }
}

pub(super) fn refused(document: Document, about: String) -> Ready {
    Ready::Told {
        outcome: Outcome::Failed,
        path: document.path,
        about,
        warnings: document.warnings,
    }
}
