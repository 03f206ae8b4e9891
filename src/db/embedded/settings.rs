//! The server's settings: a file of our own, rewritten at every start, so that a new release can change them
//! for databases that exist already.

use std::path::Path;

use super::{directory::Home, error::EmbeddedError};

/// Included from `postgresql.conf`, in the data directory.
pub(super) const FILE_NAME: &str = "masthead.conf";

// Values of statements are passwords' hashes, drafts and addresses of people. They are in the parameters, and in the details
// of an error (the duplicate key): neither belongs in a log.
// Senders and `replica` are there so that replicas and base backups can be added without a restart.
const BOTH: &str = "\
# Written by Masthead at every start; changes made here are lost.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 4GB
work_mem = 8MB
maintenance_work_mem = 128MB
wal_level = replica
max_wal_senders = 5
wal_compression = on
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 1
idle_in_transaction_session_timeout = 60s
log_min_duration_statement = 250ms
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_destination = stderr
logging_collector = off
timezone = UTC
log_timezone = UTC
lc_messages = C
";

/// What settings of a version lack whose logs hold values of statements.
const SILENT_PARAMETERS: &str = "log_parameter_max_length = 0";

const DURABLE: &str = "\
fsync = on
full_page_writes = on
synchronous_commit = on
autovacuum = on
checkpoint_timeout = 15min
";

const FAST: &str = "\
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
checkpoint_timeout = 1d
";

pub(super) fn write(
    home: &Home,
    data_dir: &Path,
    durability: Durability,
) -> Result<(), EmbeddedError> {
    let mode = match durability {
        Durability::Durable => DURABLE,
        Durability::Fast => FAST,
    };
    let path = data_dir.join(FILE_NAME);
    if std::fs::read_to_string(&path).is_ok_and(|before| !before.contains(SILENT_PARAMETERS)) {
        home.remove_logs()?;
    }
    home.replace_file(&path, &format!("{BOTH}{mode}"))
}

/// What a database survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A committed transaction survives a power failure.
    Durable,
    /// Several times faster; a crash of the machine may ruin the cluster. For tests only.
    Fast,
}
