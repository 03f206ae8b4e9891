//! Commenting: threads under posts, the page for writing one, the edit window, reports, and the queue where
//! authors and moderators decide. `/@{author}/{slug}/comment` `/comments/{id}…` `/dashboard/comments`.
//! Tables: `comments`, `comment_queue`, `comment_revisions`, `reports`, and the counter `posts.comment_count`.
//!
//! The rules (which comments wait for approval, what a decision turns one into) are in [`model`]. [`mod@create`], [`edit`],
//! [`withdraw`], [`moderate`] and [`report`] are whole acts: each asks what its actor may do, locks and commits. What they are made
//! of, [`create::write`] and [`change`], are the only places that change a comment, each with its audit row and the post's counter in
//! the same transaction; [`mod@thread`] makes the tree that a post's page shows.

mod address;
pub mod cache_tags;
pub mod change;
pub mod create;
pub mod edit;
mod forms;
pub mod handlers;
pub mod jobs;
mod model;
pub mod moderate;
mod permission;
mod queries;
pub mod report;
mod target;
mod text;
mod thread;
mod thread_lines;
mod views;
pub mod withdraw;

pub use model::State;
pub use queries::{NewComment, Unseen, Waiting, WholeRow, own_unseen, waiting};
pub use text::render;
pub use thread::{ROWS_PER_PAGE, THREADS_PER_PAGE, Thread, thread};
pub use thread_lines::ThreadLine;
