//! From text to a checked value; `None` means that the text is not acceptable.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::messages;

/// Addresses separated by commas; one in a password is written %2C.
pub(super) fn database_urls(text: &str) -> Option<Vec<SecretString>> {
    text.split(',')
        .map(|item| database_url(item.trim()))
        .collect()
}

pub(super) fn interface_language(text: &str) -> Option<&'static str> {
    messages::languages().find(|code| *code == text)
}

pub(super) fn switch(text: &str) -> Option<bool> {
    text.parse().ok()
}

const MIN_SECRET_CHARS: usize = 32;

/// Where the server listens.
///
/// `localhost` stands for both loopback families, because browsers allow passkeys on that name only and ask for
/// either address. On a machine without IPv6 the second address cannot be bound; one of the two is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    pub addresses: Vec<SocketAddr>,
    is_localhost: bool,
}

impl Listen {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = digits(port)?;
            return Some(Self {
                addresses: vec![
                    SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
                    SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
                ],
                is_localhost: true,
            });
        }
        Some(Self {
            addresses: vec![text.parse().ok()?],
            is_localhost: false,
        })
    }

    /// Given as `localhost`: every address of the list is welcome, none is needed by itself.
    pub fn is_localhost(&self) -> bool {
        self.is_localhost
    }

    /// What a browser on this machine can open; an address that means "all" is no address to visit.
    pub(super) fn default_site_url(&self) -> String {
        let port = self.addresses.first().map_or(0, SocketAddr::port);
        match self.addresses.first().map(SocketAddr::ip) {
            Some(ip) if !self.is_localhost && !ip.is_unspecified() => match ip {
                IpAddr::V4(ip) => format!("http://{ip}:{port}"),
                IpAddr::V6(ip) => format!("http://[{ip}]:{port}"),
            },
            _ => format!("http://localhost:{port}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Pretty,
    /// One JSON object a line, for collectors.
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "pretty" => Some(Self::Pretty),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Where jobs are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jobs {
    /// By every process that serves.
    Embedded,
    /// By `masthead worker` only.
    External,
}

impl Jobs {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "embedded" => Some(Self::Embedded),
            "external" => Some(Self::External),
            _ => None,
        }
    }
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

pub(super) fn database_url(text: &str) -> Option<SecretString> {
    let right_scheme = text.starts_with("postgres://") || text.starts_with("postgresql://");
    (right_scheme && PgConnectOptions::from_str(text).is_ok()).then(|| SecretString::from(text))
}

pub(super) fn site_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && bare).then_some(url)
}

pub(super) fn secret(text: &str) -> Option<SecretString> {
    (text.chars().count() >= MIN_SECRET_CHARS).then(|| SecretString::from(text))
}

pub(super) fn log_filter(text: &str) -> Option<String> {
    EnvFilter::try_new(text).ok().map(|_| text.to_owned())
}

/// A whole number from zero to `MOST`.
pub(super) fn up_to<const MOST: u32>(text: &str) -> Option<u32> {
    digits(text).filter(|number: &u32| *number <= MOST)
}

pub(super) fn count(text: &str) -> Option<usize> {
    digits(text).filter(|count| (1..=1024).contains(count))
}

/// Less than 7 MiB is below every published recommendation for argon2id.
pub(super) fn argon2_memory_kib(text: &str) -> Option<u32> {
    digits(text).filter(|kib| (7168..=4 * 1024 * 1024).contains(kib))
}

/// Rust's own parser also takes a sign.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}
