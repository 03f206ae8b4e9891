//! Bringing texts in from elsewhere: `masthead import markdown DIR`. [`markdown`] reads the folder and knows
//! no database; [`import_markdown`] writes what it yields through the same verbs as the editor, one
//! transaction a document, and reports on every item. Tables: through `posts` and `accounts`.

mod import;
pub mod markdown;
mod people;
mod queries;
mod report;

pub use import::import_markdown;
