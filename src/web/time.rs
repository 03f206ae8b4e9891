//! Times in pages: absolute in the HTML (cached pages stay true), made relative in the browser.

use chrono::{DateTime, Utc};

/// For `<time datetime>`: `2026-03-14T09:30:00Z`.
pub fn machine(at: &DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `14 March 2026`.
pub fn day(at: &DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

/// `14 March 2026, 09:30 UTC`.
pub fn minute(at: &DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}
