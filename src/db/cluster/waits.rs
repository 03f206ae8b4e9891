//! How long requests waited for a connection: in the queue for a permit, for the pool, and for a replica that had to come far
//! enough first.

use crate::db::admission::{CLASSES, ORDER, Priority};
use crate::metrics::{Histogram, Scrape, Timer};

/// In seconds. Most get theirs within a millisecond. The queue gives up after three seconds, the pool after one more.
const BUCKETS: &[f64] = &[
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 5.0,
];

/// The waits of this process, also those that ended without a connection.
pub(in crate::db) struct Waits {
    of: [Histogram; CLASSES],
    /// Of requests that had to wait in front of the site.
    admission: Histogram,
}

impl Default for Waits {
    fn default() -> Self {
        Waits {
            of: ORDER.map(|_| Histogram::new(BUCKETS)),
            admission: Histogram::new(BUCKETS),
        }
    }
}

impl Waits {
    /// To be dropped when the connection is there.
    pub(in crate::db) fn begin(&self, priority: Priority) -> Timer<'_> {
        self.of[priority as usize].timer()
    }

    /// To be dropped when the request is admitted or refused.
    pub(in crate::db) fn begin_admission(&self) -> Timer<'_> {
        self.admission.timer()
    }

    pub(in crate::db) fn collect(&self, scrape: &mut Scrape<'_>) {
        scrape.histograms(
            "masthead_db_wait_seconds",
            "Time that a request waited for a connection, by its priority.",
            |family| {
                for (priority, histogram) in ORDER.iter().zip(&self.of) {
                    family.add(&[("priority", priority.name())], histogram);
                }
            },
        );
        scrape.histogram(
            "masthead_admission_wait_seconds",
            "Time that a request for a page waited in front, until it was admitted or refused.",
            &self.admission,
        );
    }
}
