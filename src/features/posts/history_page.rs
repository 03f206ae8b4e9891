//! The pages of the versions of a post, as their templates take them.

use askama::Template;

use super::difference::DiffLine;
use super::differing_settings::DifferingSetting;
use super::model::Label;
use super::queries::{KeptVersion, PostRow, RevisionLine, VersionsHere};
use super::rendered_difference::Block;
use crate::messages::{Message, html as t, text};
use crate::web::{Frame, time};

#[derive(Template)]
#[template(path = "posts/history.html")]
pub struct HistoryPage {
    pub frame: Frame,
    pub post: PostRow,
    pub here: VersionsHere,
    /// There are newer versions, on pages before this one.
    pub is_later: bool,
}

impl HistoryPage {
    fn is_seen(&self, version: &RevisionLine) -> bool {
        is_seen(&self.post, version.number)
    }

    /// What it was for readers, where that is not what every new version is.
    fn told<'a>(&self, version: &'a RevisionLine) -> Option<&'a str> {
        let label = version.label.as_deref();
        label.filter(|label| *label != Label::Update.as_str())
    }
}

#[derive(Template)]
#[template(path = "posts/version.html")]
pub struct VersionPage {
    pub frame: Frame,
    pub post: PostRow,
    pub version: KeptVersion,
    /// With another version: none where this is the first that was kept.
    pub comparison: Option<Comparison>,
    /// Why it was not brought back.
    pub fault: Option<Message>,
}

impl VersionPage {
    /// The list of all versions.
    fn history(&self) -> String {
        format!("/p/{}/history", self.post.public_id)
    }

    fn is_seen(&self) -> bool {
        is_seen(&self.post, self.version.number)
    }

    fn is_newest(&self) -> bool {
        self.version.number == self.post.version
    }

    /// The same comparison, of what readers see or of what was typed: the one that is not shown.
    fn other_view(&self, comparison: &Comparison) -> String {
        let (history, number) = (self.history(), self.version.number);
        let with = match comparison.old == number {
            true => comparison.new,
            false => comparison.old,
        };
        let rendered = comparison.rendered.is_none();
        format!("{history}/{number}?with={with}&rendered={rendered}")
    }

    /// Whether the newest version is neither of the two that are compared.
    fn newest_is_elsewhere(&self) -> bool {
        let newest = self.comparison.as_ref().map(|comparison| comparison.new);
        !self.is_newest() && newest != Some(self.post.version)
    }
}

/// Two versions, of which the older one is the old text.
pub struct Comparison {
    pub old: i32,
    pub new: i32,
    /// The title of each, where they differ.
    pub titles: Option<[String; 2]>,
    pub settings: Vec<DifferingSetting>,
    pub lines: Vec<DiffLine>,
    /// Both as readers see them, where that was asked for.
    pub rendered: Option<Vec<Block>>,
}

impl Comparison {
    fn is_empty(&self) -> bool {
        self.titles.is_none() && self.settings.is_empty() && self.lines.is_empty()
    }
}

/// Whether it is what readers get.
fn is_seen(post: &PostRow, number: i32) -> bool {
    post.is_public() && post.public_version == number
}

fn shown_title(title: &str) -> &str {
    if title.is_empty() {
        text::posts_untitled().words()
    } else {
        title
    }
}
