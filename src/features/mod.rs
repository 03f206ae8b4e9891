//! The product, one folder a feature. Every folder uses the same file names: `mod.rs` (what it is, its
//! addresses, its tables), `handlers`, `model` (pure rules), `queries` (all its SQL), `views` (pages), and
//! a file named by its verb for what has several doors (`posts/publish.rs`).
//!
//! Features may use those above them in this list, never those below; `tests/integration/architecture.rs`
//! holds that.

// In order of dependence, which is what the list is for.
#![cfg_attr(rustfmt, rustfmt_skip)]

pub mod site;
pub mod accounts;
pub mod posts;
pub mod comments;
pub mod rerender;
pub mod reading;
pub mod feeds;
pub mod viewer;
pub mod transfer;
pub mod demo;
pub mod setup;
