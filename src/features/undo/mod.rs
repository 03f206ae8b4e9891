//! Undoing an act for ten minutes: `POST /dashboard/undo`, with the ticket that the page after the act holds. It stands behind the features
//! whose acts it undoes; each of these keeps what it has to know for it (`posts/unpublish.rs`, `posts/trash.rs`,
//! `comments/moderate.rs`, `accounts/change_role.rs`) and asks `can` again. No tables.

pub mod handlers;
mod take_back;
