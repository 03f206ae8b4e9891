//! Admission control: which requests get a database connection when there are too few for all.
//!
//! Each pool of each server has an [`AdmissionQueue`]. A request [`acquire`]s a [`Permit`] there before it asks the pool, and the
//! permit is released when it is dropped. Waiting requests are served by [`Priority`]: writes first, prefetches last. Lower
//! priorities have a quota of the permits, so that bots leave room for readers. While the queue of readers is full, requests for
//! public pages wait in the [`FrontQueue`], before anything was spent on them, and are shed from there: the oldest of the lowest
//! priority first, with 503 and `Retry-After`. Writes are never shed. What waits is counted, not timed (as CoDel would), so that
//! a slow machine with a short queue rejects nothing.
//!
//! [`acquire`]: AdmissionQueue::acquire

mod front;
mod priority;
mod queue;

pub(in crate::db) use front::FrontQueue;
pub(in crate::db) use priority::{CLASSES, ORDER, priority, priority_of_request};
pub use priority::{Priority, with_priority};
pub(in crate::db) use queue::{AdmissionQueue, Permit};

/// The queue was full, or did not move in time.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejected;
