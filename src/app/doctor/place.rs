//! What can be seen without a database: settings, data directory, key, port.

use std::fs::Metadata;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::Finding;
use crate::app::config::Settings;
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

/// Less than this stops PostgreSQL soon; it keeps up to 1 GiB of log by itself.
const LEAST_FREE_BYTES: u64 = 1 << 30;
const LEAST_FREE_PERCENT: u64 = 5;

pub(super) fn settings(settings: &Settings) -> Vec<Finding> {
    let origin = settings.origin();
    let mut found = Vec::new();
    if settings.is_https() {
        found.push(Finding::ok(format!("the site's address is {origin}")));
    } else if settings.is_local() {
        found.push(Finding::ok(format!(
            "the site's address is {origin}, for this machine only"
        )));
    } else {
        found.push(Finding::warning(
            format!("the site's address is {origin}: passwords and the session cookie travel unprotected, and the cookie has no __Host- prefix"),
            "put a proxy with TLS in front and set --site-url https://…",
        ));
    }
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

/// A site for others that listens on loopback has a proxy there, which speaks for all readers.
fn proxies(settings: &Settings) -> Finding {
    let trusts = |ip: IpAddr| {
        settings
            .trusted_proxies
            .iter()
            .any(|network| network.contains(&ip))
    };
    let mut proxies_here = settings
        .listen
        .addresses
        .iter()
        .map(SocketAddr::ip)
        .filter(IpAddr::is_loopback);
    if !settings.is_local() && proxies_here.any(|ip| !trusts(ip)) {
        return Finding::warning(
            "the proxy on this machine is not trusted, so that all readers count as one client",
            "name it too: --trusted-proxies 127.0.0.0/8,::1 and what else stands there",
        );
    }
    Finding::ok(settings.about_proxies())
}

pub(super) fn data_dir(settings: &Settings) -> Vec<Finding> {
    let path = &settings.data_dir;
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let what = format!("the data directory {} is not there yet", path.display());
            return vec![Finding::ok(format!(
                "{what}; `masthead serve` creates it when it needs it"
            ))];
        }
        Err(error) => {
            return vec![Finding::problem(
                format!(
                    "the data directory {} cannot be looked at: {error}",
                    path.display()
                ),
                "choose another one with --data-dir or correct the permissions above it",
            )];
        }
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

fn owner_and_mode(path: &Path, metadata: &Metadata) -> Finding {
    let (shown, mode) = (path.display(), metadata.mode() & 0o777);
    let me = rustix::process::geteuid();
    if !me.is_root() && metadata.uid() != me.as_raw() {
        return Finding::problem(
            format!(
                "the data directory {shown} belongs to user number {}, and this is {}",
                metadata.uid(),
                me.as_raw()
            ),
            format!(
                "run Masthead as that user, or `chown -R {} {shown}`",
                me.as_raw()
            ),
        );
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
    let path = settings.data_dir.join("secret.key");
    if settings.secret.is_none() {
        // Asking for the key would make it.
        let Ok(metadata) = path.metadata() else {
            return vec![Finding::ok(
                "there is no site key yet; it is made when it is first needed",
            )];
        };
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return vec![Finding::problem(
                format!(
                    "other users can reach the site key {} (mode {mode:03o})",
                    path.display()
                ),
                format!(
                    "chmod 600 {}; if somebody may have read it, remove it to get a new one",
                    path.display()
                ),
            )];
        }
    }
    let from = if settings.secret.is_some() {
        "the setting `secret`"
    } else {
        "its file"
    };
    vec![match settings.secret_key() {
        Ok(key) => {
            let fingerprint = &HEXLOWER.encode(&Sha256::digest(key.expose_secret()))[..8];
            Finding::ok(format!(
                "the site key comes from {from}; its fingerprint, the same on every node, is {fingerprint}"
            ))
        }
        Err(error) => Finding::error("the site key cannot be used", &error),
    }]
}

pub(super) fn port(settings: &Settings) -> Vec<Finding> {
    let several = settings.listen.addresses.len() > 1;
    settings
        .listen
        .addresses
        .iter()
        .filter_map(|address| match TcpListener::bind(address) {
            Ok(_) => Some(Finding::ok(format!("{address} is free"))),
            // One of the two addresses of `localhost` is enough.
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable && several && address.is_ipv6() => None,
            Err(error) if error.kind() == ErrorKind::AddrInUse => Some(taken(*address)),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(Finding::problem(
                format!("this user may not listen on {address}"),
                "choose a port from 1024 on with --listen, or grant the right (CAP_NET_BIND_SERVICE)",
            )),
            Err(error) => Some(Finding::problem(
                format!("nobody can listen on {address} here: {error}"),
                "choose an address of this machine with --listen",
            )),
        })
        .collect()
}

fn taken(address: SocketAddr) -> Finding {
    if answers_as_masthead(address).unwrap_or(false) {
        return Finding::ok(format!("a Masthead is serving on {address}"));
    }
    Finding::problem(
        format!("{address} is taken by another program"),
        "stop that program or choose another address with --listen",
    )
}

/// Every answer of ours carries a correlation id, and nothing else has this path.
fn answers_as_masthead(address: SocketAddr) -> std::io::Result<bool> {
    let patience = Some(Duration::from_secs(2));
    let mut stream = TcpStream::connect_timeout(&reachable(address), Duration::from_secs(2))?;
    stream.set_read_timeout(patience)?;
    stream.set_write_timeout(patience)?;
    stream.write_all(b"GET /me.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(8192).read_to_end(&mut answer)?;
    Ok(is_masthead(&String::from_utf8_lossy(&answer)))
}

/// An address that means "all" can be bound but not called.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn is_masthead(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 ")
        && answer
            .to_ascii_lowercase()
            .contains("\r\nx-correlation-id: ")
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

    #[test]
    fn a_masthead_is_known_by_its_header() {
        assert!(is_masthead(
            "HTTP/1.1 200 OK\r\ncontent-type: x\r\nX-Correlation-Id: 1\r\n\r\n"
        ));
        assert!(!is_masthead("HTTP/1.1 200 OK\r\nserver: other\r\n\r\n"));
        assert!(!is_masthead(""));
    }

    #[test]
    fn a_free_and_a_taken_port_are_told_apart() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut given = Settings::for_tests();
        assert_eq!(port(&given)[0].level, Level::Ok);
        given.listen.addresses = vec![other.local_addr().unwrap()];
        // Another program: it hangs up without a word.
        let hang_up = std::thread::spawn(move || drop(other.accept()));
        assert_eq!(port(&given)[0].level, Level::Problem);
        hang_up.join().unwrap();
    }
}
