//! The author's dashboard: looking through one's posts, and acts on many of them at once.

mod bulk;
mod copies;
mod search;
