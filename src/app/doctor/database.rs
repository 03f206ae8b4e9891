//! What is asked of PostgreSQL, as the role that serves.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::{Finding, handles, rendering, verdicts};
use crate::app::config::Settings;
use crate::app::history as app_history;
use crate::db::cluster::history;
use crate::db::cluster::history::{HistoryId, Refusal, SiteHistory};
use crate::db::diagnostics;
use crate::db::diagnostics::{Pooler, ReplicaStanding, Server};
use crate::db::{DbError, Result, Role};
use crate::jobs;

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
        Ok(Ok((standing, pooler, None))) => {
            judge_replica(&who, &standing, pooler, options.get_username())
        }
    }
}

fn judge_replica(who: &str, standing: &ReplicaStanding, pooler: Pooler, role: &str) -> Finding {
    match pooler {
        Pooler::Transaction => Finding::problem(
            format!(
                "a pooler such as PgBouncer stands before {who}, in transaction mode, in which answers get mixed up"
            ),
            SESSION_MODE,
        ),
        _ if !standing.in_recovery => Finding::problem(
            format!("{who} is no replica: it takes changes of its own"),
            "let database_replicas name streaming replicas of the primary",
        ),
        _ if !standing.may_tell => Finding::warning(
            format!("{who} cannot say from whom and how lately it heard"),
            format!("on the primary, as a superuser: grant pg_read_all_stats to {role}"),
        ),
        _ => Finding::ok(format!("{who} can be read from")),
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
    found.extend(verdicts::judge_server(&server, latency));
    found.push(verdicts::judge_clock(clock));
    found.push(verdicts::judge_connections(settings, server.connections));
    found.push(judge_history(settings, history::identify(&mut conn).await?));
    found.extend(verdicts::judge_rights(
        &diagnostics::rights(&mut conn).await?,
    ));
    found.extend(judge_pooler(diagnostics::pooler(app).await?));
    let migrations = diagnostics::migrations(&mut conn).await?;
    found.push(verdicts::judge_migrations(&migrations));
    if migrations.waiting.is_empty() {
        found.push(verdicts::judge_staff(
            diagnostics::staff(&mut conn).await?,
            &settings.origin(),
        ));
        found.extend(handles::examine(&mut conn).await?);
        found.push(verdicts::judge_jobs(jobs::health(&mut conn).await?));
        found.extend(rendering::examine(&mut conn).await?);
    }
    Ok(conn.close().await?)
}

fn judge_pooler(pooler: Pooler) -> Option<Finding> {
    match pooler {
        Pooler::None => None,
        Pooler::Session => Some(Finding::ok(
            "a pooler such as PgBouncer stands before the database, in session mode",
        )),
        Pooler::Transaction => Some(Finding::problem(
            "a pooler such as PgBouncer stands before the database, in transaction mode, in which answers get mixed up",
            SESSION_MODE,
        )),
    }
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
    let clock = verdicts::ahead(server.now, sent, Utc::now());
    Ok((server, latency, clock))
}

pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

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
