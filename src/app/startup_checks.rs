//! What must be true of the database before anything is asked of it, at the start or as soon as it is there.

use std::time::Duration;

use actix_web::web;
use anyhow::Context;
use futures_util::future::join_all;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::history;
use crate::db;
use crate::db::diagnostics;
use crate::db::diagnostics::Pooler;
use crate::state::AppState;

/// Between two tries.
const AGAIN: Duration = Duration::from_millis(500);
/// One that drops packets must not keep the site from starting.
const REPLICA_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Brings the database up to this version. One that is away does not keep the site from starting: that is done
/// when it is there, by the returned task, and until then the site says that it cannot be reached.
pub async fn database(
    app: &web::Data<AppState>,
    owner: &PgConnectOptions,
    database: &PgConnectOptions,
    replicas: &[PgConnectOptions],
) -> anyhow::Result<Option<JoinHandle<()>>> {
    for checked in join_all(replicas.iter().map(refuse_mixed_up_rows_of)).await {
        checked?;
    }
    match history::migrate(&app.db, owner, database.get_username()).await {
        Ok(()) => refuse_mixed_up_answers(database).await?,
        Err(error) if can_wait(&error) && app.db.is_up_to_date().await => {}
        Err(error) if can_wait(&error) => {
            say_away(&error);
            let later = later(app.clone(), owner.clone(), database.clone());
            return Ok(Some(actix_web::rt::spawn(later)));
        }
        Err(error) => return Err(error),
    }
    app.health.start();
    Ok(None)
}

/// What is refused, and what to do about it, was said with the look.
fn say_away(error: &anyhow::Error) {
    if !history::is_refused(error) {
        tracing::error!(
            error = format!("{error:#}"),
            "the database is away; waiting for it"
        );
    }
}

/// A pooler in transaction mode answers with rows that another client asked for.
async fn refuse_mixed_up_answers(database: &PgConnectOptions) -> anyhow::Result<()> {
    let pooler = diagnostics::pooler(database)
        .await
        .context("the database refuses the serving role")?;
    refuse(pooler, "the database")
}

/// The same of a replica, which may also be away just now: the monitor looks again before it is read from.
async fn refuse_mixed_up_rows_of(replica: &PgConnectOptions) -> anyhow::Result<()> {
    match tokio::time::timeout(REPLICA_ANSWERS_WITHIN, diagnostics::pooler(replica)).await {
        Ok(Ok(pooler)) => refuse(pooler, "a replica"),
        // The monitor says why.
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

fn refuse(pooler: Pooler, what: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        pooler != Pooler::Transaction,
        "a pooler such as PgBouncer stands before {what} in transaction mode, in which answers get mixed up; use session \
         mode (pool_mode = session), or let the address name the server itself"
    );
    Ok(())
}

async fn later(app: web::Data<AppState>, owner: PgConnectOptions, database: PgConnectOptions) {
    loop {
        tokio::time::sleep(AGAIN).await;
        match history::migrate(&app.db, &owner, database.get_username()).await {
            Ok(()) => match refuse_mixed_up_answers(&database).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the database cannot be used")
                }
            },
            // No primary, but a replica that has everything already: readers need no more.
            Err(error) if can_wait(&error) && app.db.is_up_to_date().await => break,
            Err(error) if can_wait(&error) => {}
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the database cannot be brought up to this version"
            ),
        }
    }
    tracing::info!("the database is there");
    app.health.start();
}

/// Whether the right primary may come by itself, or be accepted while this process runs.
fn can_wait(error: &anyhow::Error) -> bool {
    history::is_refused(error)
        || error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
            .any(db::is_away)
}
