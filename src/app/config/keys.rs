//! Every setting: its names, what it accepts, its default and what it does. `docs/configuration.md` is made of this table
//! by `masthead config reference`.

use super::key::DefaultValue::{Computed, Text, Unset};
use super::key::{Key, RenamedKey, key, renamed};

pub(super) const RENAMED: [RenamedKey; 5] = [
    RenamedKey {
        hint: " (`read_only` is `true` now; for replicas `double_lag` is `relaxed`, `ignore_lag` is `any`, `primary_only` is `off`)",
        ..renamed(
            "emergency",
            "MASTHEAD_EMERGENCY",
            &[&READ_ONLY, &REPLICA_READS],
        )
    },
    renamed("pg_bin_dir", "MASTHEAD_PG_BIN_DIR", &[&POSTGRES_BIN_DIR]),
    renamed(
        "max_password_hashes",
        "MASTHEAD_MAX_PASSWORD_HASHES",
        &[&PASSWORD_HASH_CONCURRENCY],
    ),
    renamed(
        "connections_per_address",
        "MASTHEAD_CONNECTIONS_PER_ADDRESS",
        &[&MAX_CONNECTIONS_PER_IP],
    ),
    renamed(
        "cdn_zone",
        "MASTHEAD_CDN_ZONE",
        &[&CLOUDFLARE_ZONE, &FASTLY_SERVICE],
    ),
];

/// Names the settings file; has no place in the file itself.
pub(super) const CONFIG_VARIABLE: &str = "MASTHEAD_CONFIG";
pub(super) const PREFIX: &str = "MASTHEAD_";

pub(super) const LISTEN: Key = key(
    "listen",
    "MASTHEAD_LISTEN",
    Text("localhost:8080"),
    "`localhost` or an IP address, and a port, such as localhost:8080, 0.0.0.0:80 or [::1]:8080",
    "Address on which the site is served. `localhost` means 127.0.0.1 and [::1].",
)
.with_flag("--listen");

pub(super) const DATA_DIR: Key = key(
    "data_dir",
    "MASTHEAD_DATA_DIR",
    Computed(
        "root: `/var/lib/masthead`; else `$XDG_DATA_HOME/masthead` or `~/.local/share/masthead`",
    ),
    "a directory",
    "Holds the private database, the key file and what a node has to remember.",
)
.with_flag("--data-dir");

const DATABASE_ADDRESS: &str =
    "a PostgreSQL address such as postgres://masthead_app:PASSWORD@localhost:5432/masthead";

pub(super) const DATABASE_URL: Key = key(
    "database_url",
    "MASTHEAD_DATABASE_URL",
    Unset("private PostgreSQL"),
    DATABASE_ADDRESS,
    "Your own PostgreSQL, as the role that serves. Without it, Masthead runs a private one in `data_dir`.",
)
.with_flag("--database-url")
.hidden();

pub(super) const DATABASE_REPLICAS: Key = key(
    "database_replicas",
    "MASTHEAD_DATABASE_REPLICAS",
    Unset("all reads go to the primary"),
    "a list of PostgreSQL addresses such as postgres://masthead_app:PASSWORD@replica1:5432/masthead, separated by commas",
    "Streaming replicas of `database_url`, from which pages are read. Needs `database_url`.",
)
.hidden();

pub(super) const READ_ONLY: Key = key(
    "read_only",
    "MASTHEAD_READ_ONLY",
    Text("false"),
    "`true` or `false`",
    "Refuses every change; forms come back with their text.",
)
.reloaded();

pub(super) const REPLICA_READS: Key = key(
    "replica_reads",
    "MASTHEAD_REPLICA_READS",
    Text("normal"),
    "`normal`, `relaxed`, `any` or `off`",
    "Which replicas are read from: those that lag as little as usual (`normal`) or at most twice as far (`relaxed`), `any`, or none (`off`).",
)
.reloaded();

pub(super) const MIGRATION_DATABASE_URL: Key = key(
    "migration_database_url",
    "MASTHEAD_MIGRATION_DATABASE_URL",
    Unset("migrations use the same role"),
    DATABASE_ADDRESS,
    "The same database as the role that owns the tables. Needs `database_url`.",
)
.hidden();

pub(super) const SITE_URL: Key = key(
    "site_url",
    "MASTHEAD_SITE_URL",
    Computed("made from `listen`"),
    "an http or https address without a path, such as https://blog.example.org",
    "Address of the site as readers type it. Only this address may send forms; with https, cookies get `Secure` and the `__Host-` prefix.",
)
.with_flag("--site-url");

pub(super) const SECRET: Key = key(
    "secret",
    "MASTHEAD_SECRET",
    Unset("key file in the data directory"),
    "at least 32 characters long, such as the output of `openssl rand -hex 32`",
    "The key that form ids, invitations and the read-your-writes cookie are signed with. All nodes of one site need the same. Without it, `secret.key` in `data_dir` is made when it is first needed.",
)
.hidden();

pub(super) const POSTGRES_BIN_DIR: Key = key(
    "postgres_bin_dir",
    "MASTHEAD_POSTGRES_BIN_DIR",
    Unset("searched for"),
    "a directory with `initdb` and `postgres`, such as /usr/lib/postgresql/15/bin",
    "Programs of PostgreSQL for the private database. Without it, the usual places are searched, then `PATH`.",
);

pub(super) const INTERFACE_LANGUAGE: Key = key(
    "interface_language",
    "MASTHEAD_INTERFACE_LANGUAGE",
    Text("en"),
    "the code of a language that has a folder in `locales` of the source, such as en",
    "Language of the words that pages, forms and scripts have from Masthead; texts of authors have their own, and labels in stored texts stay English. All nodes of one site need the same; after a change, restart them all and purge shared caches.",
);

pub(super) const LOG_FORMAT: Key = key(
    "log_format",
    "MASTHEAD_LOG_FORMAT",
    Text("pretty"),
    "`pretty` or `json`",
    "Form of the log, which goes to standard error.",
);

pub(super) const LOG: Key = key(
    "log",
    "MASTHEAD_LOG",
    Text("info"),
    "a filter such as `info` or `warn,masthead=debug`",
    "What is logged, as a filter of `tracing`.",
);

pub(super) const WORKERS: Key = key(
    "workers",
    "MASTHEAD_WORKERS",
    Computed("number of cores"),
    "a number from 1 to 1024",
    "Threads that serve requests. The sizes of the connection pools follow from it.",
);

pub(super) const TRUSTED_PROXIES: Key = key(
    "trusted_proxies",
    "MASTHEAD_TRUSTED_PROXIES",
    Computed("this machine (127.0.0.0/8, ::1) if `site_url` is not local, else none"),
    "a list of IP addresses or networks, such as 127.0.0.1, 10.0.0.0/8; or `none`",
    "Proxies that are believed about the addresses of their clients.",
)
.with_flag("--trusted-proxies");

pub(super) const CLIENT_ADDRESS_HEADER: Key = key(
    "client_address_header",
    "MASTHEAD_CLIENT_ADDRESS_HEADER",
    Text("X-Forwarded-For"),
    "the name of the header in which trusted proxies put the address of their client, such as X-Forwarded-For",
    "The one header of trusted proxies that names the client. `Forwarded` is read as RFC 7239 says.",
);

pub(super) const RUN_AS: Key = key(
    "run_as",
    "MASTHEAD_RUN_AS",
    Unset("masthead, else nobody, where root starts it"),
    "the name of an account of this machine, other than root",
    "Account that `serve` becomes when root starts it and the database is your own.",
);

pub(super) const ARGON2_MEMORY_KIB: Key = key(
    "argon2_memory_kib",
    "MASTHEAD_ARGON2_MEMORY_KIB",
    Text("19456"),
    "a number of KiB from 7168 to 4194304 (the default is 19456)",
    "Memory of one password hash, in KiB.",
);

pub(super) const PASSWORD_HASH_CONCURRENCY: Key = key(
    "password_hash_concurrency",
    "MASTHEAD_PASSWORD_HASH_CONCURRENCY",
    Computed("number of cores"),
    "a number from 1 to 1024",
    "Password hashes that are computed at the same time.",
);

pub(super) const CACHE_MB: Key = key(
    "cache_mb",
    "MASTHEAD_CACHE_MB",
    Text("256"),
    "a number of megabytes from 0 (no cache) to 1048576",
    "Memory for pages, in MiB. With 0 every page is rendered for each request.",
);

pub(super) const METRICS_LISTEN: Key = key(
    "metrics_listen",
    "MASTHEAD_METRICS_LISTEN",
    Unset("no metrics"),
    "an address that is not public, such as localhost:9090",
    "Address on which `/metrics` is served, in the text format of Prometheus.",
);

pub(super) const MAX_CONNECTIONS_PER_IP: Key = key(
    "max_connections_per_ip",
    "MASTHEAD_MAX_CONNECTIONS_PER_IP",
    Text("100"),
    "a number from 0 (no limit) to 1000000",
    "Connections from one client (an address, or an IPv6 /64); behind a trusted proxy, its requests at the same time.",
);

pub(super) const JOBS: Key = key(
    "jobs",
    "MASTHEAD_JOBS",
    Text("embedded"),
    "`embedded` or `external`",
    "Where background jobs run: `embedded` in every `serve`, or `external`, in `masthead worker` only.",
)
.renamed_values(&[("inside", "embedded"), ("apart", "external")]);

pub(super) const CDN: Key = key(
    "cdn",
    "MASTHEAD_CDN",
    Text("none"),
    "`none`, `varnish`, `fastly`, `cloudflare` or `webhook`",
    "Kind of the shared cache that is purged when pages change.",
)
.renamed_values(&[("http", "webhook")]);

pub(super) const CDN_URL: Key = key(
    "cdn_url",
    "MASTHEAD_CDN_URL",
    Unset("the public address of the CDN"),
    "an http or https address without a password, such as http://varnish:6081; or a list of them",
    "Where purges go. Needed by `varnish` (one or more, separated by commas) and `webhook` (one).",
);

pub(super) const CDN_TOKEN: Key = key(
    "cdn_token",
    "MASTHEAD_CDN_TOKEN",
    Unset("no token"),
    "the token of the CDN, without blanks",
    "Needed by `fastly` and `cloudflare`, possible with `webhook`.",
)
.hidden();

pub(super) const CLOUDFLARE_ZONE: Key = key(
    "cloudflare_zone",
    "MASTHEAD_CLOUDFLARE_ZONE",
    Unset("no zone"),
    "the id of a Cloudflare zone",
    "Needed by `cdn = \"cloudflare\"`.",
);

pub(super) const FASTLY_SERVICE: Key = key(
    "fastly_service",
    "MASTHEAD_FASTLY_SERVICE",
    Unset("no service"),
    "the id of a Fastly service",
    "Needed by `cdn = \"fastly\"`.",
);

pub(super) const ALL: [&Key; 28] = [
    &LISTEN,
    &DATA_DIR,
    &DATABASE_URL,
    &DATABASE_REPLICAS,
    &READ_ONLY,
    &REPLICA_READS,
    &MIGRATION_DATABASE_URL,
    &SITE_URL,
    &SECRET,
    &POSTGRES_BIN_DIR,
    &INTERFACE_LANGUAGE,
    &LOG_FORMAT,
    &LOG,
    &WORKERS,
    &TRUSTED_PROXIES,
    &CLIENT_ADDRESS_HEADER,
    &RUN_AS,
    &ARGON2_MEMORY_KIB,
    &PASSWORD_HASH_CONCURRENCY,
    &CACHE_MB,
    &METRICS_LISTEN,
    &MAX_CONNECTIONS_PER_IP,
    &JOBS,
    &CDN,
    &CDN_URL,
    &CDN_TOKEN,
    &CLOUDFLARE_ZONE,
    &FASTLY_SERVICE,
];
