//! What the answers of a database mean for an operator.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::app::config::{Jobs, Settings};
use crate::app::database::pool_sizes;
use crate::db::diagnostics::{Migrations, Rights, Server, Staff};
use crate::db::{self};
use crate::jobs::{self, Health};

/// The oldest server that queries and migrations are written for.
const LEAST_VERSION: i32 = 15;

/// A page asks a handful of questions one after the other.
const SLOW_ANSWER: Duration = Duration::from_millis(20);

/// A job is taken within a second of its time, or within a few minutes of a day's rush.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

pub(super) fn judge_server(server: &Server, latency: Duration) -> Vec<Finding> {
    let (major, minor) = (server.version / 10_000, server.version % 10_000);
    let what = format!(
        "PostgreSQL {major}.{minor} answers in {:.1} ms",
        latency.as_secs_f64() * 1000.0
    );
    let mut found = vec![if major < LEAST_VERSION {
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
    }];
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

pub(super) fn judge_rights(rights: &Rights) -> Vec<Finding> {
    let name = &rights.name;
    if rights.superuser {
        return vec![Finding::problem(
            format!(
                "the serving role `{name}` is a superuser: a hole in the site would be a hole in the whole server"
            ),
            "serve as a role with login and nothing else; docs/operating.md, \"Your own PostgreSQL\", has the SQL",
        )];
    }
    let mut found = Vec::new();
    if rights.creates {
        found.push(Finding::warning(
            format!("the serving role `{name}` may create databases or roles"),
            format!("alter role {name} nocreatedb nocreaterole"),
        ));
    }
    if rights.owns_tables {
        found.push(Finding::warning(
            format!("the role `{name}` serves and owns the tables: it can change the schema and the audit log"),
            "give migrations a role of their own (MASTHEAD_MIGRATION_DATABASE_URL)",
        ));
    } else if rights.rewrites_audit_log {
        found.push(Finding::problem(
            format!("the serving role `{name}` can change the audit log"),
            "run `masthead migrate`, which takes that right away; if it comes back, look who grants it",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok(format!(
            "the serving role `{name}` owns nothing and cannot change the audit log"
        )));
    }
    found
}

pub(super) fn judge_migrations(migrations: &Migrations) -> Finding {
    let list = |versions: &[i64]| {
        versions
            .iter()
            .map(i64::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !migrations.unknown.is_empty() {
        return Finding::problem(
            format!(
                "the database was migrated by a newer Masthead ({} is unknown here)",
                list(&migrations.unknown)
            ),
            "start that version or a newer one",
        );
    }
    if !migrations.changed.is_empty() {
        return Finding::problem(
            format!(
                "migrations were applied with another text than this version has: {}",
                list(&migrations.changed)
            ),
            "start the version that made this database",
        );
    }
    match migrations.waiting.len() {
        0 => Finding::ok(format!("all {} migrations are applied", migrations.applied)),
        waiting => Finding::warning(
            format!("{waiting} migrations are not applied yet"),
            "run `masthead migrate`; the next `masthead serve` does it too",
        ),
    }
}

pub(super) fn judge_staff(staff: Staff, origin: &str) -> Finding {
    match (staff.set_up, staff.owners) {
        (false, _) => Finding::warning(
            "the site is not set up: it has no owner yet",
            format!(
                "open {origin}/setup with the code that `masthead serve` prints at its start, or run `masthead user create NAME --email ADDR --role owner --password-stdin`"
            ),
        ),
        (true, 0) => Finding::problem(
            "the site has no owner who can sign in",
            "run `masthead user create NAME --email ADDR --role owner --password-stdin`",
        ),
        (true, 1) => Finding::ok("the site is set up and has 1 owner"),
        (true, owners) => Finding::ok(format!("the site is set up and has {owners} owners")),
    }
}

pub(super) fn judge_jobs(health: Option<Health>) -> Finding {
    let Some(Health {
        failed,
        oldest_runnable,
    }) = health
    else {
        return Finding::warning(
            "the table of jobs is not there yet",
            "run `masthead migrate`; the next `masthead serve` does it too",
        );
    };
    let waited = oldest_runnable.unwrap_or_default();
    if waited > LONGEST_WAIT {
        return Finding::warning(
            format!(
                "the oldest job has waited for {} s, and {failed} failed for good",
                waited.as_secs()
            ),
            "let `masthead serve` run, or `masthead worker` where the setting `jobs` is `external`",
        );
    }
    if failed > 0 {
        return Finding::warning(
            format!("{failed} jobs failed for good"),
            "see why with `masthead jobs failed`, then `masthead jobs retry --all`",
        );
    }
    Finding::ok(format!(
        "no job failed for good, the oldest has waited for {} s",
        waited.as_secs()
    ))
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

    #[test]
    fn rights() {
        let levels = |rights: Rights| {
            judge_rights(&rights)
                .iter()
                .map(|f| f.level)
                .collect::<Vec<_>>()
        };
        let none = Rights::default();
        assert_eq!(levels(none.clone()), [Level::Ok]);
        assert_eq!(
            levels(Rights {
                rewrites_audit_log: true,
                ..none.clone()
            }),
            [Level::Problem]
        );
        let owner = Rights {
            owns_tables: true,
            rewrites_audit_log: true,
            ..none.clone()
        };
        assert_eq!(levels(owner.clone()), [Level::Warning]);
        assert_eq!(
            levels(Rights {
                superuser: true,
                ..owner
            }),
            [Level::Problem]
        );
        assert_eq!(
            levels(Rights {
                creates: true,
                ..none
            }),
            [Level::Warning]
        );
    }

    #[test]
    fn migrations() {
        let applied = Migrations {
            applied: 4,
            ..Migrations::default()
        };
        assert_eq!(judge_migrations(&applied).level, Level::Ok);
        assert_eq!(
            judge_migrations(&Migrations {
                waiting: vec![5],
                ..applied.clone()
            })
            .level,
            Level::Warning
        );
        assert_eq!(
            judge_migrations(&Migrations {
                changed: vec![4],
                ..applied.clone()
            })
            .level,
            Level::Problem
        );
        assert_eq!(
            judge_migrations(&Migrations {
                unknown: vec![9],
                waiting: vec![5],
                ..applied
            })
            .level,
            Level::Problem
        );
    }

    #[test]
    fn staff() {
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: false,
                    owners: 0
                },
                ""
            )
            .level,
            Level::Warning
        );
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: true,
                    owners: 0
                },
                ""
            )
            .level,
            Level::Problem
        );
        assert_eq!(
            judge_staff(
                Staff {
                    set_up: true,
                    owners: 2
                },
                ""
            )
            .level,
            Level::Ok
        );
    }

    #[test]
    fn job_queues() {
        let level = |failed, waited| {
            judge_jobs(Some(Health {
                failed,
                oldest_runnable: Some(Duration::from_secs(waited)),
            }))
            .level
        };
        assert_eq!(
            (level(0, 3), level(1, 3), level(0, 301)),
            (Level::Ok, Level::Warning, Level::Warning)
        );
        assert_eq!(
            judge_jobs(Some(Health {
                failed: 0,
                oldest_runnable: None
            }))
            .level,
            Level::Ok
        );
        assert_eq!(judge_jobs(None).level, Level::Warning);
    }
}
