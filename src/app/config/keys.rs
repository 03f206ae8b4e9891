//! Every setting: its names, whether it is secret, and what it accepts.

#[derive(Debug)]
pub(super) struct Key {
    /// In the file.
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
    pub(super) flag: Option<&'static str>,
    pub(super) secret: bool,
    /// Ends the sentence "… must be …".
    pub(super) expected: &'static str,
}

const fn key(name: &'static str, variable: &'static str, expected: &'static str) -> Key {
    Key {
        name,
        variable,
        flag: None,
        secret: false,
        expected,
    }
}

impl Key {
    const fn with_flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    const fn hidden(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// Names the settings file; has no place in the file itself.
pub(super) const CONFIG_VARIABLE: &str = "MASTHEAD_CONFIG";
pub(super) const PREFIX: &str = "MASTHEAD_";

pub(super) const LISTEN: Key = key(
    "listen",
    "MASTHEAD_LISTEN",
    "`localhost` or an IP address, and a port, such as localhost:8080, 0.0.0.0:80 or [::1]:8080",
)
.with_flag("--listen");

pub(super) const DATA_DIR: Key =
    key("data_dir", "MASTHEAD_DATA_DIR", "a directory").with_flag("--data-dir");

const DATABASE_ADDRESS: &str =
    "a PostgreSQL address such as postgres://masthead_app:PASSWORD@localhost:5432/masthead";

pub(super) const DATABASE_URL: Key = key("database_url", "MASTHEAD_DATABASE_URL", DATABASE_ADDRESS)
    .with_flag("--database-url")
    .hidden();

pub(super) const DATABASE_REPLICAS: Key = key(
    "database_replicas",
    "MASTHEAD_DATABASE_REPLICAS",
    "a list of PostgreSQL addresses such as postgres://masthead_app:PASSWORD@replica1:5432/masthead, separated by commas",
)
.hidden();

pub(super) const EMERGENCY: Key = key(
    "emergency",
    "MASTHEAD_EMERGENCY",
    "a list of `double_lag`, `ignore_lag`, `primary_only` and `read_only`, separated by commas",
);

pub(super) const MIGRATION_DATABASE_URL: Key = key(
    "migration_database_url",
    "MASTHEAD_MIGRATION_DATABASE_URL",
    DATABASE_ADDRESS,
)
.hidden();

pub(super) const SITE_URL: Key = key(
    "site_url",
    "MASTHEAD_SITE_URL",
    "an http or https address without a path, such as https://blog.example.org",
)
.with_flag("--site-url");

pub(super) const SECRET: Key = key(
    "secret",
    "MASTHEAD_SECRET",
    "at least 32 characters long, such as the output of `openssl rand -hex 32`",
)
.hidden();

pub(super) const PG_BIN_DIR: Key = key(
    "pg_bin_dir",
    "MASTHEAD_PG_BIN_DIR",
    "a directory with `initdb` and `postgres`, such as /usr/lib/postgresql/15/bin",
);

pub(super) const LOG_FORMAT: Key = key("log_format", "MASTHEAD_LOG_FORMAT", "`pretty` or `json`");

pub(super) const LOG: Key = key(
    "log",
    "MASTHEAD_LOG",
    "a filter such as `info` or `warn,masthead=debug`",
);

pub(super) const WORKERS: Key = key("workers", "MASTHEAD_WORKERS", "a number from 1 to 1024");

pub(super) const TRUSTED_PROXIES: Key = key(
    "trusted_proxies",
    "MASTHEAD_TRUSTED_PROXIES",
    "a list of IP addresses or networks, such as 127.0.0.1, 10.0.0.0/8; or `none`",
)
.with_flag("--trusted-proxies");

pub(super) const CLIENT_ADDRESS_HEADER: Key = key(
    "client_address_header",
    "MASTHEAD_CLIENT_ADDRESS_HEADER",
    "the name of the header in which trusted proxies put the address of their client, such as X-Forwarded-For",
);

pub(super) const RUN_AS: Key = key(
    "run_as",
    "MASTHEAD_RUN_AS",
    "the name of an account of this machine, other than root",
);

pub(super) const ARGON2_MEMORY_KIB: Key = key(
    "argon2_memory_kib",
    "MASTHEAD_ARGON2_MEMORY_KIB",
    "a number of KiB from 7168 to 4194304 (the default is 19456)",
);

pub(super) const MAX_PASSWORD_HASHES: Key = key(
    "max_password_hashes",
    "MASTHEAD_MAX_PASSWORD_HASHES",
    "a number from 1 to 1024",
);

pub(super) const CACHE_MB: Key = key(
    "cache_mb",
    "MASTHEAD_CACHE_MB",
    "a number of megabytes from 0 (no cache) to 1048576",
);

pub(super) const METRICS_LISTEN: Key = key(
    "metrics_listen",
    "MASTHEAD_METRICS_LISTEN",
    "an address that is not public, such as localhost:9090",
);

pub(super) const CONNECTIONS_PER_ADDRESS: Key = key(
    "connections_per_address",
    "MASTHEAD_CONNECTIONS_PER_ADDRESS",
    "a number from 0 (no limit) to 1000000",
);

pub(super) const JOBS: Key = key("jobs", "MASTHEAD_JOBS", "`inside` or `apart`");

pub(super) const CDN: Key = key(
    "cdn",
    "MASTHEAD_CDN",
    "`none`, `varnish`, `fastly`, `cloudflare` or `http`",
);

pub(super) const CDN_URL: Key = key(
    "cdn_url",
    "MASTHEAD_CDN_URL",
    "an http or https address without a password, such as http://varnish:6081; or a list of them",
);

pub(super) const CDN_TOKEN: Key = key(
    "cdn_token",
    "MASTHEAD_CDN_TOKEN",
    "the token of the CDN, without blanks",
)
.hidden();

pub(super) const CDN_ZONE: Key = key(
    "cdn_zone",
    "MASTHEAD_CDN_ZONE",
    "the id of a Cloudflare zone or a Fastly service",
);

pub(super) const ALL: [&Key; 25] = [
    &LISTEN,
    &DATA_DIR,
    &DATABASE_URL,
    &DATABASE_REPLICAS,
    &EMERGENCY,
    &MIGRATION_DATABASE_URL,
    &SITE_URL,
    &SECRET,
    &PG_BIN_DIR,
    &LOG_FORMAT,
    &LOG,
    &WORKERS,
    &TRUSTED_PROXIES,
    &CLIENT_ADDRESS_HEADER,
    &RUN_AS,
    &ARGON2_MEMORY_KIB,
    &MAX_PASSWORD_HASHES,
    &CACHE_MB,
    &METRICS_LISTEN,
    &CONNECTIONS_PER_ADDRESS,
    &JOBS,
    &CDN,
    &CDN_URL,
    &CDN_TOKEN,
    &CDN_ZONE,
];
