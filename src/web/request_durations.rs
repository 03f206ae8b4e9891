//! How long requests took until the head of their answer was there, by what answered them. What follows the head (a download
//! that is made while it is sent) is not in it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};

use crate::metrics::{Histogram, LocalHistogram, Registry};

/// In seconds: a hit, a page, one that waited for a connection, one that was given up.
const BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
const OUTCOMES: [&str; 3] = ["success", "client_error", "server_error"];

/// The requests of this process: eight histograms, 96 lines of a scrape.
#[derive(Debug)]
pub struct RequestDurations {
    /// Of the cache, without the site. Of these none is an error of the server.
    memory: [Histogram; 2],
    /// Of the site, by outcome.
    read: [Histogram; 3],
    write: [Histogram; 3],
}

impl Default for RequestDurations {
    fn default() -> Self {
        let histogram = || Histogram::new(BUCKETS);
        RequestDurations {
            memory: [histogram(), histogram()],
            read: [histogram(), histogram(), histogram()],
            write: [histogram(), histogram(), histogram()],
        }
    }
}

impl RequestDurations {
    /// All histograms, for a scrape.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let durations = self.clone();
        registry.register(move |scrape| {
            scrape.histograms(
                "masthead_http_request_duration_seconds",
                "Time from a request to the head of its answer: from memory, reads and writes of the site.",
                |family| {
                    for (kind, histograms) in [
                        ("memory", &durations.memory[..]),
                        ("read", &durations.read),
                        ("write", &durations.write),
                    ] {
                        for (outcome, histogram) in OUTCOMES.iter().zip(histograms) {
                            family.add(&[("kind", kind), ("outcome", outcome)], histogram);
                        }
                    }
                },
            );
        });
    }

    /// Counts an answer of the site.
    pub fn observe(&self, method: &Method, status: StatusCode, took: Duration) {
        let histograms = if method.is_safe() {
            &self.read
        } else {
            &self.write
        };
        histograms[outcome(status)].observe(took);
    }

    /// Where one worker counts its answers from memory.
    pub fn of_worker(&self) -> HitDurations {
        HitDurations(self.memory.each_ref().map(Histogram::local))
    }
}

/// The answers from memory of one worker.
#[derive(Debug)]
pub struct HitDurations([LocalHistogram; 2]);

impl HitDurations {
    /// Counts an answer from memory, in memory of this worker alone.
    pub fn observe(&self, status: StatusCode, took: Duration) {
        self.0[usize::from(status.is_client_error())].observe(took);
    }
}

/// Place in [`OUTCOMES`].
fn outcome(status: StatusCode) -> usize {
    match status.as_u16() {
        ..400 => 0,
        400..500 => 1,
        500.. => 2,
    }
}
