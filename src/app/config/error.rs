//! Why settings cannot be used, in sentences for the operator's terminal.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `place` names the flag, the variable, or the key with its file; secrets are hidden in `value`.
    #[error("{place} is {value}, but must be {expected}")]
    Value {
        place: String,
        value: String,
        expected: &'static str,
    },

    #[error("unknown setting `{key}` in {file}; the known ones are {known}")]
    UnknownKey {
        key: String,
        file: PathBuf,
        known: String,
    },

    #[error("{place} is not read any more; use {now} instead{hint}")]
    RenamedKey {
        place: String,
        now: String,
        hint: &'static str,
    },

    #[error("{place} is `{value}`, which is called `{now}` now")]
    RenamedValue {
        place: String,
        value: String,
        now: &'static str,
    },

    #[error("the settings file {file} could not be read; check the path and its permissions")]
    FileUnreadable { file: PathBuf, source: io::Error },

    #[error(
        "the settings file {file} is not valid TOML at line {line}, column {column}: {message}"
    )]
    FileSyntax {
        file: PathBuf,
        line: usize,
        column: usize,
        message: String,
    },

    #[error("the environment variable {variable} is not valid UTF-8; set it again or remove it")]
    NotUtf8 { variable: String },

    #[error(
        "there is no place for the site's data, because neither HOME nor XDG_DATA_HOME is set; \
         give one with --data-dir or MASTHEAD_DATA_DIR"
    )]
    NoDataDir,

    #[error(
        "migration_database_url is set without database_url; set MASTHEAD_DATABASE_URL for the serving role too, \
         or remove both to use the private PostgreSQL"
    )]
    MigrationUrlAlone,

    #[error(
        "database_replicas is set without database_url; set MASTHEAD_DATABASE_URL to the primary, or remove it to use the \
         private PostgreSQL"
    )]
    ReplicasAlone,

    #[error("this `cdn` needs {key} as well: set {variable} to {expected}")]
    CdnLacks {
        key: &'static str,
        variable: &'static str,
        expected: &'static str,
    },

    #[error(
        "cdn_url names several addresses, which only `varnish` may have; leave one in MASTHEAD_CDN_URL"
    )]
    CdnTakesOneUrl,

    #[error(
        "the data directory {path} could not be created; choose another one with --data-dir or MASTHEAD_DATA_DIR"
    )]
    DataDir { path: PathBuf, source: io::Error },

    #[error(
        "the key file {path} could not be read or created; check its permissions or set MASTHEAD_SECRET"
    )]
    KeyFile { path: PathBuf, source: io::Error },

    #[error(
        "the key file {path} holds {length} bytes instead of 32; restore it from a backup, or remove it to get a \
         new key, which ends all sessions"
    )]
    KeyFileLength { path: PathBuf, length: usize },
}
