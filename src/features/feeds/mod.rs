//! What machines read: Atom, RSS and JSON Feed of the site, of an author and of a tag, the sitemap and
//! `robots.txt`. `/feed.{atom,rss,json}`, the same under `/@name/` and `/t/tag/`, their aliases, `/sitemap.xml`
//! `/robots.txt` `/.well-known/change-password`. Tables: reads `posts`, `post_bodies`, `post_authors`, `tags`.
//!
//! A feed is made in two steps: `document` gathers what it says, whatever the format; `atom`, `rss` and `json`
//! only write that down. Ids are made of public ids, never of titles or addresses: an id that changes shows
//! every post a second time to every subscriber.

mod atom;
mod author;
mod content;
mod document;
mod entry;
mod format;
pub mod handlers;
mod json;
mod queries;
mod rss;
pub mod sitemap;
