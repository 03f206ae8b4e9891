//! Addresses of servers, and the settings that a connection begins with.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Mutex;

use sqlx::postgres::PgConnectOptions;

pub(super) fn direct_options(options: &PgConnectOptions, name: &str) -> PgConnectOptions {
    with_settings(
        options,
        name,
        &[("statement_timeout", "2s"), ("synchronous_commit", "off")],
    )
}

/// Reads a `postgres://` address, with the password that `~/.pgpass` has for it. What the first call found is kept: a
/// process that has left root since then may not read that file any more.
pub fn parse_url(url: &str) -> std::result::Result<PgConnectOptions, sqlx::Error> {
    static KNOWN: Mutex<BTreeMap<String, PgConnectOptions>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(options) = known.get(url) {
        return Ok(options.clone());
    }
    let options = PgConnectOptions::from_str(url)?;
    known.insert(url.to_owned(), options.clone());
    Ok(options)
}

pub(super) fn with_settings(
    options: &PgConnectOptions,
    pool: &str,
    extra: &[(&str, &str)],
) -> PgConnectOptions {
    options
        .clone()
        .application_name(&format!("masthead/{pool}"))
        .options([
            ("lock_timeout", "1s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ])
        .options(extra.iter().copied())
}
