//! `masthead database restore`: a dump in the place of the private database, which is kept beside it under another name.

use std::path::Path;

use anyhow::{Context, bail};

use super::config::Settings;
use super::database::private_config;
use super::history::migrate_all;
use super::telemetry;
use crate::db::embedded::{self, EmbeddedPostgres, Incoming, Role};

/// Call it on the main thread, outside any async runtime.
pub fn run(settings: Settings, dump: &Path) -> anyhow::Result<()> {
    telemetry::start_quiet(&settings);
    let Some(config) = private_config(&settings)? else {
        bail!(
            "this command is for the private database; docs/backup.md says how a dump gets into a server of your own"
        );
    };
    let bin_dir = embedded::look(&config)?.bin_dir;
    let postgres = EmbeddedPostgres::start(&config)
        .context("the site must not run while its database is replaced")?;
    let done = actix_web::rt::System::new().block_on(replace(&postgres, &bin_dir, dump));
    postgres
        .stop()
        .context("the private database did not stop cleanly")?;
    let kept = done?;
    eprintln!("The site is as in the dump. What was here before is kept as the database {kept}.");
    Ok(())
}

/// The name under which the database is kept that was there.
async fn replace(
    postgres: &EmbeddedPostgres,
    bin_dir: &Path,
    dump: &Path,
) -> anyhow::Result<String> {
    let incoming = Incoming::create(postgres).await?;
    let taken = match incoming.load(bin_dir, dump).await {
        // It may be of an older version.
        Ok(()) => migrate_all(&incoming.owner(), Role::App.name()).await,
        refused => refused,
    };
    match taken {
        Ok(()) => incoming.take_place().await,
        Err(error) => {
            incoming.discard().await?;
            Err(error.context("nothing was changed"))
        }
    }
}
