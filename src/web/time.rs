//! Times in pages: absolute in the HTML (cached pages stay true), made relative in the browser.

use std::sync::LazyLock;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, SecondsFormat, Utc};

// Read once: a thread of comments writes a hundred times.
static DAY: LazyLock<Vec<Item<'static>>> =
    LazyLock::new(|| StrftimeItems::new("%-d %B %Y").collect());
static MINUTE: LazyLock<Vec<Item<'static>>> =
    LazyLock::new(|| StrftimeItems::new("%-d %B %Y, %H:%M UTC").collect());

/// For `<time datetime>`: `2026-03-14T09:30:00Z`.
pub fn machine(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `14 March 2026`.
pub fn day(at: &DateTime<Utc>) -> String {
    at.format_with_items(DAY.iter()).to_string()
}

/// `14 March 2026, 09:30 UTC`.
pub fn minute(at: &DateTime<Utc>) -> String {
    at.format_with_items(MINUTE.iter()).to_string()
}
