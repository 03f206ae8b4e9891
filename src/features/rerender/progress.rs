//! How far the job has come, for a scraper: what this process did, and what it knows to be left.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

static DONE: AtomicU64 = AtomicU64::new(0);
static LEFT: AtomicI64 = AtomicI64::new(0);

pub(super) fn done(texts: usize) {
    DONE.fetch_add(texts as u64, Ordering::Relaxed);
}

pub(super) fn left(texts: i64) {
    LEFT.store(texts, Ordering::Relaxed);
}

/// In the text format of Prometheus.
pub fn metrics() -> String {
    let (done, left) = (DONE.load(Ordering::Relaxed), LEFT.load(Ordering::Relaxed));
    format!(
        "# HELP masthead_texts_rendered_again_total Posts, pages and comments that this process has rendered again.\n\
         # TYPE masthead_texts_rendered_again_total counter\nmasthead_texts_rendered_again_total {done}\n\
         # HELP masthead_texts_to_render_again Those that are left, as this process knew after its last slice.\n\
         # TYPE masthead_texts_to_render_again gauge\nmasthead_texts_to_render_again {left}\n"
    )
}
