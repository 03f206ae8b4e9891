//! The product, one folder a feature. Every folder uses the same file names: `mod.rs` (what it is, its
//! addresses, its tables), `handlers`, `model` (pure rules), `queries` (all its SQL, and the rows that it reads and writes),
//! `views` (pages; one that a single handler shows may stand beside it), `cache_tags` (what pages
//! show of it, and what invalidates that; called so since a blog has tags of another kind), and
//! a file named by its verb for each whole act, or for acts that belong together (`posts/publish.rs`, `posts/trash.rs`): each takes the actor, asks what that may do, and commits;
//! the handlers make a page of what it says. What the act does inside its transaction stands beside it, for doors that do many at
//! once (import, demo).
//!
//! Features know each other in one direction only: site, accounts, posts, comments, rerender, reading,
//! feeds, me, undo, transfer, demo, setup. One may use those before it in this list, never those behind it;
//! `tests/integration/architecture.rs` holds that.

pub mod accounts;
pub mod comments;
pub mod demo;
pub mod feeds;
pub mod me;
pub mod posts;
pub mod reading;
pub mod rerender;
pub mod setup;
pub mod site;
pub mod transfer;
pub mod undo;
