//! How visible a document is, and why: what the generator would not have shown is not public here either. A setting that
//! cannot be understood hides the document: the other mistake cannot be taken back. Settings are read in `layer.rs` and
//! `rules.rs`.

use super::warnings::Warnings;

/// From most to least visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    Public,
    /// Public to those who know its address; in no list.
    Unlisted,
    Draft,
}

/// Why a document is not public, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Draft,
    Scheduled,
    Expired,
    Private,
    NotBuilt,
    Hidden,
    Unreadable,
}

impl Reason {
    /// For the summary: "12 " and this.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Draft => "marked as drafts",
            Self::Scheduled => "dated in the future",
            Self::Expired => "past their expiry date",
            Self::Private => "private or behind a password",
            Self::NotBuilt => "not built by their generator",
            Self::Hidden => "hidden from lists or search engines",
            Self::Unreadable => "with a setting that could not be understood",
        }
    }
}

/// What becomes of a document whose expiry date has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expired {
    Keep,
    Unlisted,
    #[default]
    Draft,
}

/// What was found; the gravest counts.
#[derive(Debug, Default)]
pub(super) struct Decision {
    found: Vec<(Visibility, Reason, String)>,
    pub(super) has_expired: bool,
}

impl Decision {
    pub(super) fn hide(&mut self, visibility: Visibility, reason: Reason, why: impl Into<String>) {
        self.found.push((visibility, reason, why.into()));
    }

    /// The decision, and a note for each thing that led to it.
    pub(super) fn finish(self, warnings: &mut Warnings) -> (Visibility, Option<Reason>) {
        let strictest = self
            .found
            .iter()
            .map(|(visibility, ..)| *visibility)
            .max()
            .unwrap_or(Visibility::Public);
        let place = match strictest {
            Visibility::Draft => "it is a draft here",
            Visibility::Unlisted => "it is unlisted here",
            Visibility::Public => "it is public here all the same",
        };
        let decisive = self
            .found
            .iter()
            .find(|(visibility, ..)| *visibility == strictest)
            .map(|(_, reason, _)| *reason);
        for (_, _, why) in self.found {
            warnings.add(format!("{why}: {place}"));
        }
        (strictest, decisive)
    }
}
