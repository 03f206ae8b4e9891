//! What can be seen without a database: settings, data directory, key, port.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Finding;
use crate::app::config::Settings;
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

/// Less than this stops PostgreSQL soon; it keeps up to 1 GiB of log by itself.
const LEAST_FREE_BYTES: u64 = 1 << 30;
const LEAST_FREE_PERCENT: u64 = 5;

pub(super) fn settings(settings: &Settings) -> Vec<Finding> {
    let mut found = vec![address(settings)];
    if !settings.is_https()
        && settings
            .listen
            .addresses
            .iter()
            .any(|address| address.ip().is_unspecified())
    {
        found.push(Finding::warning(
            "it listens on all addresses of this machine without TLS: everybody in its networks can read along",
            "set --listen to an address that only your proxy reaches, such as localhost:8080, and --site-url to the https address",
        ));
    }
    found.push(proxies(settings));
    found
}

fn address(settings: &Settings) -> Finding {
    let origin = settings.origin();
    if settings.is_https() {
        Finding::ok(format!("the site's address is {origin}"))
    } else if settings.is_local() {
        Finding::ok(format!(
            "the site's address is {origin}, for this machine only"
        ))
    } else {
        Finding::warning(
            format!(
                "the site's address is {origin}: passwords and the session cookie travel unprotected, and the cookie has no __Host- prefix"
            ),
            "put a proxy with TLS in front and set --site-url https://…",
        )
    }
}

/// A site for others that listens on loopback has a proxy there, which speaks for all readers.
fn proxies(settings: &Settings) -> Finding {
    let mut proxies_here = settings
        .listen
        .addresses
        .iter()
        .map(SocketAddr::ip)
        .filter(IpAddr::is_loopback);
    if !settings.is_local() && proxies_here.any(|ip| !trusts(settings, ip)) {
        return Finding::warning(
            "the proxy on this machine is not trusted, so that all readers count as one client",
            "name it too: --trusted-proxies 127.0.0.0/8,::1 and what else stands there",
        );
    }
    Finding::ok(settings.about_proxies())
}

fn trusts(settings: &Settings, ip: IpAddr) -> bool {
    settings
        .trusted_proxies
        .iter()
        .any(|network| network.contains(&ip))
}

pub(super) fn data_dir(settings: &Settings) -> Vec<Finding> {
    let path = &settings.data_dir;
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return vec![without_metadata(path, &error)],
    };
    if !metadata.is_dir() {
        let what = format!("{} is no directory", path.display());
        return vec![Finding::problem(
            what,
            "choose another data directory with --data-dir",
        )];
    }
    vec![owner_and_mode(path, &metadata), free_space(path)]
}

fn without_metadata(path: &Path, error: &std::io::Error) -> Finding {
    if error.kind() == ErrorKind::NotFound {
        let what = format!("the data directory {} is not there yet", path.display());
        return Finding::ok(format!(
            "{what}; `masthead serve` creates it when it needs it"
        ));
    }
    Finding::problem(
        format!(
            "the data directory {} cannot be looked at: {error}",
            path.display()
        ),
        "choose another one with --data-dir or correct the permissions above it",
    )
}

fn owner_and_mode(path: &Path, metadata: &Metadata) -> Finding {
    let (shown, mode) = (path.display(), metadata.mode() & 0o777);
    let me = rustix::process::geteuid();
    if !me.is_root() && metadata.uid() != me.as_raw() {
        return of_another_user(path, metadata.uid(), me.as_raw());
    }
    if mode & 0o022 != 0 {
        return Finding::problem(
            format!(
                "other users can change the data directory {shown} (mode {mode:03o}), and so replace key and database"
            ),
            format!("chmod go-w {shown}"),
        );
    }
    Finding::ok(format!("the data directory {shown} has mode {mode:03o}"))
}

fn of_another_user(path: &Path, owner: u32, me: u32) -> Finding {
    let shown = path.display();
    Finding::problem(
        format!("the data directory {shown} belongs to user number {owner}, and this is {me}"),
        format!("run Masthead as that user, or `chown -R {me} {shown}`"),
    )
}

fn free_space(path: &Path) -> Finding {
    match rustix::fs::statvfs(path) {
        Ok(disk) => judge_space(
            disk.f_bavail.saturating_mul(disk.f_frsize),
            disk.f_blocks.saturating_mul(disk.f_frsize),
        ),
        Err(error) => Finding::warning(
            format!("the free space of the data directory is unknown: {error}"),
            "look with `df` yourself",
        ),
    }
}

fn judge_space(free: u64, all: u64) -> Finding {
    let percent = free.saturating_mul(100).checked_div(all).unwrap_or(100);
    let what = format!(
        "{} MiB free ({percent} %) on the disk of the data directory",
        free >> 20
    );
    let advice = "make room: a full disk stops the database";
    if free < LEAST_FREE_BYTES {
        Finding::problem(what, advice)
    } else if percent < LEAST_FREE_PERCENT {
        Finding::warning(what, advice)
    } else {
        Finding::ok(what)
    }
}

pub(super) fn secret_key(settings: &Settings) -> Vec<Finding> {
    if settings.secret.is_none()
        && let Some(finding) = key_file(&settings.data_dir.join("secret.key"))
    {
        return vec![finding];
    }
    vec![usable_key(settings)]
}

fn usable_key(settings: &Settings) -> Finding {
    let from = if settings.secret.is_some() {
        "the setting `secret`"
    } else {
        "its file"
    };
    match settings.secret_key() {
        Ok(key) => {
            let fingerprint = &HEXLOWER.encode(&Sha256::digest(key.expose_secret()))[..8];
            Finding::ok(format!(
                "the site key comes from {from}; its fingerprint, the same on every node, is {fingerprint}"
            ))
        }
        Err(error) => Finding::error("the site key cannot be used", &error),
    }
}

/// Why the key is not to be read from its file, if so.
fn key_file(path: &Path) -> Option<Finding> {
    // Asking for the key would make it.
    let Ok(metadata) = path.metadata() else {
        return Some(Finding::ok(
            "there is no site key yet; it is made when it is first needed",
        ));
    };
    let (shown, mode) = (path.display(), metadata.mode() & 0o777);
    (mode & 0o077 != 0).then(|| {
        Finding::problem(
            format!("other users can reach the site key {shown} (mode {mode:03o})"),
            format!("chmod 600 {shown}; if somebody may have read it, remove it to get a new one"),
        )
    })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::Level;
    use super::*;

    fn levels(url: &str) -> Vec<Level> {
        let mut given = Settings::for_tests();
        given.site_url = Url::parse(url).unwrap();
        given.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        settings(&given)
            .iter()
            .map(|finding| finding.level)
            .collect()
    }

    #[test]
    fn http_is_for_this_machine_only() {
        for url in [
            "http://localhost:8080",
            "http://blog.localhost",
            "http://127.0.0.9",
            "http://[::1]",
            "https://blog.example",
        ] {
            assert_eq!(levels(url), [Level::Ok, Level::Ok], "{url}");
        }
        for url in [
            "http://blog.example",
            "http://192.0.2.1:8080",
            "http://localhost.example",
        ] {
            assert_eq!(levels(url), [Level::Warning, Level::Ok], "{url}");
        }
    }

    #[test]
    fn a_proxy_on_this_machine_should_be_trusted() {
        let mut given = Settings::for_tests();
        given.site_url = Url::parse("https://blog.example").unwrap();
        assert_eq!(proxies(&given).level, Level::Warning);
        given.trusted_proxies = vec![
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
        assert_eq!(proxies(&given).level, Level::Ok);
        assert!(proxies(&given).what.contains("127.0.0.0/8, 10.0.0.0/8"));
        given.listen.addresses.push("[::1]:8080".parse().unwrap());
        assert_eq!(proxies(&given).level, Level::Warning);
        given.listen.addresses = vec!["10.0.0.7:8080".parse().unwrap()];
        given.trusted_proxies.clear();
        assert_eq!(proxies(&given).level, Level::Ok);
    }

    #[test]
    fn all_addresses_want_tls() {
        let mut given = Settings::for_tests();
        given.listen.addresses = vec!["[::]:80".parse().unwrap()];
        given.site_url = Url::parse("http://blog.example").unwrap();
        assert_eq!(settings(&given).len(), 3);
        given.site_url = Url::parse("https://blog.example").unwrap();
        assert_eq!(settings(&given).len(), 2);
    }

    #[test]
    fn space_is_judged_by_amount_then_by_share() {
        let gib = 1 << 30;
        assert_eq!(judge_space(gib - 1, 4 * gib).level, Level::Problem);
        assert_eq!(judge_space(4 * gib, 100 * gib).level, Level::Warning);
        assert_eq!(judge_space(5 * gib, 100 * gib).level, Level::Ok);
        assert_eq!(judge_space(0, 0).level, Level::Problem);
    }

    #[test]
    fn the_fingerprint_follows_the_secret() {
        let mut given = Settings::for_tests();
        let one = secret_key(&given);
        assert_eq!(one, secret_key(&given));
        given.secret = Some("another secret of at least 32 letters".to_owned().into());
        assert_ne!(one, secret_key(&given));
        given.secret = None;
        assert!(secret_key(&given)[0].what.contains("no site key yet"));
    }
}
