//! The private database: whether it is there, which account runs it, and the look inside.

use std::path::Path;

use super::database::{block_on, examine};
use super::finding::Finding;
use crate::app::config::Settings;
use crate::db::embedded::{
    self, DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Look, Role,
};

/// Nothing where the site uses a database of the operator's own.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    if settings.database_url.is_some() {
        return Vec::new();
    }
    let config = EmbeddedConfig {
        base_dir: settings.data_dir.join("postgres"),
        bin_dir: settings.postgres_bin_dir.clone(),
        durability: Durability::Durable,
        copy_of: None,
    };
    match embedded::look(&config) {
        Ok(there) => programs_and_database(&there, &config, settings),
        Err(error) => vec![Finding::error(
            "a private database cannot be used here",
            &error,
        )],
    }
}

fn programs_and_database(
    there: &Look,
    config: &EmbeddedConfig,
    settings: &Settings,
) -> Vec<Finding> {
    let mut found = vec![Finding::ok(format!(
        "PostgreSQL {} programs are in {}",
        there.major,
        there.bin_dir.display()
    ))];
    if there.cluster.is_none() {
        let what = format!(
            "there is no private database in {} yet; `masthead serve` makes it",
            there.base_dir.display()
        );
        found.push(Finding::ok(what));
        return found;
    }
    found.extend(inside(&there.base_dir, config, settings));
    found
}

fn inside(base_dir: &Path, config: &EmbeddedConfig, settings: &Settings) -> Vec<Finding> {
    let before = first_number(&base_dir.join("data/postmaster.pid"));
    match EmbeddedPostgres::start_or_join(config) {
        Ok(server) => {
            let lock = first_number(&base_dir.join("lock"));
            let state = state(before, server.postmaster_pid(), lock);
            of_server(server, &state, settings)
        }
        Err(error) => vec![Finding::error(
            "the private database cannot be used",
            &error,
        )],
    }
}

/// Looks into the server and stops it, unless another process needs it.
fn of_server(server: EmbeddedPostgres, state: &str, settings: &Settings) -> Vec<Finding> {
    let mut found = vec![Finding::ok(format!(
        "the private database in {} {state}",
        server.base_dir().display()
    ))];
    found.extend(block_on(examine(
        &server.connect_options(Role::App, DATABASE),
        settings,
    )));
    if let Err(error) = server.stop() {
        found.push(Finding::error(
            "the private database did not stop after this look",
            &error,
        ));
    }
    found
}

fn state(before: Option<u32>, now: u32, holder: Option<u32>) -> String {
    match (before == Some(now), holder) {
        (true, Some(holder)) => format!("is running (process {now}, of Masthead process {holder})"),
        (true, None) => format!("is running (process {now})"),
        (false, _) => "was not running; it was started for this look and stops again".to_owned(),
    }
}

/// The process that a pid or lock file names.
fn first_number(path: &Path) -> Option<u32> {
    std::fs::read_to_string(path)
        .ok()?
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_process_that_was_there_before_is_called_running() {
        assert!(state(Some(7), 7, Some(5)).contains("process 7, of Masthead process 5"));
        assert!(state(None, 7, Some(5)).contains("not running"));
        assert!(state(Some(6), 7, None).contains("not running"));
    }
}
