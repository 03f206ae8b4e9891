//! `masthead doctor`: looks at everything that a site stands on, one line each, with what to do. To add a
//! check, return a [`Finding`] from `place` (settings, files, port) or `database` (everything asked of
//! PostgreSQL; its SQL is in `db::diagnostics`).
//!
//! It only looks. It creates no file, runs no migration and makes no database. A private database that is there
//! but not running is started for the look and stopped again, because most of what can be wrong is inside it.

mod addresses;
mod database;
mod finding;
mod handles;
mod history_verdicts;
mod place;
mod port;
mod private;
mod rendering;
mod replica;
mod server_verdicts;
mod verdicts;

use std::io::Write;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

pub use database::examine;
pub use finding::{Finding, Level};

use super::config::Settings;
use super::telemetry;
use crate::db::parse_url;

/// Prints all findings. Call it on the main thread, outside any async runtime: a private database that it
/// starts ends with the thread.
///
/// # Errors
///
/// When there is at least one problem; warnings alone are no error.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    telemetry::start(&settings);
    let mut findings = Vec::new();
    for look in [
        place::settings,
        place::data_dir,
        place::secret_key,
        port::port,
        private::look,
    ] {
        let found = look(&settings);
        print(&found);
        findings.extend(found);
    }
    if let Some(address) = &settings.database_url {
        let found = by_address(address, &settings)?;
        print(&found);
        findings.extend(found);
    }
    conclude(&findings)
}

fn by_address(address: &SecretString, settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let app = parse_url(address.expose_secret()).context("the database address cannot be read")?;
    let mut found = database::block_on(examine(&app, settings));
    let site = database::block_on(database::site_history(&app, settings));
    for address in &settings.database_replicas {
        let replica = parse_url(address.expose_secret())
            .context("the address of a replica cannot be read")?;
        found.push(database::block_on(replica::replica(&replica, site)));
    }
    if let Some(address) = &settings.migration_database_url {
        let owner = parse_url(address.expose_secret())
            .context("the migration database address cannot be read")?;
        found.push(database::block_on(database::reach(
            "the role for migrations",
            &owner,
        )));
    }
    Ok(found)
}

fn print(findings: &[Finding]) {
    for finding in findings {
        // A reader that closed the pipe (`| head`) has seen enough; the exit code still tells.
        let _ = writeln!(std::io::stdout(), "{finding}");
    }
}

fn conclude(findings: &[Finding]) -> anyhow::Result<()> {
    let (problems, warnings) = (
        count(findings, Level::Problem),
        count(findings, Level::Warning),
    );
    anyhow::ensure!(
        problems == 0,
        "{problems} to solve, {warnings} to consider: see the lines above"
    );
    let sum = match warnings {
        0 => "Everything is in order.".to_owned(),
        _ => format!("No problem, {warnings} to consider."),
    };
    match writeln!(std::io::stdout(), "\n{sum}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("the result could not be printed"),
    }
}

fn count(findings: &[Finding], level: Level) -> usize {
    findings
        .iter()
        .filter(|finding| finding.level == level)
        .count()
}
