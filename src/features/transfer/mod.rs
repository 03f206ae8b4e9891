//! Bringing posts in from elsewhere: `masthead import markdown DIR`. [`crate::import`] reads the folder and knows
//! no database; [`import_markdown`] writes what it yields through the same verbs as the editor, some documents in one
//! transaction, and reports on every item. Tables: `import_sources`, `import_documents`, and those of `posts`
//! and `accounts` through their verbs.
//!
//! A folder is a source ([`identity`]); a document is found again by its import key: what the keys of the source begin
//! with, and the document's path, such as `markdown:site-content:posts/tides.md`. The last import's fingerprint and
//! revision tell whether the folder, the site or both changed since (`document`).

mod address;
mod ahead;
mod aliases;
mod asking;
mod batch;
mod controls;
mod document;
mod done;
mod fingerprint;
mod here;
mod identity;
mod import;
mod looked;
mod new_person;
mod new_posts;
mod numbered;
mod options;
mod outcome;
mod people;
mod plan;
mod queries;
mod reader;
mod report;
mod retry;
mod room;
mod run;
mod to_draft;
mod topics;
mod work;
mod write;

pub use crate::import::Expired;
pub use import::import_markdown;
pub use options::Options;
