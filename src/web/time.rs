//! Times in pages: absolute in the HTML (cached pages stay true), made relative in the browser.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

use crate::messages::{self, Markup, Message, text};

/// For `<time datetime>`: `2026-03-14T09:30:00Z`.
pub fn machine(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `14 March 2026`.
pub fn day(at: &DateTime<Utc>) -> Message {
    text::layout_day(at.day(), text::layout_month(at.month()), at.year())
}

/// `14`, below a heading that names the month.
pub fn day_of_month(at: &DateTime<Utc>) -> u32 {
    at.day()
}

/// `March 2026`.
pub fn month(at: &DateTime<Utc>) -> Message {
    text::layout_month_of_year(text::layout_month(at.month()), at.year())
}

/// `14 March 2026, 09:30 UTC`.
pub fn minute(at: &DateTime<Utc>) -> Message {
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    text::layout_minute(at.day(), text::layout_month(at.month()), time, at.year())
}

/// The day as it fills a sentence of a page.
pub fn day_tag(class: &str, at: &DateTime<Utc>) -> Markup {
    messages::time(class, &machine(at), &day(at))
}

/// The minute as it fills a sentence of a page.
pub fn minute_tag(at: &DateTime<Utc>) -> Markup {
    messages::time("", &machine(at), &minute(at))
}
