//! Until when a page is true by itself: something that it shows, or does not show yet, changes at a time that is known beforehand,
//! without a change that anything could hear of.
//!
//! What is read says so ([`expires_at`]), wherever that is in a handler, so that no page can forget it. The page is made again
//! after that time, and shared caches are told not to keep it longer.

use std::cell::Cell;

use chrono::{DateTime, Utc};

tokio::task_local! {
    static EXPIRES: Cell<Option<DateTime<Utc>>>;
}

/// Notes that the page which is being made is true until then at most, by the clock of the database. Outside of a load it does nothing.
pub fn expires_at(time: DateTime<Utc>) {
    let _ = EXPIRES.try_with(|noted| {
        noted.set(Some(noted.get().map_or(time, |earlier| earlier.min(time))));
    });
}

/// Runs a load, and gives the earliest time that it noted.
pub(super) async fn tracking<F: Future>(load: F) -> (F::Output, Option<DateTime<Utc>>) {
    EXPIRES
        .scope(Cell::new(None), async {
            let output = load.await;
            (output, EXPIRES.with(Cell::get))
        })
        .await
}
