//! The public pages: each handler takes a `PublicRequest` and gives a `Public` with the tags of what it shows.

pub mod article;
pub mod lists;
