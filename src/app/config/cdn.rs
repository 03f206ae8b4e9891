//! The settings of the CDN: which ones there must be depends on its kind.

use secrecy::SecretString;
use url::Url;

use super::error::ConfigError;
use super::key::Key;
use super::keys;
use super::layers::Layers;
use crate::cdn::Driver;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Varnish,
    Fastly,
    Cloudflare,
    Webhook,
}

pub(super) fn driver(layers: &mut Layers) -> Result<Driver, ConfigError> {
    let kind = layers.take(&keys::CDN, kind)?;
    let urls = layers.take_optional(&keys::CDN_URL, urls)?;
    let token = layers.take_optional(&keys::CDN_TOKEN, token)?;
    let zone = layers.take_optional(&keys::CLOUDFLARE_ZONE, id)?;
    let service = layers.take_optional(&keys::FASTLY_SERVICE, id)?;
    Ok(match kind {
        Kind::None => Driver::None,
        Kind::Varnish => Driver::Varnish {
            urls: needed(urls, &keys::CDN_URL)?,
        },
        Kind::Fastly => Driver::Fastly {
            url: one(urls, "https://api.fastly.com")?,
            service: needed(service, &keys::FASTLY_SERVICE)?,
            token: needed(token, &keys::CDN_TOKEN)?,
        },
        Kind::Cloudflare => Driver::Cloudflare {
            url: one(urls, "https://api.cloudflare.com")?,
            zone: needed(zone, &keys::CLOUDFLARE_ZONE)?,
            token: needed(token, &keys::CDN_TOKEN)?,
        },
        Kind::Webhook => Driver::Webhook {
            url: one(Some(needed(urls, &keys::CDN_URL)?), "")?,
            token,
        },
    })
}

fn kind(text: &str) -> Option<Kind> {
    match text {
        "none" => Some(Kind::None),
        "varnish" => Some(Kind::Varnish),
        "fastly" => Some(Kind::Fastly),
        "cloudflare" => Some(Kind::Cloudflare),
        "webhook" => Some(Kind::Webhook),
        _ => None,
    }
}

/// Separated by commas. A password would stand in log lines and in `config check`.
fn urls(text: &str) -> Option<Vec<Url>> {
    text.split(',').map(|item| url(item.trim())).collect()
}

fn url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    (usable && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// It goes into a header as it is.
fn token(text: &str) -> Option<SecretString> {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic())
        .then(|| SecretString::from(text))
}

fn id(text: &str) -> Option<String> {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then(|| text.to_owned())
}

fn needed<T>(value: Option<T>, key: &Key) -> Result<T, ConfigError> {
    value.ok_or(ConfigError::CdnLacks {
        key: key.name,
        variable: key.variable,
        expected: key.expected,
    })
}

fn one(urls: Option<Vec<Url>>, default: &str) -> Result<Url, ConfigError> {
    match urls.as_deref() {
        Some([url]) => Ok(url.clone()),
        Some(_) => Err(ConfigError::CdnTakesOneUrl),
        None => Ok(Url::parse(default).expect("a valid literal")),
    }
}
