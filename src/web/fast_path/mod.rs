//! In front of everything: a page that lies in memory goes out before a route is looked for, a session thought of or
//! a span opened. Nearly all requests of a site end here, so here every nanosecond is counted.
//!
//! [`FastPath`] stands around the site (`dispatch`); [`FastPathState`] makes the answers (`state`), of which each worker keeps
//! its own for a moment (`worker_cache`).

mod dispatch;
mod state;
mod worker_cache;

pub use dispatch::{FastPath, FastPathService};
pub use state::{FastPathState, Parts};
