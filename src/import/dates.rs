//! Dates as people and generators write them, in front matter, file names and old paths.

use std::sync::LazyLock;

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use regex::Regex;

/// Where the clock stood that a site's dates were read from: where its settings say, else in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Zone(Option<Tz>);

impl Zone {
    /// A name such as `Europe/Berlin`.
    pub(super) fn named(name: &str) -> Option<Zone> {
        name.trim().parse::<Tz>().ok().map(|zone| Zone(Some(zone)))
    }

    fn moment(self, local: NaiveDateTime) -> Moment {
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

/// A date without a clock time means midnight UTC, wherever the site was: a day stays the day that was written. `None` for
/// anything that is no date.
pub(super) fn parse(text: &str, zone: Zone) -> Option<Moment> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    numeric(text, zone)
        .or_else(|| mail(text))
        .or_else(|| worded(text, zone))
        .or_else(|| counted(text))
        .or_else(|| partial(text))
}

/// Seconds, or milliseconds, since 1970.
fn counted(text: &str) -> Option<Moment> {
    let number = text
        .parse::<i64>()
        .ok()
        .filter(|_| (9..=13).contains(&text.len()))?;
    let at = if text.len() > 11 {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    };
    Some(Moment {
        at: at?,
        zone_assumed: false,
    })
}

/// A year, a year and a month, or a day without hyphens.
fn partial(text: &str) -> Option<Moment> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\d{4})(?:[-/.](\d{1,2})|(\d{2})(\d{2}))?$").expect("a fixed pattern")
    });
    let parts = SHAPE.captures(text)?;
    let number = |index: usize| {
        parts
            .get(index)
            .and_then(|part| part.as_str().parse::<u32>().ok())
    };
    let first = day(
        parts[1].parse().ok()?,
        number(2).or_else(|| number(3)).unwrap_or(1),
        number(4).unwrap_or(1),
    )?;
    Some(Moment {
        at: first.and_time(NaiveTime::MIN).and_utc(),
        zone_assumed: false,
    })
}

fn numeric(text: &str, zone: Zone) -> Option<Moment> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?xi)^ (\d{4})[-/.](\d{1,2})[-/.](\d{1,2})
              (?: (?:\s*T\s*|\s+) (\d{1,2}):(\d{2})(?: :(\d{2})(?:[.,]\d{1,9})? )? (?:\s*(am|pm))?
                  \s* (Z|[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5})? (?:\s+\(?[A-Z]{2,5}\)?)? )? $",
        )
        .expect("a fixed pattern")
    });
    let parts = SHAPE.captures(text)?;
    let number = |index: usize| {
        parts
            .get(index)
            .and_then(|part| part.as_str().parse::<u32>().ok())
    };
    let day = day(i32::try_from(number(1)?).ok()?, number(2)?, number(3)?)?;
    let Some(hour) = number(4) else {
        return Some(Moment {
            at: day.and_time(NaiveTime::MIN).and_utc(),
            zone_assumed: false,
        });
    };
    let half = parts.get(7).map(|half| half.as_str().to_ascii_lowercase());
    let hour = of_the_day(hour, half.as_deref());
    // A leap second has no place in the database; the second before it is the closest that has one.
    let second = number(6).unwrap_or(0).min(59);
    let time = NaiveTime::from_hms_opt(hour, number(5)?, second)?;
    match parts.get(8) {
        Some(written) => with_offset(day.and_time(time), offset(written.as_str())?),
        None => Some(zone.moment(day.and_time(time))),
    }
}

fn of_the_day(hour: u32, half: Option<&str>) -> u32 {
    match half {
        Some("am") if hour == 12 => 0,
        Some("pm") if hour != 12 => hour + 12,
        _ => hour,
    }
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    (1..=9998)
        .contains(&year)
        .then(|| NaiveDate::from_ymd_opt(year, month, day))
        .flatten()
}

fn with_offset(local: NaiveDateTime, offset: FixedOffset) -> Option<Moment> {
    let at = offset
        .from_local_datetime(&local)
        .single()?
        .with_timezone(&Utc);
    Some(Moment {
        at,
        zone_assumed: false,
    })
}

fn offset(zone: &str) -> Option<FixedOffset> {
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

fn mail(text: &str) -> Option<Moment> {
    let read = DateTime::parse_from_rfc2822(text).ok()?;
    Some(Moment {
        at: read.with_timezone(&Utc),
        zone_assumed: false,
    })
}

fn worded(text: &str, zone: Zone) -> Option<Moment> {
    let with_time = ["%a %b %e %H:%M:%S %Y", "%B %d, %Y %H:%M", "%d %b %Y %H:%M"];
    [
        "%B %d, %Y",
        "%b %d, %Y",
        "%d %B %Y",
        "%d %b %Y",
        "%B %d %Y",
        "%b %d %Y",
        "%A, %B %d, %Y",
        "%a, %b %d, %Y",
    ]
    .iter()
    .find_map(|shape| NaiveDate::parse_from_str(text, shape).ok())
    .map(|day| Moment {
        at: day.and_time(NaiveTime::MIN).and_utc(),
        zone_assumed: false,
    })
    .or_else(|| {
        with_time
            .iter()
            .find_map(|shape| Some(zone.moment(NaiveDateTime::parse_from_str(text, shape).ok()?)))
    })
}

/// `2017-2-5-some-title` gives the day and `some-title`; also `2017-02-05_title` and a bare `2017-02-05`.
pub(super) fn from_file_name(stem: &str) -> Option<(NaiveDate, &str)> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[-_](.*))?$").expect("a fixed pattern")
    });
    let parts = SHAPE.captures(stem)?;
    let found = day(
        parts[1].parse().ok()?,
        parts[2].parse().ok()?,
        parts[3].parse().ok()?,
    )?;
    Some((found, parts.get(4).map_or("", |rest| rest.as_str())))
}

/// The calendar day as written, before any zone moves it: old addresses were made from it.
pub(super) fn written_day(text: &str) -> Option<NaiveDate> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:\D|$)").expect("a fixed pattern")
    });
    let parts = SHAPE.captures(text)?;
    day(
        parts[1].parse().ok()?,
        parts[2].parse().ok()?,
        parts[3].parse().ok()?,
    )
}

/// The day in a path such as `2016/03/02/Some-title`; the three numbers may stand anywhere in it.
pub(super) fn from_path(path: &str) -> Option<NaiveDate> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)").expect("a fixed pattern")
    });
    let parts = SHAPE.captures(path)?;
    day(
        parts[1].parse().ok()?,
        parts[2].parse().ok()?,
        parts[3].parse().ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, bool)> {
        parse(text, Zone::default()).map(|moment| {
            (
                moment.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
                moment.zone_assumed,
            )
        })
    }

    #[test]
    fn common_forms_are_read() {
        for (text, want, assumed) in [
            ("2015-03-24 13:59:04 -0400", "2015-03-24T17:59:04", false),
            ("2015-03-24T13:59:04-04:00", "2015-03-24T17:59:04", false),
            ("2011-11-28 8:32:24 -0400", "2011-11-28T12:32:24", false),
            ("2024/12/05", "2024-12-05T00:00:00", false),
            ("2017-2-5", "2017-02-05T00:00:00", false),
            ("2019-05-07 10:00:00", "2019-05-07T10:00:00", true),
            ("2019-05-07T10:00:00.123Z", "2019-05-07T10:00:00", false),
            ("2019-05-07 10:00 +9", "2019-05-07T01:00:00", false),
            ("2019-05-07 1:05 pm EST", "2019-05-07T18:05:00", false),
            (
                "2018-02-19 14:00:00 -0500 EST",
                "2018-02-19T19:00:00",
                false,
            ),
            ("2016-12-31 23:59:60 UTC", "2016-12-31T23:59:59", false),
            (
                "Tue, 03 Jun 2014 10:00:00 +0200",
                "2014-06-03T08:00:00",
                false,
            ),
            ("March 5, 2020", "2020-03-05T00:00:00", false),
            ("Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05", true),
            ("1577880000", "2020-01-01T12:00:00", false),
            ("1577880000000", "2020-01-01T12:00:00", false),
            ("2020", "2020-01-01T00:00:00", false),
            ("2020-03", "2020-03-01T00:00:00", false),
            ("20200305", "2020-03-05T00:00:00", false),
        ] {
            assert_eq!(read(text), Some((want.to_owned(), assumed)), "{text}");
        }
    }

    #[test]
    fn clock_times_without_offset_are_those_of_the_site() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (text, want) in [
            ("2019-05-07 10:00:00", "2019-05-07T08:00:00"),
            ("2019-01-07 10:00", "2019-01-07T09:00:00"),
            ("2019-05-07 10:00:00 -0400", "2019-05-07T14:00:00"),
            ("2019-05-07T10:00:00Z", "2019-05-07T10:00:00"),
            ("2019-05-07", "2019-05-07T00:00:00"),
            ("Mon Jan  2 15:04:05 2006", "2006-01-02T14:04:05"),
            ("2019-03-31 02:30", "2019-03-31T01:30:00"),
            ("2019-10-27 02:30", "2019-10-27T00:30:00"),
        ] {
            let moment = parse(text, berlin).unwrap();
            assert_eq!(
                moment.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
                want,
                "{text}"
            );
            assert!(!moment.zone_assumed, "{text}");
        }
        assert_eq!(Zone::named("Middle/Earth"), None);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2019-13-01",
            "2019-02-30",
            "2019-05-07 25:00",
            "2019-05-07 10:00 XYZ",
            "0000-00-00",
            "2019-05-07 10:00 +99:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn days_come_out_of_names_and_paths() {
        let day = NaiveDate::from_ymd_opt(2017, 2, 5).unwrap();
        assert_eq!(from_file_name("2017-2-5-no-zeros"), Some((day, "no-zeros")));
        assert_eq!(from_file_name("2017-02-05"), Some((day, "")));
        assert_eq!(from_file_name("2017-02-31-x"), None);
        assert_eq!(from_file_name("release-2017"), None);
        assert_eq!(from_path("2017/02/05/A-title"), Some(day));
        assert_eq!(from_path("releases/1.12.0"), None);
    }
}
