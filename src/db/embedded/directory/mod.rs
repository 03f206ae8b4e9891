//! The directory of the private database: where it is, whose it is, and that only one process uses it.
//!
//! A [`Place`] is chosen first, with nothing touched; claimed and locked, it is a [`Home`].

mod files;
mod home;
mod lock;
mod place;

pub(super) use files::{log_path, make_private, old_log_path, open_own};
pub(super) use home::Home;
pub(super) use place::Place;
