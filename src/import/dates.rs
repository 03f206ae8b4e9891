//! Dates as people and generators write them, in front matter, file names and old paths.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use regex::{Captures, Regex};

use super::moment::{Moment, Zone, offset, with_offset};

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
    let first = day(
        parts[1].parse().ok()?,
        number(&parts, 2).or_else(|| number(&parts, 3)).unwrap_or(1),
        number(&parts, 4).unwrap_or(1),
    )?;
    Some(Moment::midnight(first))
}

static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)^ (\d{4})[-/.](\d{1,2})[-/.](\d{1,2})
          (?: (?:\s*T\s*|\s+) (\d{1,2}):(\d{2})(?: :(\d{2})(?:[.,]\d{1,9})? )? (?:\s*(am|pm))?
              \s* (Z|[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5})? (?:\s+\(?[A-Z]{2,5}\)?)? )? $",
    )
    .expect("a fixed pattern")
});

fn numeric(text: &str, zone: Zone) -> Option<Moment> {
    let parts = NUMERIC.captures(text)?;
    let day = day(
        i32::try_from(number(&parts, 1)?).ok()?,
        number(&parts, 2)?,
        number(&parts, 3)?,
    )?;
    let Some(hour) = number(&parts, 4) else {
        return Some(Moment::midnight(day));
    };
    let half = parts.get(7).map(|half| half.as_str().to_ascii_lowercase());
    let hour = of_the_day(hour, half.as_deref());
    // A leap second has no place in the database; the second before it is the closest that has one.
    let second = number(&parts, 6).unwrap_or(0).min(59);
    let time = NaiveTime::from_hms_opt(hour, number(&parts, 5)?, second)?;
    match parts.get(8) {
        Some(written) => with_offset(day.and_time(time), offset(written.as_str())?),
        None => Some(zone.moment(day.and_time(time))),
    }
}

fn number(parts: &Captures<'_>, index: usize) -> Option<u32> {
    parts.get(index)?.as_str().parse().ok()
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

fn mail(text: &str) -> Option<Moment> {
    let read = DateTime::parse_from_rfc2822(text).ok()?;
    Some(Moment {
        at: read.with_timezone(&Utc),
        zone_assumed: false,
    })
}

const DAYS: [&str; 8] = [
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%A, %B %d, %Y",
    "%a, %b %d, %Y",
];
const DAYS_WITH_TIME: [&str; 3] = ["%a %b %e %H:%M:%S %Y", "%B %d, %Y %H:%M", "%d %b %Y %H:%M"];

fn worded(text: &str, zone: Zone) -> Option<Moment> {
    DAYS.iter()
        .find_map(|shape| NaiveDate::parse_from_str(text, shape).ok())
        .map(Moment::midnight)
        .or_else(|| {
            DAYS_WITH_TIME.iter().find_map(|shape| {
                Some(zone.moment(NaiveDateTime::parse_from_str(text, shape).ok()?))
            })
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
