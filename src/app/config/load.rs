//! Reads the settings from all places and checks every value.

use secrecy::SecretString;

use super::error::ConfigError;
use super::layers::Layers;
use super::report::Report;
use super::settings::Settings;
use super::surroundings::{Flags, Surroundings};
use super::values::{Jobs, Listen, LogFormat};
use super::{cdn, keys, network, values};
use crate::db::embedded::Account;
use crate::db::{ReplicaReads, Switches};

/// What [`load`] found: the settings, where each came from, and what the operator should know.
#[derive(Debug)]
pub struct Loaded {
    pub settings: Settings,
    pub report: Report,
    /// Full sentences, to be printed on stderr or logged.
    pub warnings: Vec<String>,
}

/// Reads all places and checks every value.
///
/// # Errors
///
/// [`ConfigError`] names the setting, the place it stands in and what is accepted; no secret is in its text.
pub fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Loaded, ConfigError> {
    let mut layers = Layers::read(flags, surroundings)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);

    let listen = layers.take(&keys::LISTEN, Listen::parse)?;
    let data_dir = layers.take_or(
        &keys::DATA_DIR,
        || surroundings.default_data_dir(),
        values::path,
    )?;
    let databases = Databases::take(&mut layers)?;
    let site_url = layers.take_or(
        &keys::SITE_URL,
        || Ok(listen.default_site_url()),
        values::site_url,
    )?;
    let settings = Settings {
        secret: layers.take_optional(&keys::SECRET, values::secret)?,
        postgres_bin_dir: layers.take_optional(&keys::POSTGRES_BIN_DIR, values::path)?,
        interface_language: layers.take(&keys::INTERFACE_LANGUAGE, values::interface_language)?,
        log_format: layers.take(&keys::LOG_FORMAT, LogFormat::parse)?,
        log: layers.take(&keys::LOG, values::log_filter)?,
        workers: layers.take_or(&keys::WORKERS, || Ok(cores.to_string()), values::count)?,
        trusted_proxies: layers.take_or(
            &keys::TRUSTED_PROXIES,
            || Ok(network::default_proxies(&site_url)),
            network::parse_list,
        )?,
        client_address_header: layers.take(&keys::CLIENT_ADDRESS_HEADER, network::header_name)?,
        run_as: layers.take_optional(&keys::RUN_AS, Account::named)?,
        kept_key: None,
        argon2_memory_kib: layers.take(&keys::ARGON2_MEMORY_KIB, values::argon2_memory_kib)?,
        password_hash_concurrency: layers.take_or(
            &keys::PASSWORD_HASH_CONCURRENCY,
            || Ok(cores.to_string()),
            values::count,
        )?,
        cache_mb: layers.take(&keys::CACHE_MB, values::up_to::<1_048_576>)?,
        metrics_listen: layers.take_optional(&keys::METRICS_LISTEN, Listen::parse)?,
        max_connections_per_ip: layers
            .take(&keys::MAX_CONNECTIONS_PER_IP, values::up_to::<1_000_000>)?,
        jobs: layers.take(&keys::JOBS, Jobs::parse)?,
        cdn: cdn::driver(&mut layers)?,
        switches: switches(&mut layers)?,
        site_url,
        listen,
        data_dir: surroundings.absolute(data_dir),
        database_url: databases.url,
        database_replicas: databases.replicas,
        migration_database_url: databases.migration_url,
    };
    let (report, warnings) = layers.finish();
    Ok(Loaded {
        settings,
        report,
        warnings,
    })
}

fn switches(layers: &mut Layers) -> Result<Switches, ConfigError> {
    Ok(Switches {
        read_only: layers.take(&keys::READ_ONLY, values::switch)?,
        replica_reads: layers.take(&keys::REPLICA_READS, ReplicaReads::from_name)?,
    })
}

/// Where the databases are.
struct Databases {
    url: Option<SecretString>,
    replicas: Vec<SecretString>,
    migration_url: Option<SecretString>,
}

impl Databases {
    fn take(layers: &mut Layers) -> Result<Databases, ConfigError> {
        let url = layers.take_optional(&keys::DATABASE_URL, values::database_url)?;
        let migration_url =
            layers.take_optional(&keys::MIGRATION_DATABASE_URL, values::database_url)?;
        if migration_url.is_some() && url.is_none() {
            return Err(ConfigError::MigrationUrlAlone);
        }
        let replicas = layers
            .take_optional(&keys::DATABASE_REPLICAS, values::database_urls)?
            .unwrap_or_default();
        if !replicas.is_empty() && url.is_none() {
            return Err(ConfigError::ReplicasAlone);
        }
        Ok(Databases {
            url,
            replicas,
            migration_url,
        })
    }
}
