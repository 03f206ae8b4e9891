//! How far the job has come, for a scraper: what this process did, and what it knows to be left.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::metrics::Registry;

static DONE: AtomicU64 = AtomicU64::new(0);
static LEFT: AtomicI64 = AtomicI64::new(0);

pub(super) fn done(texts: usize) {
    DONE.fetch_add(texts as u64, Ordering::Relaxed);
}

pub(super) fn left(texts: i64) {
    LEFT.store(texts, Ordering::Relaxed);
}

pub fn register(registry: &mut Registry) {
    registry.register(|scrape| {
        scrape.counter(
            "masthead_texts_rendered_again_total",
            "Posts, pages and comments that this process has rendered again.",
            DONE.load(Ordering::Relaxed),
        );
        scrape.gauge(
            "masthead_texts_to_render_again",
            "Those that are left, as this process knew after its last slice.",
            LEFT.load(Ordering::Relaxed) as f64,
        );
    });
}
