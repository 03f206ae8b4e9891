//! What each CDN is sent.

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::driver::Driver;
use super::error::PurgeError;

const XKEY_PURGE: HeaderName = HeaderName::from_static("xkey-purge");
const XKEY_SOFTPURGE: HeaderName = HeaderName::from_static("xkey-softpurge");
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// Varnish refuses header lines longer than 8 KiB (`http_req_hdr_len`).
const VARNISH_LINE: usize = 4096;
const FASTLY_TAGS: usize = 256;
/// On every plan; with a limit on requests too, so as many as possible go into one.
const CLOUDFLARE_TAGS: usize = 100;

pub(super) fn of(
    driver: &Driver,
    client: &Client,
    tags: &[String],
    hard: bool,
) -> Result<Vec<RequestBuilder>, PurgeError> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    match driver {
        Driver::None => Ok(Vec::new()),
        Driver::Varnish { urls } => varnish(client, urls, tags, hard),
        Driver::Fastly {
            url,
            service,
            token,
        } => {
            let url = under(url, &["service", service, "purge"]);
            tags.chunks(FASTLY_TAGS)
                .map(|tags| fastly(client, &url, token, tags, hard))
                .collect()
        }
        Driver::Cloudflare { url, zone, token } => {
            let url = under(url, &["client", "v4", "zones", zone, "purge_cache"]);
            let request = |tags: &[String]| cloudflare(client, &url, token, tags);
            Ok(tags.chunks(CLOUDFLARE_TAGS).map(request).collect())
        }
        Driver::Webhook { url, token } => {
            Ok(vec![webhook(client, url, token.as_ref(), tags, hard)])
        }
    }
}

fn varnish(
    client: &Client,
    urls: &[Url],
    tags: &[String],
    hard: bool,
) -> Result<Vec<RequestBuilder>, PurgeError> {
    let method = Method::from_bytes(b"PURGE").expect("letters are a method");
    let name = if hard { XKEY_PURGE } else { XKEY_SOFTPURGE };
    let lines = lines(tags)?;
    let request = |url: &Url, line: &HeaderValue| {
        client
            .request(method.clone(), url.clone())
            .header(name.clone(), line.clone())
    };
    Ok(urls
        .iter()
        .flat_map(|url| lines.iter().map(|line| request(url, line)))
        .collect())
}

fn fastly(
    client: &Client,
    url: &Url,
    token: &SecretString,
    tags: &[String],
    hard: bool,
) -> Result<RequestBuilder, PurgeError> {
    let request = client
        .post(url.clone())
        .header("fastly-key", token.expose_secret())
        .header("accept", "application/json")
        .header(SURROGATE_KEY, line(&tags.join(" "))?);
    Ok(if hard {
        request
    } else {
        request.header("fastly-soft-purge", "1")
    })
}

fn cloudflare(client: &Client, url: &Url, token: &SecretString, tags: &[String]) -> RequestBuilder {
    client
        .post(url.clone())
        .bearer_auth(token.expose_secret())
        .json(&json!({ "tags": tags }))
}

fn webhook(
    client: &Client,
    url: &Url,
    token: Option<&SecretString>,
    tags: &[String],
    hard: bool,
) -> RequestBuilder {
    let request = client
        .post(url.clone())
        .json(&json!({ "tags": tags, "hard": hard }));
    match token {
        Some(token) => request.bearer_auth(token.expose_secret()),
        None => request,
    }
}

/// Tags side by side, in as few lines as Varnish takes.
fn lines(tags: &[String]) -> Result<Vec<HeaderValue>, PurgeError> {
    let mut lines = vec![String::new()];
    for tag in tags {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(tag),
            Some(last) if last.len() + 1 + tag.len() <= VARNISH_LINE => last.extend([" ", tag]),
            _ => lines.push(tag.clone()),
        }
    }
    lines.iter().map(|text| line(text)).collect()
}

fn line(text: &str) -> Result<HeaderValue, PurgeError> {
    HeaderValue::from_str(text).map_err(|_| PurgeError::Tag)
}

/// An address below another one, whether that ends with a slash or not.
fn under(url: &Url, path: &[&str]) -> Url {
    let mut url = url.clone();
    // Web addresses always have a path.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tags_are_several_lines() {
        let tags: Vec<String> = (0..1000).map(|n| format!("post-{n:08}")).collect();
        let lines = lines(&tags).unwrap();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.len() <= VARNISH_LINE));
        let back: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.to_str().unwrap().split(' '))
            .collect();
        assert_eq!(back, tags);
    }

    #[test]
    fn a_tag_cannot_add_a_header() {
        assert!(matches!(
            lines(&["a\r\nx: y".to_owned()]),
            Err(PurgeError::Tag)
        ));
    }

    #[test]
    fn addresses_keep_their_path() {
        let join = |base: &str| under(&Url::parse(base).unwrap(), &["a", "b"]).to_string();
        assert_eq!(join("http://h"), "http://h/a/b");
        assert_eq!(join("http://h/p/"), "http://h/p/a/b");
    }
}
