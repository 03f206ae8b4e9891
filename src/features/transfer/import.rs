//! `masthead import markdown`: opens the folder, takes its documents in batches and ends with the report. [`super::ahead`] reads
//! and renders them, [`super::batch`] writes them, many in one transaction: an import that is cut off goes on where the
//! last whole batch ended.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::ahead::Ahead;
use super::identity;
use super::options::Options;
use super::queries;
use super::run::Run;
use crate::access::{Action, Actor, Resource};
use crate::db::Db;
use crate::import as source;
use crate::import::{Reading, Source};

/// Imports the folder and prints the report; gives how many documents failed.
pub async fn import_markdown(
    db: &Db,
    dir: &Path,
    options: &Options,
    actor: &Actor,
) -> anyhow::Result<u64> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let folder = Arc::new(open(db, dir, options).await?);
    let identity = identity::of(db, dir, &folder, options).await?;
    let mut ahead = Ahead::of(db, &folder, &identity);
    let mut run = Run::new(db, &folder, identity, options, actor);
    loop {
        let batch = ahead.batch().await?;
        if batch.is_empty() {
            return finish(run, db, options, actor).await;
        }
        run.batch(batch).await?;
    }
}

async fn open(db: &Db, dir: &Path, options: &Options) -> anyhow::Result<Source> {
    let reading = Reading {
        now: queries::database_clock(&mut *db.fresh().await?).await?,
        expired: options.expired,
    };
    Ok(source::open(dir, reading)?)
}

/// Says what the tags are about, and prints the report.
async fn finish(run: Run<'_>, db: &Db, options: &Options, actor: &Actor) -> anyhow::Result<u64> {
    let described = match options.dry_run {
        true => Ok(()),
        false => run.topics.describe(db, actor).await,
    };
    // The documents are here, whatever became of their tags.
    let failed = run.finish();
    described.context("what the tags are about is not stored; import again")?;
    Ok(failed)
}
