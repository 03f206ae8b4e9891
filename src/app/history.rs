//! The history of the database that the site is on: where it is remembered, what is done before the schema is touched, and
//! the command by which an operator accepts another one.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::commands::command_actor;
use super::config::{Settings, state_dir};
use super::server::{self, migrate_all};
use super::telemetry;
use crate::db::audit::{self, Entry};
use crate::db::cluster::history;
use crate::db::cluster::history::{HistoryId, Refusal, SiteHistory};
use crate::db::{Db, DbError};

/// A private database has a place of its own, so that a site can move to a server of the operator's and back.
pub fn file(settings: &Settings) -> PathBuf {
    let name = if settings.database_url.is_some() {
        "database-history.json"
    } else {
        "private-database-history.json"
    };
    state_dir(&settings.data_dir).join(name)
}

/// Looks at all servers, then brings the schema up to this version, unless the server has a history that the site has
/// left: nothing of it may be changed.
///
/// # Errors
///
/// A [`Refusal`] where that is so.
pub async fn migrate(db: &Db, owner: &PgConnectOptions, app_role: &str) -> anyhow::Result<()> {
    db.first_probe().await;
    let refusal = db
        .refusal_of(owner)
        .await
        .context("cannot connect to the database for migrations")?;
    if let Some(refusal) = refusal {
        return Err(anyhow::Error::new(refusal).context("the database server is refused"));
    }
    migrate_all(owner, app_role).await
}

pub fn is_refused(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refusal>().is_some()
}

/// `masthead database accept-history`
pub fn accept(settings: Settings) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    settings.create_state_dir()?;
    server::beside_serve_as_it_is(&settings, async |(owner, app), settings| {
        let db = server::open(&app, settings)?;
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
    let [(name, refusal)] = &refused[..] else {
        ensure!(
            refused.is_empty(),
            "several primaries are refused; let the settings name only one:{}",
            list(&refused)
        );
        ensure!(db.has_primary(), "no primary answers");
        eprintln!("There is nothing to accept: the site is on {before}.");
        return Ok(());
    };
    ensure!(
        !db.has_primary(),
        "a primary of the site's own history ({before}) answers too; let the settings name only the one to go on with:{}",
        list(&refused)
    );
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
    migrate_all(owner, app_role).await?;
    take(db, name, known, refusal.found).await?;
    eprintln!(
        "The site goes on with {} on {name}; it was on {before}. Run this command on every other node too.",
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
    let recorded = async {
        let mut tx = db.begin().await?;
        let entry = Entry {
            act: "database.accept_history",
            object_kind: "database",
            object: name,
            before: serde_json::to_value(before.id).ok(),
            after: serde_json::to_value(after).ok(),
            ..Entry::default()
        };
        let actor = command_actor();
        tx.belongs_to(&actor);
        audit::record(&mut tx, &actor, entry).await?;
        tx.commit().await?;
        Ok::<_, DbError>(())
    };
    if let Err(error) = recorded.await {
        db.put_history_back(before)
            .context("the history that was remembered cannot be put back")?;
        bail!(
            anyhow::Error::from(error)
                .context("nothing was accepted, since it cannot be written down in the audit log")
        );
    }
    Ok(())
}
