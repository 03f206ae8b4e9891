//! What is asked of PostgreSQL, as the role that serves.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::{Finding, handles, rendering};
use crate::app::config::{Jobs, Settings};
use crate::app::database::pool_sizes;
use crate::app::history as app_history;
use crate::db::cluster::history;
use crate::db::cluster::history::{HistoryId, Refusal, SiteHistory};
use crate::db::diagnostics;
use crate::db::diagnostics::{Migrations, Pooler, Rights, Server, Staff};
use crate::db::{self, DbError, Result, Role};
use crate::jobs::{self, Health};

/// The oldest server that queries and migrations are written for.
const LEAST_VERSION: i32 = 15;
/// A page asks a handful of questions one after the other.
const SLOW_ANSWER: Duration = Duration::from_millis(20);
/// A job is taken within a second of its time, or within a few minutes of a day's rush.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// A server that drops packets would otherwise hold the command for minutes.
const PATIENCE: Duration = Duration::from_secs(10);

const SESSION_MODE: &str =
    "use session mode (`pool_mode = session`), or let the address name the server itself";

/// Looks at the database behind `app`, which connects as the serving role. Changes nothing.
pub async fn examine(app: &PgConnectOptions, settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    match tokio::time::timeout(PATIENCE * 2, ask_all(app, settings, &mut found)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => found.push(refused("the serving role", &error)),
        Err(_) => found.push(Finding::problem(
            "the database stopped answering",
            "look at its log and at the network between this machine and it",
        )),
    }
    found
}

/// Whether a role can connect at all.
pub(super) async fn reach(who: &str, options: &PgConnectOptions) -> Finding {
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(Ok(_)) => Finding::ok(format!("{who} can connect as `{}`", options.get_username())),
        Ok(Err(error)) => refusal(who, &error),
        Err(_) => Finding::problem(
            format!(
                "{who} gets no answer from {}:{}",
                options.get_host(),
                options.get_port()
            ),
            "check host, port and firewall",
        ),
    }
}

/// Whether a replica can be read from, and can say how it is.
pub(super) async fn replica(options: &PgConnectOptions, site: Option<SiteHistory>) -> Finding {
    let who = format!(
        "the replica at {}:{}",
        options.get_host(),
        options.get_port()
    );
    let asked = async {
        let mut conn = options.connect().await?;
        let standing = diagnostics::standing(&mut conn).await?;
        let (found, role) = history::identify(&mut conn).await?;
        conn.close().await?;
        let refusal = site.and_then(|site| site.judge(found, role));
        Ok::<_, DbError>((standing, diagnostics::pooler(options).await?, refusal))
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Err(_) => Finding::problem(
            format!("{who} gives no answer"),
            "check host, port and firewall",
        ),
        Ok(Err(error)) => refused(&who, &error),
        Ok(Ok((_, _, Some(refusal)))) => refused_history(&who, &refusal),
        Ok(Ok((_, Pooler::Transaction, _))) => Finding::problem(
            format!(
                "a pooler such as PgBouncer stands before {who}, in transaction mode, in which answers get mixed up"
            ),
            SESSION_MODE,
        ),
        Ok(Ok((standing, ..))) if !standing.in_recovery => Finding::problem(
            format!("{who} is no replica: it takes changes of its own"),
            "let database_replicas name streaming replicas of the primary",
        ),
        Ok(Ok((standing, ..))) if !standing.may_tell => Finding::warning(
            format!("{who} cannot say from whom and how lately it heard"),
            format!(
                "on the primary, as a superuser: grant pg_read_all_stats to {}",
                options.get_username()
            ),
        ),
        Ok(Ok(_)) => Finding::ok(format!("{who} can be read from")),
    }
}

fn refused(who: &str, error: &DbError) -> Finding {
    match error {
        DbError::Unavailable(error) | DbError::Refused(error) => refusal(who, error),
        DbError::Overloaded => Finding::warning(
            format!("{who} had to wait for too long"),
            "look again when there is less to do",
        ),
    }
}

fn refusal(who: &str, error: &sqlx::Error) -> Finding {
    let text = error.to_string();
    if text.contains("unsupported startup parameter") || text.contains("prepared statement") {
        return Finding::problem(
            format!("a pooler such as PgBouncer refuses what {who} needs: {text}"),
            "let the database address name the server itself; transaction mode is not supported",
        );
    }
    Finding::problem(
        format!("the database did not answer {who}: {text}"),
        "check host, port, role, password and database name in MASTHEAD_DATABASE_URL, and the server's log",
    )
}

async fn ask_all(
    app: &PgConnectOptions,
    settings: &Settings,
    found: &mut Vec<Finding>,
) -> Result<()> {
    let mut conn = match tokio::time::timeout(PATIENCE, app.connect()).await {
        Ok(conn) => conn?,
        Err(_) => {
            found.push(reach("the serving role", app).await);
            return Ok(());
        }
    };
    let (server, latency, clock) = timed(&mut conn).await?;
    found.extend(judge_server(&server, latency));
    found.push(judge_clock(clock));
    found.push(judge_connections(settings, server.connections));
    found.push(judge_history(settings, history::identify(&mut conn).await?));
    found.extend(judge_rights(&diagnostics::rights(&mut conn).await?));
    match diagnostics::pooler(app).await? {
        Pooler::None => {}
        Pooler::Session => found.push(Finding::ok("a pooler such as PgBouncer stands before the database, in session mode")),
        Pooler::Transaction => found.push(Finding::problem(
            "a pooler such as PgBouncer stands before the database, in transaction mode, in which answers get mixed up",
            SESSION_MODE,
        )),
    }
    let migrations = diagnostics::migrations(&mut conn).await?;
    found.push(judge_migrations(&migrations));
    if migrations.waiting.is_empty() {
        found.push(judge_staff(
            diagnostics::staff(&mut conn).await?,
            &settings.origin(),
        ));
        found.extend(handles::examine(&mut conn).await?);
        found.push(judge_jobs(jobs::health(&mut conn).await?));
        found.extend(rendering::examine(&mut conn).await?);
    }
    Ok(conn.close().await?)
}

/// What the site is on, as far as is remembered, else as the primary says.
pub(super) async fn site_history(
    app: &PgConnectOptions,
    settings: &Settings,
) -> Option<SiteHistory> {
    if let Ok(Some(remembered)) = history::read(&app_history::file(settings)) {
        return Some(remembered);
    }
    let asked = async {
        let mut conn = app.connect().await?;
        history::identify(&mut conn).await
    };
    let found = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    Some(SiteHistory::from(found.0))
}

fn judge_history(settings: &Settings, (found, role): (HistoryId, Role)) -> Finding {
    let file = app_history::file(settings);
    let remembered = match history::read(&file) {
        Ok(remembered) => remembered,
        Err(error) => {
            return Finding::warning(
                format!(
                    "what is remembered of the database's history in {} cannot be read: {error}",
                    file.display()
                ),
                "the next `masthead serve` remembers what it finds; before, make sure that it finds the right primary",
            );
        }
    };
    if let Some(refusal) = remembered.and_then(|known| known.judge(found, role)) {
        return refused_history("the database", &refusal);
    }
    match (remembered, found.system) {
        (_, None) => Finding::warning(
            "the serving role may not ask which cluster the database is of, so another one in its place cannot be told",
            "as a superuser: grant execute on function pg_control_system() to the serving role",
        ),
        (None, _) => Finding::ok(format!(
            "the database is {found}; no history is remembered here yet"
        )),
        (Some(_), _) => Finding::ok(format!("the database is {found}, as remembered")),
    }
}

fn refused_history(who: &str, refusal: &Refusal) -> Finding {
    Finding::problem(
        format!(
            "{who} is refused: its history is {}, and the site's is {}",
            refusal.found, refusal.known
        ),
        refusal.advice(),
    )
}

/// The server, how long an answer takes, and how far its clock is ahead of ours.
#[expect(
    clippy::disallowed_methods,
    reason = "this node's clock is what is looked at"
)]
async fn timed(conn: &mut PgConnection) -> Result<(Server, Duration, TimeDelta)> {
    // The first answer includes preparing the statement.
    diagnostics::server(conn).await?;
    let (began, sent) = (Instant::now(), Utc::now());
    let server = diagnostics::server(conn).await?;
    let latency = began.elapsed();
    let clock = ahead(server.now, sent, Utc::now());
    Ok((server, latency, clock))
}

/// The server read its clock somewhere between `sent` and `received`.
fn ahead(server: DateTime<Utc>, sent: DateTime<Utc>, received: DateTime<Utc>) -> TimeDelta {
    server - (sent + (received - sent) / 2)
}

fn judge_server(server: &Server, latency: Duration) -> Vec<Finding> {
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

fn judge_clock(ahead: TimeDelta) -> Finding {
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

fn judge_connections(settings: &Settings, allowed: i32) -> Finding {
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

fn judge_rights(rights: &Rights) -> Vec<Finding> {
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

fn judge_migrations(migrations: &Migrations) -> Finding {
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

fn judge_staff(staff: Staff, origin: &str) -> Finding {
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

fn judge_jobs(health: Option<Health>) -> Finding {
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

    #[test]
    fn poolers_that_refuse_are_named() {
        let protocol = sqlx::Error::Protocol("unsupported startup parameter: options".into());
        assert!(refusal("x", &protocol).what.contains("PgBouncer"));
        assert!(
            !refusal("x", &sqlx::Error::PoolTimedOut)
                .what
                .contains("PgBouncer")
        );
    }
}
