//! Times in pages: absolute in the HTML (cached pages stay true), made relative in the browser. Days, months and clocks are those of
//! the site's time zone; what machines read is UTC.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use crate::messages::{self, Markup, Message, text};

/// For `<time datetime>`: `2026-03-14T09:30:00Z`.
pub fn machine(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `14 March 2026`.
pub fn day(at: &DateTime<Utc>, zone: &Tz) -> Message {
    let at = at.with_timezone(zone);
    text::layout_day(at.day(), text::layout_month(at.month()), at.year())
}

/// `14`, below a heading that names the month.
pub fn day_of_month(at: &DateTime<Utc>, zone: &Tz) -> u32 {
    at.with_timezone(zone).day()
}

/// `March 2026`, of a day in it.
pub fn month(day: &NaiveDate) -> Message {
    text::layout_month_of_year(text::layout_month(day.month()), day.year())
}

/// The first day of the month in which it was.
pub fn first_of_month(at: &DateTime<Utc>, zone: &Tz) -> NaiveDate {
    let day = at.with_timezone(zone).date_naive();
    day.with_day(1).unwrap_or(day)
}

/// `14 March 2026, 09:30 UTC`.
pub fn minute(at: &DateTime<Utc>, zone: &Tz) -> Message {
    let at = at.with_timezone(zone);
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    let month = text::layout_month(at.month());
    text::layout_minute(at.day(), month, time, at.year(), name(&at))
}

/// As people call the zone at that time of the year, `CET`; its distance from UTC where it has no such name.
fn name(at: &DateTime<Tz>) -> String {
    let name = at.format("%Z").to_string();
    if name.starts_with(['+', '-']) {
        at.format("UTC%:z").to_string()
    } else {
        name
    }
}

/// When a day begins: at midnight, where there is one. The earlier of two where clocks were put back to it.
pub fn begin(day: NaiveDate, zone: &Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Clocks that were put forward at midnight: the day begins when they were.
    let begins = (0..=QUARTERS_OF_A_DAY).find_map(|quarters| {
        let at = midnight + TimeDelta::minutes(15 * quarters);
        zone.from_local_datetime(&at).earliest()
    });
    begins.map_or(midnight.and_utc(), |at| at.with_timezone(&Utc))
}

const QUARTERS_OF_A_DAY: i64 = 96;

/// The day as it fills a sentence of a page.
pub fn day_tag(class: &str, at: &DateTime<Utc>, zone: &Tz) -> Markup {
    messages::time(class, &machine(at), &day(at, zone))
}

/// The minute as it fills a sentence of a page.
pub fn minute_tag(at: &DateTime<Utc>, zone: &Tz) -> Markup {
    messages::time("", &machine(at), &minute(at, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_clocks_are_those_of_the_zone() {
        let new_year = at("2025-12-31T23:30:00Z");
        for (zone, day_there, minute_there) in [
            (Tz::UTC, "31 December 2025", "31 December 2025, 23:30 UTC"),
            (
                Tz::Europe__Berlin,
                "1 January 2026",
                "1 January 2026, 00:30 CET",
            ),
            (
                Tz::America__Sao_Paulo,
                "31 December 2025",
                "31 December 2025, 20:30 UTC-03:00",
            ),
            (
                Tz::Asia__Kathmandu,
                "1 January 2026",
                "1 January 2026, 05:15 UTC+05:45",
            ),
        ] {
            assert_eq!(day(&new_year, &zone).to_string(), day_there);
            assert_eq!(minute(&new_year, &zone).to_string(), minute_there);
        }
        let first = first_of_month(&new_year, &Tz::Europe__Berlin);
        assert_eq!(month(&first).to_string(), "January 2026");
    }

    #[test]
    fn a_day_begins_where_clocks_change_at_midnight() {
        let begins = |zone: Tz, year, month, day| {
            machine(&begin(
                NaiveDate::from_ymd_opt(year, month, day).unwrap(),
                &zone,
            ))
        };
        assert_eq!(begins(Tz::UTC, 2026, 3, 1), "2026-03-01T00:00:00Z");
        assert_eq!(
            begins(Tz::Europe__Berlin, 2026, 7, 1),
            "2026-06-30T22:00:00Z"
        );
        // Put back from one to midnight: the first of the two.
        assert_eq!(
            begins(Tz::America__Havana, 2026, 11, 1),
            "2026-11-01T04:00:00Z"
        );
        // Put forward from midnight to one.
        assert_eq!(
            begins(Tz::America__Asuncion, 2017, 10, 1),
            "2017-10-01T04:00:00Z"
        );
    }
}
