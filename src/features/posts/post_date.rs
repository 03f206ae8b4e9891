//! The date that an author gives a post.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// When a post counts as published, on the clock of a place: it stays that moment when the site moves to another time zone.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct PostDate {
    /// `2026-03-01T12:00`
    pub local: String,
    /// As IANA names it.
    pub zone: String,
}

/// As browsers send the value of a `datetime-local`.
const MINUTE: &str = "%Y-%m-%dT%H:%M";

/// Feeds and the addresses of months write years with four digits.
const FIRST_YEAR: i32 = 1000;

impl PostDate {
    /// None where it is no time of that place: clocks that are put forward leave some out. `zone` may be empty: UTC.
    pub fn parse(local: &str, zone: &str) -> Option<PostDate> {
        let local = clock(local)?;
        let zone = if zone.is_empty() {
            Tz::UTC.name()
        } else {
            zone
        };
        let date = PostDate {
            local: local.format(MINUTE).to_string(),
            zone: zone.to_owned(),
        };
        date.at().map(|_| date)
    }

    /// The earlier of two where clocks were put back.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        moment(&self.local, &self.zone)
    }
}

/// When it is that time at that place, to the second; None where the clocks there leave it out.
pub fn moment(local: &str, zone: &str) -> Option<DateTime<Utc>> {
    let zone: Tz = zone.parse().ok()?;
    let at = clock(local)?.and_local_timezone(zone).earliest()?;
    Some(at.with_timezone(&Utc))
}

fn clock(local: &str) -> Option<NaiveDateTime> {
    let seconds = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S");
    let local = seconds.or_else(|_| NaiveDateTime::parse_from_str(local, MINUTE));
    local.ok().filter(|local| local.year() >= FIRST_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(local: &str, zone: &str) -> Option<String> {
        let date = PostDate::parse(local, zone)?;
        Some(date.at()?.format("%Y-%m-%dT%H:%MZ").to_string())
    }

    #[test]
    fn a_date_is_a_moment_of_its_place() {
        let berlin = "Europe/Berlin";
        for (local, zone, moment) in [
            ("2026-03-01T12:00", "", Some("2026-03-01T12:00Z")),
            ("2026-03-01T12:00", berlin, Some("2026-03-01T11:00Z")),
            ("2026-07-01T12:00:30", berlin, Some("2026-07-01T10:00Z")),
            // It is there twice, and an hour in spring is not there at all.
            ("2026-10-25T02:30", berlin, Some("2026-10-25T00:30Z")),
            ("2026-03-29T02:30", berlin, None),
            ("2026-03-01", berlin, None),
            ("2026-03-01T12:00", "Berlin", None),
            ("2026-13-01T12:00", berlin, None),
            ("1000-01-01T00:00", "", Some("1000-01-01T00:00Z")),
            ("0999-12-31T23:59", "", None),
            ("-2026-03-01T12:00", "", None),
        ] {
            assert_eq!(at(local, zone).as_deref(), moment, "{local} {zone}");
        }
    }
}
