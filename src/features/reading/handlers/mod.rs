//! The public pages: each handler takes a `PublicRequest` and gives a `Public` with the tags of what it shows.

pub mod archive;
pub mod article;
pub mod authors;
pub mod corrections;
pub mod lists;
mod missing;
pub mod social_images;
pub mod tags;
mod yielding_list;
