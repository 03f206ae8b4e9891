//! `masthead database accept-history`: goes on with another history of the database than the site is on.

use anyhow::{Context, bail, ensure};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::commands::command_actor;
use super::config::Settings;
use super::database::{open, with_shared_database_as_it_is};
use super::history::migrate_all;
use super::telemetry;
use crate::db::audit::{self, Entry};
use crate::db::cluster::history;
use crate::db::cluster::history::{HistoryId, Refusal, SiteHistory};
use crate::db::{Db, DbError};

/// Call it on the main thread.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    settings.create_state_dir()?;
    with_shared_database_as_it_is(&settings, async |(owner, app), settings| {
        let db = open(&app, settings)?;
        let done = go_on(&db, &owner, app.get_username()).await;
        db.close().await;
        done
    })
}

async fn go_on(db: &Db, owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    db.first_probe().await;
    let known = db.history();
    let before = known.id;
    let refused = db.refused_primaries();
    let Some((name, refusal)) = only_one(&refused)? else {
        ensure!(db.has_primary(), "no primary answers");
        eprintln!("There is nothing to accept: the site is on {before}.");
        return Ok(());
    };
    ensure!(
        !db.has_primary(),
        "a primary of the site's own history ({before}) answers too; let the settings name only the one to go on with:{}",
        list(&refused)
    );
    check_owner(owner, refusal).await?;
    migrate_all(owner, app_role).await?;
    take(db, name, known, refusal.found).await?;
    eprintln!(
        "The site goes on with {} on {name}; it was on {before}. Run this command on every other node too.",
        refusal.found
    );
    Ok(())
}

fn only_one(refused: &[(String, Refusal)]) -> anyhow::Result<Option<&(String, Refusal)>> {
    ensure!(
        refused.len() < 2,
        "several primaries are refused; let the settings name only one:{}",
        list(refused)
    );
    Ok(refused.first())
}

/// The address for migrations has to lead to the server that was refused.
async fn check_owner(owner: &PgConnectOptions, refusal: &Refusal) -> anyhow::Result<()> {
    let mut conn = owner
        .connect()
        .await
        .context("cannot connect to the database for migrations")?;
    let (found, _) = history::identify(&mut conn).await?;
    drop(conn);
    ensure!(
        found == refusal.found,
        "migrations lead to another server ({found}) than the refused one ({})",
        refusal.found
    );
    Ok(())
}

fn list(refused: &[(String, Refusal)]) -> String {
    refused
        .iter()
        .map(|(name, refusal)| format!("\n{name}: {}", refusal.found))
        .collect()
}

/// Remembered before it is written down in the audit log, since nothing can be written before; if that fails, everything is
/// as it was.
async fn take(db: &Db, name: &str, before: SiteHistory, after: HistoryId) -> anyhow::Result<()> {
    db.accept_history(after)
        .await
        .context("the history cannot be remembered in the data directory")?;
    if let Err(error) = record(db, name, before.id, after).await {
        db.put_history_back(before)
            .context("the history that was remembered cannot be put back")?;
        bail!(
            anyhow::Error::from(error)
                .context("nothing was accepted, since it cannot be written down in the audit log")
        );
    }
    Ok(())
}

async fn record(db: &Db, name: &str, before: HistoryId, after: HistoryId) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    let entry = Entry {
        act: "database.accept_history",
        object_kind: "database",
        object: name,
        before: serde_json::to_value(before).ok(),
        after: serde_json::to_value(after).ok(),
        ..Entry::default()
    };
    let actor = command_actor();
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry).await?;
    tx.commit().await?;
    Ok(())
}
