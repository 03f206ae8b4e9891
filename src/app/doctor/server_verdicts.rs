//! What a server says of itself: version, clock, connections.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::app::config::{Jobs, Settings};
use crate::app::database::pool_sizes;
use crate::db::diagnostics::Server;
use crate::db::{self};
use crate::jobs::{self};

/// The oldest server that queries and migrations are written for.
const LEAST_VERSION: i32 = 15;

/// A page asks a handful of questions one after the other.
const SLOW_ANSWER: Duration = Duration::from_millis(20);

pub(super) fn judge_server(server: &Server, latency: Duration) -> Vec<Finding> {
    let mut found = vec![judge_version(server.version, latency)];
    if server.encoding != "UTF8" {
        found.push(Finding::problem(
            format!("the database is encoded in {}", server.encoding),
            "make a new one with `create database … encoding 'UTF8' template template0` and move the data there",
        ));
    }
    if server.read_only {
        found.push(Finding::warning(
            "default_transaction_read_only is on for the serving role: the site can be read, and nothing is saved",
            "switch it off where it was switched on (alter system, alter database or alter role), when that is over",
        ));
    }
    found
}

fn judge_version(version: i32, latency: Duration) -> Finding {
    let (major, minor) = (version / 10_000, version % 10_000);
    let what = format!(
        "PostgreSQL {major}.{minor} answers in {:.1} ms",
        latency.as_secs_f64() * 1000.0
    );
    if major < LEAST_VERSION {
        Finding::problem(
            what,
            format!("Masthead needs PostgreSQL {LEAST_VERSION} or newer"),
        )
    } else if latency > SLOW_ANSWER {
        Finding::warning(
            what,
            "every page asks several times: bring site and database nearer to each other",
        )
    } else {
        Finding::ok(what)
    }
}

/// The server read its clock somewhere between `sent` and `received`.
pub(super) fn ahead(
    server: DateTime<Utc>,
    sent: DateTime<Utc>,
    received: DateTime<Utc>,
) -> TimeDelta {
    server - (sent + (received - sent) / 2)
}

pub(super) fn judge_clock(ahead: TimeDelta) -> Finding {
    let seconds = ahead.num_milliseconds() as f64 / 1000.0;
    if ahead.abs() <= TimeDelta::seconds(5) {
        return Finding::ok(format!(
            "the clocks of database and host agree ({seconds:+.1} s)"
        ));
    }
    Finding::warning(
        format!(
            "the clock of the database is {seconds:+.1} s off this host's: times in the log go wrong, and so may sessions"
        ),
        "keep both machines in time (NTP)",
    )
}

pub(super) fn judge_connections(settings: &Settings, allowed: i32) -> Finding {
    let sizes = pool_sizes(settings.workers);
    let jobs = if settings.jobs == Jobs::Embedded {
        jobs::CONNECTIONS
    } else {
        0
    };
    let needed = i64::from(sizes.write + sizes.fresh + sizes.read + jobs + db::DIRECT_CONNECTIONS);
    let allowed = i64::from(allowed);
    if needed <= allowed {
        return Finding::ok(format!(
            "this node uses up to {needed} connections of {allowed}"
        ));
    }
    Finding::warning(
        format!("this node uses up to {needed} connections, and the server allows {allowed}"),
        "raise max_connections of the server, or lower MASTHEAD_WORKERS",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn server(version: i32) -> Server {
        Server {
            version,
            encoding: "UTF8".into(),
            connections: 100,
            read_only: false,
            now: Utc::now(),
        }
    }

    #[test]
    fn servers() {
        let quick = Duration::from_millis(1);
        let levels = |server: &Server, latency| {
            judge_server(server, latency)
                .iter()
                .map(|f| f.level)
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(&server(150_004), quick), [Level::Ok]);
        assert_eq!(levels(&server(140_020), quick), [Level::Problem]);
        assert_eq!(
            levels(&server(170_000), Duration::from_millis(80)),
            [Level::Warning]
        );
        let latin = Server {
            encoding: "LATIN1".into(),
            ..server(150_000)
        };
        assert_eq!(levels(&latin, quick), [Level::Ok, Level::Problem]);
        assert!(
            judge_server(&server(150_004), quick)[0]
                .what
                .contains("15.4")
        );
    }

    #[test]
    fn clocks() {
        let sent = Utc::now();
        let server = sent + TimeDelta::seconds(7);
        assert_eq!(
            ahead(server, sent, sent + TimeDelta::seconds(2)),
            TimeDelta::seconds(6)
        );
        assert_eq!(judge_clock(TimeDelta::seconds(5)).level, Level::Ok);
        assert_eq!(judge_clock(TimeDelta::seconds(-6)).level, Level::Warning);
    }

    #[test]
    fn connections() {
        let level = |workers, jobs, allowed| {
            judge_connections(
                &Settings {
                    workers,
                    jobs,
                    ..Settings::for_tests()
                },
                allowed,
            )
            .level
        };
        assert_eq!(level(64, Jobs::External, 63), Level::Ok);
        assert_eq!(level(64, Jobs::External, 62), Level::Warning);
        assert_eq!(level(1, Jobs::Embedded, 18), Level::Ok);
        assert_eq!(level(1, Jobs::Embedded, 17), Level::Warning);
    }
}
