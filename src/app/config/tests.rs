use std::{
    collections::BTreeMap,
    ffi::OsString,
    os::unix::{ffi::OsStringExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::*;
use crate::cdn::Driver;
use crate::db::{ReplicaReads, Switches};

/// A working directory of its own for each test, removed at its end.
struct Site {
    dir: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

impl Site {
    fn new() -> Self {
        let dir =
            std::env::temp_dir().join(format!("masthead-config-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&dir).unwrap();
        let variables = BTreeMap::from([("HOME".into(), "/home/ann".into())]);
        Self { dir, variables }
    }

    fn file(self, content: &str) -> Self {
        std::fs::write(self.dir.join("masthead.toml"), content).unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            variables: self.variables.clone(),
            is_root: false,
            current_dir: self.dir.clone(),
        }
    }

    fn load(&self, flags: Flags) -> Result<Loaded, ConfigError> {
        load(&flags, &self.surroundings())
    }

    fn refusal(&self) -> String {
        self.load(Flags::default()).unwrap_err().to_string()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn listen(text: &str) -> Flags {
    Flags {
        listen: Some(text.to_owned()),
        ..Flags::default()
    }
}

#[test]
fn flags_over_environment_over_file_over_defaults() {
    let site = Site::new();
    let port = |loaded: &Loaded| loaded.settings.listen.addresses[0].port();

    let loaded = site.load(Flags::default()).unwrap();
    assert_eq!(
        (port(&loaded), loaded.report.origin("listen")),
        (8080, Some(&Origin::Default))
    );

    let site = site.file("listen = 'localhost:1001'\n");
    let file = site.dir.join("masthead.toml");
    let loaded = site.load(Flags::default()).unwrap();
    assert_eq!(
        (port(&loaded), loaded.report.origin("listen")),
        (1001, Some(&Origin::File(file)))
    );

    let site = site.variable("MASTHEAD_LISTEN", "localhost:1002");
    let loaded = site.load(Flags::default()).unwrap();
    let variable = Origin::Variable("MASTHEAD_LISTEN");
    assert_eq!(
        (port(&loaded), loaded.report.origin("listen")),
        (1002, Some(&variable))
    );

    let loaded = site.load(listen("localhost:1003")).unwrap();
    let flag = Origin::Flag("--listen");
    assert_eq!(
        (port(&loaded), loaded.report.origin("listen")),
        (1003, Some(&flag))
    );
}

#[test]
fn the_defaults() {
    let loaded = Site::new().load(Flags::default()).unwrap();
    let settings = loaded.settings;
    assert_eq!(
        settings.listen.addresses,
        [
            "127.0.0.1:8080".parse().unwrap(),
            "[::1]:8080".parse().unwrap()
        ]
    );
    assert_eq!(
        settings.data_dir,
        Path::new("/home/ann/.local/share/masthead")
    );
    assert_eq!(settings.origin(), "http://localhost:8080");
    assert!(settings.database_url.is_none() && settings.secret.is_none());
    assert_eq!(
        (settings.argon2_memory_kib, settings.log_format),
        (19456, LogFormat::Pretty)
    );
    assert_eq!(settings.trusted_proxies, []);
    assert_eq!(settings.client_address_header, "x-forwarded-for");
    assert_eq!(loaded.warnings, [] as [&str; 0]);
}

#[test]
fn the_data_directory_follows_the_user() {
    let place = |variables: &[(&str, &str)], is_root| {
        let surroundings = Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            is_root,
            current_dir: PathBuf::from("/nonexistent"),
        };
        load(&Flags::default(), &surroundings).map(|loaded| loaded.settings.data_dir)
    };
    let home = ("HOME", "/home/ann");
    assert_eq!(
        place(&[home, ("XDG_DATA_HOME", "/data")], false).unwrap(),
        Path::new("/data/masthead")
    );
    assert_eq!(
        place(&[home, ("XDG_DATA_HOME", "relative")], false).unwrap(),
        Path::new("/home/ann/.local/share/masthead")
    );
    assert_eq!(
        place(&[home], true).unwrap(),
        Path::new("/var/lib/masthead")
    );
    assert_eq!(
        place(&[home, ("MASTHEAD_DATA_DIR", "here")], true).unwrap(),
        Path::new("/nonexistent/here")
    );
    assert!(matches!(place(&[], false), Err(ConfigError::NoDataDir)));
}

#[test]
fn a_named_file_is_read_and_must_be_there() {
    let site = Site::new().file("listen = 'localhost:1'");
    std::fs::write(site.dir.join("other.toml"), "workers = 3").unwrap();
    let named = Flags {
        config: Some("other.toml".to_owned()),
        ..Flags::default()
    };
    let settings = site.load(named.clone()).unwrap().settings;
    assert_eq!(
        (settings.workers, settings.listen.addresses[0].port()),
        (3, 8080)
    );

    let by_variable = Site::new().variable(
        "MASTHEAD_CONFIG",
        site.dir.join("other.toml").to_str().unwrap(),
    );
    let loaded = by_variable.load(Flags::default()).unwrap();
    assert_eq!((loaded.settings.workers, loaded.warnings.len()), (3, 0));

    std::fs::remove_file(site.dir.join("other.toml")).unwrap();
    let error = site.load(named).unwrap_err();
    assert!(
        matches!(&error, ConfigError::FileUnreadable { file, .. } if file.ends_with("other.toml")),
        "{error:?}"
    );
}

#[test]
fn secrets_show_nowhere() {
    let password = "correct-horse";
    let secret = "0123456789abcdef0123456789abcdef";
    let site = Site::new()
        .file(&format!(
            "migration_database_url = 'postgres://owner:{password}@db/masthead'"
        ))
        .variable(
            "MASTHEAD_DATABASE_URL",
            &format!("postgres://app:{password}@db/masthead"),
        )
        .variable("MASTHEAD_SECRET", secret);
    let loaded = site.load(Flags::default()).unwrap();
    let shown = format!("{loaded:?}\n{}", loaded.report);
    assert!(
        !shown.contains(password) && !shown.contains(secret),
        "{shown}"
    );

    let report = loaded.report.to_string();
    let line = |key: &str| report.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(line("database_url").contains("set (hidden)"), "{report}");
    assert!(
        line("database_url").ends_with("environment MASTHEAD_DATABASE_URL"),
        "{report}"
    );
    assert!(
        line("migration_database_url").ends_with("masthead.toml"),
        "{report}"
    );
    assert!(line("secret").contains("set (hidden)"), "{report}");
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    for (name, value) in [
        ("MASTHEAD_SECRET", "too-short"),
        ("MASTHEAD_CDN_TOKEN", "too-short\r\n"),
        ("MASTHEAD_DATABASE_URL", "mysql://app:too-short@db/masthead"),
    ] {
        let message = Site::new().variable(name, value).refusal();
        assert!(
            message.contains(name) && !message.contains("too-short"),
            "{message}"
        );
    }
    let message = Site::new()
        .file("database_url = postgres://app:too-short@db/masthead")
        .refusal();
    assert!(
        message.contains("line 1") && !message.contains("too-short"),
        "{message}"
    );
}

#[test]
fn an_unknown_key_in_the_file_is_refused() {
    let site = Site::new().file("workers = 1\nlisten_on = 'localhost:1'\n");
    let message = site.refusal();
    assert!(
        message.contains("`listen_on`") && message.contains("masthead.toml"),
        "{message}"
    );
    assert!(message.contains("listen, data_dir"), "{message}");
}

/// Ignored, the first of them would let a site that was switched to reading only take changes.
#[test]
fn a_setting_under_its_old_name_is_refused_with_the_new_one() {
    for old in &keys::RENAMED {
        assert!(keys::ALL.iter().all(|key| key.name != old.name));
        let in_file = Site::new().file(&format!("{} = '1'", old.name)).refusal();
        let place = format!("`{}` in ", old.name);
        assert!(
            in_file.starts_with(&place) && in_file.contains("masthead.toml"),
            "{in_file}"
        );
        let in_environment = Site::new().variable(old.variable, "1").refusal();
        assert!(in_environment.contains(old.variable), "{in_environment}");
        for now in old.now {
            assert!(in_file.contains(&format!("`{}`", now.name)), "{in_file}");
            assert!(in_environment.contains(now.variable), "{in_environment}");
        }
        assert!(
            Site::new()
                .variable(old.variable, "")
                .load(Flags::default())
                .is_ok()
        );
    }
}

#[test]
fn a_value_under_its_old_name_is_refused_with_the_new_one() {
    let mut count = 0;
    for key in keys::ALL {
        for (old, now) in key.renamed_values {
            count += 1;
            for message in [
                Site::new()
                    .file(&format!("{} = '{old}'", key.name))
                    .refusal(),
                Site::new().variable(key.variable, old).refusal(),
            ] {
                let renamed = format!(" is `{old}`, which is called `{now}` now");
                assert!(message.ends_with(&renamed), "{message}");
            }
        }
    }
    assert_eq!(count, 3);
}

#[test]
fn a_switch_of_the_file_is_a_truth_value_or_a_text() {
    let switches = |content: &str| {
        Site::new()
            .file(content)
            .load(Flags::default())
            .unwrap()
            .settings
            .switches
    };
    assert_eq!(switches(""), Switches::default());
    assert!(switches("read_only = true").read_only);
    assert!(switches("read_only = 'true'").read_only);
    assert!(!switches("read_only = false").read_only);
    assert_eq!(
        switches("replica_reads = 'off'").replica_reads,
        ReplicaReads::Off
    );
}

#[test]
fn an_unknown_variable_is_warned_of() {
    let site = Site::new()
        .variable("MASTHEAD_LISTENN", "localhost:1")
        .variable("OTHER_PROGRAM", "1");
    let warnings = site.load(Flags::default()).unwrap().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("MASTHEAD_LISTENN"), "{warnings:?}");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let site = Site::new().variable("MASTHEAD_DATABASE_URL", "");
    let settings = site.load(Flags::default()).unwrap().settings;
    assert!(settings.database_url.is_none());
}

#[test]
fn a_variable_that_is_not_text_is_refused() {
    let mut site = Site::new();
    site.variables
        .insert("MASTHEAD_LOG".into(), OsString::from_vec(vec![b'i', 0xff]));
    assert!(site.refusal().contains("MASTHEAD_LOG"));
}

#[test]
fn wrong_values_name_the_place_and_what_would_be_right() {
    let cases = [
        ("MASTHEAD_LISTEN", "8080", "localhost:8080"),
        ("MASTHEAD_LISTEN", "localhost:99999", "localhost:8080"),
        ("MASTHEAD_LISTEN", "example.org:80", "localhost:8080"),
        (
            "MASTHEAD_SITE_URL",
            "blog.example.org",
            "https://blog.example.org",
        ),
        (
            "MASTHEAD_SITE_URL",
            "https://example.org/blog",
            "without a path",
        ),
        ("MASTHEAD_INTERFACE_LANGUAGE", "tlh", "such as en"),
        ("MASTHEAD_LOG_FORMAT", "xml", "`pretty` or `json`"),
        ("MASTHEAD_LOG", "masthead=loud", "`info`"),
        ("MASTHEAD_WORKERS", "0", "1 to 1024"),
        ("MASTHEAD_WORKERS", "+2", "1 to 1024"),
        ("MASTHEAD_WORKERS", "many", "1 to 1024"),
        ("MASTHEAD_TRUSTED_PROXIES", "10.0.0.0/40", "10.0.0.0/8"),
        ("MASTHEAD_ARGON2_MEMORY_KIB", "1024", "7168"),
        ("MASTHEAD_PASSWORD_HASH_CONCURRENCY", "-1", "1 to 1024"),
        ("MASTHEAD_JOBS", "outside", "`embedded` or `external`"),
        ("MASTHEAD_READ_ONLY", "yes", "`true` or `false`"),
        ("MASTHEAD_REPLICA_READS", "primary_only", "`relaxed`"),
        ("MASTHEAD_CDN", "akamai", "`varnish`"),
        (
            "MASTHEAD_CDN_URL",
            "http://ann:pw@varnish",
            "without a password",
        ),
        ("MASTHEAD_CDN_URL", "varnish:6081", "http://varnish:6081"),
        ("MASTHEAD_CLOUDFLARE_ZONE", "../other", "Cloudflare zone"),
        ("MASTHEAD_FASTLY_SERVICE", "../other", "Fastly service"),
    ];
    for (variable, value, right) in cases {
        let message = Site::new().variable(variable, value).refusal();
        for part in [variable, &format!("`{value}`"), right] {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    }
}

#[test]
fn wrong_values_in_the_file_name_key_and_file() {
    for content in [
        "workers = 1.5",
        "workers = true",
        "workers = 0",
        "[workers]\ncount = 1",
    ] {
        let message = Site::new().file(content).refusal();
        assert!(
            message.contains("`workers` in ") && message.contains("masthead.toml"),
            "{message}"
        );
    }
    let message = Site::new().file("workers = 1\nlog = \"info\n").refusal();
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn a_list_may_be_an_array_or_a_text() {
    let from_file = Site::new().file("trusted_proxies = ['127.0.0.1', '10.0.0.0/8']");
    let from_variable = Site::new().variable("MASTHEAD_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");
    let list = |site: &Site| {
        site.load(Flags::default())
            .unwrap()
            .settings
            .trusted_proxies
    };
    assert_eq!(list(&from_file).len(), 2);
    assert_eq!(list(&from_file), list(&from_variable));
}

#[test]
fn a_site_that_others_read_trusts_the_proxy_on_its_machine() {
    let networks = |site: Site, flags: Flags| {
        let trusted = site.load(flags).unwrap().settings.trusted_proxies;
        trusted
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let public = || Site::new().variable("MASTHEAD_SITE_URL", "https://blog.example.org");
    assert_eq!(networks(public(), Flags::default()), "127.0.0.0/8 ::1/128");
    assert_eq!(networks(Site::new(), Flags::default()), "");
    // What is named is all.
    assert_eq!(
        networks(
            public().variable("MASTHEAD_TRUSTED_PROXIES", "10.0.0.7"),
            Flags::default()
        ),
        "10.0.0.7/32"
    );
    let flag = |value: &str| Flags {
        trusted_proxies: Some(value.to_owned()),
        ..Flags::default()
    };
    assert_eq!(
        networks(
            public().variable("MASTHEAD_TRUSTED_PROXIES", "10.0.0.7"),
            flag("10.0.0.8")
        ),
        "10.0.0.8/32"
    );
    assert_eq!(networks(public(), flag("none")), "");
    assert_eq!(
        networks(public().file("trusted_proxies = []"), Flags::default()),
        ""
    );
}

#[test]
fn the_header_of_the_client_address_can_be_named() {
    let named = Site::new().variable("MASTHEAD_CLIENT_ADDRESS_HEADER", "CF-Connecting-IP");
    assert_eq!(
        named
            .load(Flags::default())
            .unwrap()
            .settings
            .client_address_header,
        "cf-connecting-ip"
    );
    let message = Site::new()
        .variable("MASTHEAD_CLIENT_ADDRESS_HEADER", "X Forwarded For")
        .refusal();
    assert!(
        message.contains("MASTHEAD_CLIENT_ADDRESS_HEADER"),
        "{message}"
    );
}

#[test]
fn the_site_url_follows_the_address() {
    let origin = |address: &str| Site::new().load(listen(address)).unwrap().settings.origin();
    assert_eq!(origin("localhost:80"), "http://localhost");
    assert_eq!(origin("0.0.0.0:3000"), "http://localhost:3000");
    assert_eq!(origin("[::]:3000"), "http://localhost:3000");
    assert_eq!(origin("192.0.2.7:3000"), "http://192.0.2.7:3000");
    assert_eq!(origin("[2001:db8::7]:3000"), "http://[2001:db8::7]:3000");

    let site = Site::new().variable("MASTHEAD_SITE_URL", "https://blog.example.org");
    let settings = site.load(Flags::default()).unwrap().settings;
    assert_eq!(
        (settings.origin().as_str(), settings.is_https()),
        ("https://blog.example.org", true)
    );
}

#[test]
fn a_migration_address_alone_is_refused() {
    let site = Site::new().variable(
        "MASTHEAD_MIGRATION_DATABASE_URL",
        "postgres://owner@db/masthead",
    );
    assert!(matches!(
        site.load(Flags::default()),
        Err(ConfigError::MigrationUrlAlone)
    ));
}

#[test]
fn a_cdn_is_none_unless_it_is_set() {
    let settings = Site::new().load(Flags::default()).unwrap().settings;
    assert!(!settings.cdn.is_configured());
    assert_eq!(settings.jobs, Jobs::Embedded);
    let external = Site::new()
        .variable("MASTHEAD_JOBS", "external")
        .load(Flags::default())
        .unwrap()
        .settings;
    assert_eq!(external.jobs, Jobs::External);
}

#[test]
fn each_cdn_takes_what_it_needs() {
    let site =
        Site::new().file("cdn = 'varnish'\ncdn_url = ['http://one:6081', 'http://two:6081/']\n");
    match site.load(Flags::default()).unwrap().settings.cdn {
        Driver::Varnish { urls } => {
            assert_eq!(
                urls.iter().map(Url::as_str).collect::<Vec<_>>(),
                ["http://one:6081/", "http://two:6081/"]
            )
        }
        other => panic!("{other:?}"),
    }
    let api = |cdn: &str| {
        Site::new()
            .variable("MASTHEAD_CDN", cdn)
            .variable("MASTHEAD_CLOUDFLARE_ZONE", "zone")
            .variable("MASTHEAD_FASTLY_SERVICE", "service")
            .variable("MASTHEAD_CDN_TOKEN", "t0ken")
    };
    match api("fastly").load(Flags::default()).unwrap().settings.cdn {
        Driver::Fastly { url, service, .. } => assert_eq!(
            (url.as_str(), service.as_str()),
            ("https://api.fastly.com/", "service")
        ),
        other => panic!("{other:?}"),
    }
    match api("cloudflare")
        .variable("MASTHEAD_CDN_URL", "http://stub:1")
        .load(Flags::default())
        .unwrap()
        .settings
        .cdn
    {
        Driver::Cloudflare { url, zone, .. } => {
            assert_eq!((url.as_str(), zone.as_str()), ("http://stub:1/", "zone"))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cdn_without_what_it_needs_is_refused() {
    for (cdn, missing) in [
        ("varnish", "MASTHEAD_CDN_URL"),
        ("fastly", "MASTHEAD_FASTLY_SERVICE"),
        ("cloudflare", "MASTHEAD_CLOUDFLARE_ZONE"),
        ("webhook", "MASTHEAD_CDN_URL"),
    ] {
        let message = Site::new().variable("MASTHEAD_CDN", cdn).refusal();
        assert!(message.contains(missing), "{cdn}: {message}");
    }
    let message = Site::new()
        .variable("MASTHEAD_CDN", "webhook")
        .variable("MASTHEAD_CDN_URL", "http://a, http://b")
        .refusal();
    assert!(message.contains("only `varnish`"), "{message}");
}

#[test]
fn the_key_file_is_private_and_stays() {
    let site = Site::new();
    let settings = Settings {
        data_dir: site.dir.join("data"),
        secret: None,
        ..Settings::for_tests()
    };
    let first = settings.secret_key().unwrap();
    assert_eq!(
        first.expose_secret(),
        settings.secret_key().unwrap().expose_secret()
    );
    assert_ne!(first.expose_secret(), &[0; 32]);
    let file = settings.data_dir.join("secret.key");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&settings.data_dir).unwrap().count(), 1);

    std::fs::write(&file, "short").unwrap();
    assert!(matches!(
        settings.secret_key(),
        Err(ConfigError::KeyFileLength { length: 5, .. })
    ));
}

#[test]
fn the_same_secret_gives_the_same_key_on_every_node() {
    let key = |secret: &str| {
        let settings = Settings {
            secret: Some(SecretString::from(secret)),
            ..Settings::for_tests()
        };
        *settings.secret_key().unwrap().expose_secret()
    };
    assert_eq!(key("one"), key("one"));
    assert_ne!(key("one"), key("two"));
}
