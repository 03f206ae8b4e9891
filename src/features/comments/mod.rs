//! Commenting: threads under posts, the page for writing one, the edit window, reports, and the queue where
//! authors and moderators decide. `/@{author}/{slug}/comment` `/comments/{id}…` `/dashboard/comments`.
//! Tables: `comments`, `comment_queue`, `comment_revisions`, `reports`, and the counter `posts.comment_count`.
//!
//! The rules (who waits for approval, what a decision turns a comment into) are in [`model`]; [`mod@write`] and
//! [`change`] are the only places that change a comment, each with its audit row and the post's counter in
//! the same transaction; [`mod@thread`] makes the tree that a post's page shows.

pub mod change;
pub mod handlers;
pub mod jobs;
mod model;
mod queries;
mod text;
mod thread;
mod views;
pub mod write;

pub use model::State;
pub use queries::WholeRow;
pub use text::render;
pub use thread::{ROWS_PER_PAGE, THREADS_PER_PAGE, Thread, ThreadLine, thread};
