//! How long pages took to render, with what they read.

use std::time::Duration;

use super::LoadError;
use super::loaded::Loaded;
use crate::metrics::{Histogram, Scrape};

/// In seconds: from a page of one query to one that is given up.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Of pages that were asked for and of those that were refreshed.
pub(super) struct RenderDurations {
    success: Histogram,
    /// No connection was to be had.
    overloaded: Histogram,
    failure: Histogram,
}

impl Default for RenderDurations {
    fn default() -> Self {
        RenderDurations {
            success: Histogram::new(BUCKETS),
            overloaded: Histogram::new(BUCKETS),
            failure: Histogram::new(BUCKETS),
        }
    }
}

impl RenderDurations {
    pub(super) fn observe(&self, loaded: &Result<Loaded, LoadError>, took: Duration) {
        let histogram = match loaded {
            Ok(_) => &self.success,
            Err(fault) if fault.is_overloaded() => &self.overloaded,
            Err(_) => &self.failure,
        };
        histogram.observe(took);
    }

    pub(super) fn collect(&self, scrape: &mut Scrape<'_>) {
        scrape.histograms(
            "masthead_page_render_duration_seconds",
            "Time that a public page took to render, with what it read.",
            |family| {
                for (outcome, histogram) in [
                    ("success", &self.success),
                    ("overloaded", &self.overloaded),
                    ("failure", &self.failure),
                ] {
                    family.add(&[("outcome", outcome)], histogram);
                }
            },
        );
    }
}
