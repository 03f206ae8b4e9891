//! What can go wrong with the private database, each said in one sentence with what to do next.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

/// The `Display` text is meant for the operator's terminal: it can be printed as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "each message says what is wrong, from the fields that it names"
)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL server programs were found on this machine; install them (Debian, Ubuntu: \
         `apt-get install postgresql`, which is postgresql-15 on Debian 12), name their directory in \
         MASTHEAD_POSTGRES_BIN_DIR, or give MASTHEAD_DATABASE_URL to use a database of your own"
    )]
    NoBinaries,

    #[error(
        "the PostgreSQL program directory {dir} has no `{missing}`; let MASTHEAD_POSTGRES_BIN_DIR name a directory \
         that holds both `initdb` and `postgres`, such as /usr/lib/postgresql/15/bin, or leave it unset"
    )]
    IncompleteBinDir { dir: PathBuf, missing: &'static str },

    #[error(
        "{program} could not be run; check that it is executable for the user that runs the database"
    )]
    CannotRun { program: PathBuf, source: io::Error },

    #[error(
        "{program} answered `--version` with {answer:?}, which is no PostgreSQL version; \
         let MASTHEAD_POSTGRES_BIN_DIR name a directory with PostgreSQL 15 or newer"
    )]
    UnknownVersion { program: PathBuf, answer: String },

    #[error(
        "the PostgreSQL in {bin_dir} is version {found}, and {minimum} or newer is needed; install a newer one \
         or give MASTHEAD_DATABASE_URL"
    )]
    ServerTooOld {
        bin_dir: PathBuf,
        found: u32,
        minimum: u32,
    },

    #[error(
        "the database in {data_dir} was written by PostgreSQL {cluster}, but the programs in {bin_dir} are \
         version {installed}; install PostgreSQL {cluster} (or name its directory in MASTHEAD_POSTGRES_BIN_DIR), \
         or dump with {cluster} and restore into an empty data directory with {installed}"
    )]
    VersionMismatch {
        data_dir: PathBuf,
        cluster: String,
        bin_dir: PathBuf,
        installed: u32,
    },

    #[error(
        "PostgreSQL does not run as root and this machine has neither a user `postgres` nor a user `nobody` to \
         run it as; create one (`useradd --system postgres`), start Masthead as an ordinary user, or give \
         MASTHEAD_DATABASE_URL"
    )]
    NoAccount,

    #[error(
        "PostgreSQL does not run as root and this system does not allow a change to {account}; start Masthead \
         as an ordinary user or give MASTHEAD_DATABASE_URL"
    )]
    UserSwitchRefused { account: String, source: io::Error },

    #[error(
        "could not {action} {path}; choose a data directory that Masthead may write to (--data-dir or MASTHEAD_DATA_DIR)"
    )]
    Directory {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error(
        "the database directory {path} is of no use to {account}, because {blocker} may not be entered by that \
         user; run `chmod o+x {blocker}` or choose another data directory (--data-dir or MASTHEAD_DATA_DIR)"
    )]
    Blocked {
        path: PathBuf,
        blocker: PathBuf,
        account: String,
    },

    #[error(
        "{path} cannot become the database directory, because it already holds `{entry}`, which is no part of \
         a Masthead database; choose an empty or new data directory (--data-dir or MASTHEAD_DATA_DIR)"
    )]
    ForeignDirectory { path: PathBuf, entry: String },

    #[error(
        "another Masthead{} is running on the database in {base_dir}; stop it first or choose another data \
         directory (--data-dir or MASTHEAD_DATA_DIR)",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    AlreadyRunning { base_dir: PathBuf, pid: Option<u32> },

    #[error("the new database could not be created: {step} failed; its last words:\n{output}")]
    CreationFailed { step: &'static str, output: String },

    #[error(
        "PostgreSQL ended during its start ({status}); its whole log is in {log}, and it ends with:\n{tail}"
    )]
    DiedEarly {
        status: ExitStatus,
        log: PathBuf,
        tail: String,
    },

    #[error(
        "PostgreSQL was not ready after {seconds} seconds; its whole log is in {log}, and it ends with:\n{tail}"
    )]
    NotReady {
        seconds: u64,
        log: PathBuf,
        tail: String,
    },

    #[error("PostgreSQL (process {pid}) could not be told to stop; end it with `kill -INT {pid}`")]
    CannotStop { pid: u32, source: io::Error },

    #[error("the thread that starts the database could not be created")]
    NoThread { source: io::Error },
}

/// Names the path and the attempt for a failed file operation, which `io::Error` alone leaves out.
pub(super) fn directory_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> EmbeddedError {
    move |source| EmbeddedError::Directory {
        action,
        path: path.to_owned(),
        source,
    }
}
