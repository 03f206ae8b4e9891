//! What is asked of PostgreSQL, as the role that serves.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::history_verdicts::judge_history;
use super::{Finding, addresses, handles, rendering, server_verdicts, verdicts};
use crate::app::config::Settings;
use crate::app::history as app_history;
use crate::db::cluster::history;
use crate::db::cluster::history::SiteHistory;
use crate::db::diagnostics;
use crate::db::diagnostics::{Pooler, Server};
use crate::db::{DbError, Result};
use crate::jobs;

/// A server that drops packets would otherwise hold the command for minutes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

pub(super) const SESSION_MODE: &str =
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

pub(super) fn refused(who: &str, error: &DbError) -> Finding {
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
    let Ok(conn) = tokio::time::timeout(PATIENCE, app.connect()).await else {
        found.push(reach("the serving role", app).await);
        return Ok(());
    };
    let mut conn = conn?;
    ask_server(&mut conn, app, settings, found).await?;
    let migrations = diagnostics::migrations(&mut conn).await?;
    found.push(verdicts::judge_migrations(&migrations));
    if migrations.waiting.is_empty() {
        ask_site(&mut conn, settings, found).await?;
    }
    Ok(conn.close().await?)
}

async fn ask_server(
    conn: &mut PgConnection,
    app: &PgConnectOptions,
    settings: &Settings,
    found: &mut Vec<Finding>,
) -> Result<()> {
    let (server, latency, clock) = timed(conn).await?;
    found.extend(server_verdicts::judge_server(&server, latency));
    found.push(server_verdicts::judge_clock(clock));
    found.push(server_verdicts::judge_connections(
        settings,
        server.connections,
    ));
    found.push(judge_history(settings, history::identify(conn).await?));
    found.extend(verdicts::judge_rights(&diagnostics::rights(conn).await?));
    found.extend(judge_pooler(diagnostics::pooler(app).await?));
    Ok(())
}

/// What stands in tables, which all migrations have to have made.
async fn ask_site(
    conn: &mut PgConnection,
    settings: &Settings,
    found: &mut Vec<Finding>,
) -> Result<()> {
    found.push(verdicts::judge_staff(
        diagnostics::staff(conn).await?,
        &settings.origin(),
    ));
    found.extend(handles::examine(conn).await?);
    found.extend(addresses::examine(conn).await?);
    found.push(verdicts::judge_jobs(jobs::health(conn).await?));
    found.extend(rendering::examine(conn).await?);
    Ok(())
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
    let clock = server_verdicts::ahead(server.now, sent, Utc::now());
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
