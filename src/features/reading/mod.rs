//! What readers see: front page, lists, tags, posts, pages. The same bytes for every client; what is personal
//! comes from `me`. `/` `/newest` `/archive` `/authors` `/@name` `/@name/slug` `/t` `/t/tag` `/p/{id}`, the picture that a link to a
//! post shows (`social_image`), and the pages of the
//! menu. Tables: `related_posts`, `related_walk` and `offered_posts`, which jobs write; reads `posts`, `post_bodies`, `tags`, `slug_history`, `redirects`.

pub mod cache_tags;
mod contents;
mod drop_cap;
pub mod handlers;
mod head;
pub mod jobs;
mod letters;
mod magazine;
pub mod queries;
mod share;
mod social_image;
mod views;
mod years;

pub use queries::{Article, Scope, newest_paths};
