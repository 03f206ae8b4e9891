//! Bringing texts in from elsewhere: `masthead import markdown DIR`. [`markdown`] reads the folder and knows
//! no database; [`import_markdown`] writes what it yields through the same verbs as the editor, one
//! transaction a document, and reports on every item. Tables: through `posts` and `accounts`.
//!
//! A document is found again by its import key: `markdown:`, the last two names of the folder's real path, and
//! the document's path in it, such as `markdown:site/content/posts/tides.md`. So a blog may move to another place
//! on the disk, but a folder whose name or whose parent's name changed comes in as a new blog.

mod aliases;
mod fit;
mod import;
pub mod markdown;
mod people;
mod queries;
mod report;

pub use import::import_markdown;
