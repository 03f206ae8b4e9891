//! Reads a folder of Markdown written for Hugo, Zola, Jekyll or Hexo and yields its documents one by one. It knows
//! no database: the code that stores the documents calls [`open`], then walks over [`Source::documents`].
//!
//! [`open`] lists the paths, tells which generator the folder was made for and reads the author and topic records;
//! each document's file is read only when its turn comes, so memory does not grow with the blog. Every listed
//! file comes out once, in the order of the paths: as a document, as skipped with a reason, or as failed with a
//! line. To teach it a new notation: fields are looked up in `document.rs`, dates in `dates.rs`, names in
//! `authors.rs`, old addresses in `permalinks.rs`, links between documents in `pages.rs`, shortcodes and tags in `body/`, drafts and private posts in `visibility.rs` (one
//! document's settings, whose names are in `settings.rs`) and `rules.rs` (what a section or the site says for many). The
//! settings of the old site are found by `config.rs`.
//!
//! Files are hostile until proven otherwise: sizes, nesting and alias expansion are bounded, links out of the
//! folder are not followed, and all searching is linear.

mod authors;
mod body;
mod config;
mod cover;
mod dates;
mod document;
mod front_matter;
mod glob;
mod item;
mod json;
mod notes;
mod opening;
mod org;
mod pages;
mod permalinks;
mod place;
mod rules;
mod settings;
mod site;
mod source;
mod tags;
mod text;
mod value;
mod visibility;
mod walk;
mod yaml;

/// Reads the front matter of a file and throws it away, for the fuzzer: whatever is in the file, this returns.
#[cfg(fuzzing)]
pub fn read_front_matter(file: &str) {
    drop(front_matter::split(file));
}

pub use authors::{AuthorRecord, AuthorRef};
pub use cover::Cover;
pub use document::{BODY_LIMIT, Document};
pub use item::{Item, SkipReason};
pub use place::Kind;
pub use rules::Reading;
pub use site::{Generator, Site};
pub use source::{OpenError, Source, TopicRecord, open};
pub use visibility::{Expired, Reason, Visibility};
