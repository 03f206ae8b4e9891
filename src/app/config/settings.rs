//! The settings as the program uses them, and what follows from them.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::http::header::HeaderName;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use url::Url;

use super::error::ConfigError;
use super::values::{Jobs, Listen, LogFormat};
use super::{network, secret_key};
use crate::cdn::Driver;
use crate::db::Switches;
use crate::db::embedded::Account;

/// Secrets are of a type that does not print, so `{:?}` is safe in a log.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: Listen,
    /// Absolute. Not created by loading; see [`Settings::create_data_dir`]. Where root started the site, a process that
    /// serves can write only below [`state_dir`].
    pub data_dir: PathBuf,
    /// As the serving role; `None` runs the private PostgreSQL in the data directory.
    pub database_url: Option<SecretString>,
    /// Streaming replicas of that database, as the same role. Pages are read from them where they are new enough.
    pub database_replicas: Vec<SecretString>,
    /// From `read_only` and `replica_reads`; they change while the site serves.
    pub switches: Switches,
    /// As the role that owns the tables; `None` migrates with `database_url`.
    pub migration_database_url: Option<SecretString>,
    /// Scheme, host and port of the site as readers type it, with the path `/`.
    pub site_url: Url,
    /// At least 32 characters; `None` keeps a key file. Callers want [`Settings::secret_key`].
    pub secret: Option<SecretString>,
    pub postgres_bin_dir: Option<PathBuf>,
    /// One that has message catalogues.
    pub interface_language: &'static str,
    pub log_format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, known to be valid.
    pub log: String,
    /// Threads that serve requests, 1 to 1024.
    pub workers: usize,
    /// Proxies that are believed about the addresses of clients, and in which header.
    pub trusted_proxies: Vec<IpNet>,
    pub client_address_header: HeaderName,
    /// The account that `serve` becomes when it is started by root and the database is the operator's own.
    pub run_as: Option<Account>,
    /// The site's key, once it was read: see [`Settings::keep_secret_key`].
    pub kept_key: Option<Arc<SecretBox<[u8; 32]>>>,
    /// Memory of one password hash, in KiB.
    pub argon2_memory_kib: u32,
    /// Password hashes computed at the same time, so that sign-ins cannot eat the memory.
    pub password_hash_concurrency: usize,
    /// Memory that pages may take, in MiB; with zero each request renders its page.
    pub cache_mb: u32,
    /// Where counters can be scraped; its own socket, since they are not for the public.
    pub metrics_listen: Option<Listen>,
    /// Most connections from one client, and requests at the same time behind a trusted proxy; zero is no limit.
    pub max_connections_per_ip: u32,
    /// Whether `serve` does jobs too.
    pub jobs: Jobs,
    /// From the settings `cdn`, `cdn_url`, `cdn_token`, `cloudflare_zone` and `fastly_service`.
    pub cdn: Driver,
}

impl Settings {
    /// A literal that reads no environment. Fields are public: override what a test is about.
    pub fn for_tests() -> Self {
        Self {
            listen: Listen::parse("127.0.0.1:0").expect("a valid literal"),
            data_dir: PathBuf::from("/nonexistent/masthead"),
            database_url: None,
            database_replicas: Vec::new(),
            switches: Switches::default(),
            migration_database_url: None,
            site_url: Url::parse("http://localhost:8080").expect("a valid literal"),
            secret: Some(SecretString::from(
                "a secret of the test suite, known to everybody",
            )),
            postgres_bin_dir: None,
            interface_language: "en",
            log_format: LogFormat::Pretty,
            log: "warn".to_owned(),
            workers: 1,
            trusted_proxies: Vec::new(),
            client_address_header: HeaderName::from_static("x-forwarded-for"),
            run_as: None,
            kept_key: None,
            argon2_memory_kib: 8,
            password_hash_concurrency: 1,
            cache_mb: 16,
            metrics_listen: None,
            max_connections_per_ip: 100,
            jobs: Jobs::Embedded,
            cdn: Driver::None,
        }
    }

    /// Scheme, host and port without a slash at the end, as `Origin` headers spell it.
    pub fn origin(&self) -> String {
        self.site_url.origin().ascii_serialization()
    }

    /// For the operator: whose word counts for the addresses of clients.
    pub fn about_proxies(&self) -> String {
        if self.trusted_proxies.is_empty() {
            return "no proxy is trusted: each connection comes from its own client".to_owned();
        }
        let networks: Vec<String> = self
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        format!(
            "the header {} of trusted proxies names the client: {}",
            self.client_address_header,
            networks.join(", ")
        )
    }

    /// The site's address means this machine: no one else can read it there.
    pub fn is_local(&self) -> bool {
        network::is_local(&self.site_url)
    }

    /// Readers reach the site over https: cookies carry `Secure` and the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.site_url.scheme() == "https"
    }

    /// Creates the data directory with its parents when it is missing. Root's may be passed through by others,
    /// because the private PostgreSQL lies below it and runs as another user; what is secret in it has mode 0600.
    ///
    /// # Errors
    ///
    /// [`ConfigError::DataDir`] when the directory cannot be created.
    pub fn create_data_dir(&self) -> Result<(), ConfigError> {
        secret_key::create_data_dir(&self.data_dir)
    }

    /// Reads the key now, for a process that is about to lose the right to.
    ///
    /// # Errors
    ///
    /// As [`Settings::secret_key`].
    pub fn keep_secret_key(&mut self) -> Result<(), ConfigError> {
        self.kept_key = Some(Arc::new(self.secret_key()?));
        Ok(())
    }

    /// Creates the directory in which a process remembers things, with its parents, when it is missing.
    ///
    /// # Errors
    ///
    /// [`ConfigError::DataDir`] when it cannot be created.
    pub fn create_state_dir(&self) -> Result<(), ConfigError> {
        self.create_data_dir()?;
        let path = state_dir(&self.data_dir);
        match DirBuilder::new().mode(0o755).create(&path) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(ConfigError::DataDir { path, source })
            }
            _ => Ok(()),
        }
    }

    /// The key that signing keys are derived from: made from `secret`, else from the file `secret.key` in the data
    /// directory, which is created (mode 0600, 32 random bytes) when it is missing.
    ///
    /// Several nodes of one site need the same key, hence the same `secret`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::KeyFile`] when the file cannot be read or created, [`ConfigError::KeyFileLength`] when it
    /// does not hold 32 bytes.
    pub fn secret_key(&self) -> Result<SecretBox<[u8; 32]>, ConfigError> {
        if let Some(key) = &self.kept_key {
            return Ok(SecretBox::new(Box::new(*key.expose_secret())));
        }
        match &self.secret {
            Some(secret) => Ok(secret_key::from_secret(secret.expose_secret())),
            None => secret_key::from_file(&self.data_dir),
        }
    }
}

/// Where a process that serves keeps what it has to remember, in a data directory. Its own also where root owns that.
pub fn state_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("state")
}
