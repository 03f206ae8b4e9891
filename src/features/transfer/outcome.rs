//! What became of an item, as the report names and counts it.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Added,
    Updated,
    Unchanged,
    Kept,
    Skipped,
    Failed,
}

impl Outcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
            Outcome::Kept => "kept: changed here",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "failed",
        }
    }
}
