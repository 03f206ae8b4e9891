//! Reads what another program made of a blog and yields documents: today a folder of Markdown written for Hugo, Zola, Jekyll or
//! Hexo. The room knows no database, no HTTP and nothing else of this program, so a format is tested with files alone; the
//! feature `transfer` stores what comes out.
//!
//! **To use it**: [`open`] lists the paths, recognises the generator and reads the author and topic records; then walk over
//! [`Source::documents`]. Each document's file is read only when its turn comes, so memory does not grow with the blog. Every
//! listed file comes out once, in the order of the paths, as an [`Item`]: a [`Document`], skipped with a reason, or failed with
//! a line. What was changed or left out on the way is said in the document's warnings.
//!
//! **To teach it what another blog writes**: YAML, TOML and JSON are read in `notation.rs`, fields are looked up in `fields.rs`,
//! dates in `dates.rs`, names in `authors.rs`, links between documents in `folder_pages.rs`, shortcodes and tags in `body/`. A
//! document's old addresses come from `permalinks.rs` (its own fields), `old_address.rs` (where its generator put it) and
//! `permalink_template.rs`. Drafts and private posts: `layer.rs` (one document's settings, whose names are in `settings.rs`),
//! `cascade.rs` and `site_rules.rs` (what a section or the site says for many), which `rules.rs` puts together. A generator is
//! recognised in `signs.rs`, and the settings of the old site are found by `config.rs`. **To add a format** (WXR, Ghost), add a
//! file beside `source.rs` that yields the same items.
//!
//! Files are hostile until proven otherwise: sizes, nesting and alias expansion are bounded, links out of the folder are not
//! followed, and all searching is linear.

mod addresses;
mod author_records;
mod author_ref;
mod authors;
mod body;
mod cascade;
mod closer;
mod config;
mod config_file;
mod cover;
mod dates;
mod document;
mod document_file;
mod fields;
mod file_name;
mod folder_pages;
mod front_matter;
mod generator;
mod glob;
mod inherited;
mod item;
mod json;
mod language;
mod layer;
mod layer_dates;
mod layer_output;
mod location;
mod moment;
mod notation;
mod old_address;
mod opening;
mod org;
mod pages;
mod permalink_template;
mod permalinks;
mod records;
mod role;
mod rules;
mod scan;
mod setting_values;
mod settings;
mod signs;
mod site;
mod site_rules;
mod skip_reason;
mod source;
mod suspicion;
mod tags;
mod text;
mod text_file;
mod value;
mod visibility;
mod warnings;
mod yaml;
mod yaml_builder;
mod yaml_frame;

/// Reads the front matter of a file and throws it away, for the fuzzer: whatever is in the file, this returns.
#[cfg(fuzzing)]
pub fn read_front_matter(file: &str) {
    drop(front_matter::split(file));
}

pub use author_records::AuthorRecord;
pub use author_ref::AuthorRef;
pub use cover::Cover;
pub use document::{BODY_LIMIT, Document};
pub use generator::Generator;
pub use item::Item;
pub use location::Kind;
pub use records::TopicRecord;
pub use rules::Reading;
pub use scan::OpenError;
pub use site::Site;
pub use skip_reason::SkipReason;
pub use source::{Source, open};
pub use visibility::{Expired, Reason, Visibility};
