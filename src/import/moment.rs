//! An instant, and the clock that it was read from.

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;

/// Where the clock stood that a site's dates were read from: where its settings say, else in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Zone(Option<Tz>);

impl Zone {
    /// A name such as `Europe/Berlin`.
    pub(super) fn named(name: &str) -> Option<Zone> {
        name.trim().parse::<Tz>().ok().map(|zone| Zone(Some(zone)))
    }

    pub(super) fn moment(self, local: NaiveDateTime) -> Moment {
        let utc = || Moment {
            at: local.and_utc(),
            zone_assumed: self.0.is_none(),
        };
        let Some(zone) = self.0 else { return utc() };
        let at = |local: NaiveDateTime| {
            zone.from_local_datetime(&local)
                .earliest()
                .map(|at| at.with_timezone(&Utc))
        };
        // An hour that the clocks skip in spring is what they showed an hour later.
        let found = at(local).or_else(|| at(local + TimeDelta::hours(1)));
        found.map_or_else(utc, |at| Moment {
            at,
            zone_assumed: false,
        })
    }
}

/// A moment, and whether its clock time had to be taken as UTC because no zone was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: DateTime<Utc>,
    pub(super) zone_assumed: bool,
}

impl Moment {
    pub(super) fn midnight(day: NaiveDate) -> Self {
        Self {
            at: day.and_time(NaiveTime::MIN).and_utc(),
            zone_assumed: false,
        }
    }
}

pub(super) fn with_offset(local: NaiveDateTime, offset: FixedOffset) -> Option<Moment> {
    let at = offset
        .from_local_datetime(&local)
        .single()?
        .with_timezone(&Utc);
    Some(Moment {
        at,
        zone_assumed: false,
    })
}

pub(super) fn offset(zone: &str) -> Option<FixedOffset> {
    let hours = match zone.to_ascii_uppercase().as_str() {
        "Z" | "UTC" | "GMT" | "WET" => 0,
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" | "BST" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "JST" | "KST" => 9,
        signed => return signed_offset(signed),
    };
    FixedOffset::east_opt(hours * 3600)
}

fn signed_offset(text: &str) -> Option<FixedOffset> {
    let negative = match text.as_bytes().first()? {
        b'-' => true,
        b'+' => false,
        _ => return None,
    };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = if digits.len() > 2 {
        digits.split_at(digits.len() - 2)
    } else {
        (digits.as_str(), "0")
    };
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    FixedOffset::east_opt(if negative { -seconds } else { seconds })
}
