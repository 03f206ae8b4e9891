//! Which caches may keep an answer, and for how long: a value that a handler attaches, and one place that writes it down.

use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, VARY};

/// The longest that shared caches keep a page when nothing tells them that it changed, in seconds.
pub const UNPURGED_SECONDS: u32 = 10;
/// The same where a purge by tag reaches them.
pub const PURGED_SECONDS: u32 = 3600;

static CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// Rules B1 and B11. `max-age=0` sends browsers back with their ETag each time; `s-maxage` is for caches that many
/// people share. Neither `must-revalidate` (Varnish and nginx would store nothing) nor `stale-while-revalidate`
/// (`fetch()` in Chromium would show old data) stands where browsers read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// For one person, or never seen the same twice. The default.
    #[default]
    Private,
    /// A public page: the same bytes for every client. Shown by shared caches while the site does not answer.
    Shared {
        /// How long a shared cache may answer without asking.
        seconds: u32,
    },
    /// A public page that ends to be true at a time that is known: no shared cache shows it beyond that.
    Until {
        /// How long from now on.
        seconds: u32,
    },
    /// A public page that is known to be stale: a shared cache asks again at once, and must not keep it to show when the site
    /// fails.
    Stale,
    /// Public, but that nothing is there (404, 410) or is elsewhere (301): may become wrong without a trace in the
    /// old address, so no cache keeps it for long or beyond its time.
    Brief,
    /// The address changes when the bytes do.
    Immutable,
}

impl CachePolicy {
    /// Writes every header that decides about storing; what stood there before is replaced.
    pub fn write(self, headers: &mut HeaderMap) {
        let (cache_control, cdn) = self.values();
        headers.insert(CACHE_CONTROL, cache_control);
        if let Some(cdn) = cdn {
            headers.insert(CDN_CACHE_CONTROL.clone(), cdn);
        }
        if matches!(self, CachePolicy::Private) {
            for name in [
                "cdn-cache-control",
                "surrogate-key",
                "cache-tag",
                "last-modified",
            ] {
                headers.remove(name);
            }
        }
        if !headers.contains_key(VARY) && !matches!(self, CachePolicy::Private) {
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
    }

    /// How long shared caches may keep it; none: not at all.
    pub(in crate::cache) fn shared_seconds(self) -> Option<u32> {
        match self {
            CachePolicy::Shared { seconds } | CachePolicy::Until { seconds } => Some(seconds),
            CachePolicy::Brief => Some(UNPURGED_SECONDS),
            CachePolicy::Stale | CachePolicy::Private | CachePolicy::Immutable => None,
        }
    }

    fn values(self) -> (HeaderValue, Option<HeaderValue>) {
        match self {
            CachePolicy::Private => (HeaderValue::from_static("private, no-store"), None),
            CachePolicy::Immutable => (
                HeaderValue::from_static("public, max-age=31536000, immutable"),
                None,
            ),
            CachePolicy::Stale => (
                HeaderValue::from_static("public, max-age=0, s-maxage=1"),
                Some(HeaderValue::from_static("max-age=1")),
            ),
            CachePolicy::Until { seconds } => (
                value(format!("public, max-age=0, s-maxage={seconds}")),
                Some(value(format!("max-age={seconds}"))),
            ),
            CachePolicy::Brief => (
                HeaderValue::from_static("public, max-age=0, s-maxage=10"),
                Some(HeaderValue::from_static("max-age=10")),
            ),
            // The usual one costs nothing to copy.
            CachePolicy::Shared {
                seconds: UNPURGED_SECONDS,
            } => (
                HeaderValue::from_static("public, max-age=0, s-maxage=10, stale-if-error=86400"),
                Some(HeaderValue::from_static(
                    "max-age=10, stale-while-revalidate=30, stale-if-error=86400",
                )),
            ),
            CachePolicy::Shared { seconds } => (
                value(format!(
                    "public, max-age=0, s-maxage={seconds}, stale-if-error=86400"
                )),
                Some(value(format!(
                    "max-age={seconds}, stale-while-revalidate=30, stale-if-error=86400"
                ))),
            ),
        }
    }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(text)
        .unwrap_or_else(|_| HeaderValue::from_static("private, no-store"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(policy: CachePolicy) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in ["surrogate-key", "cache-tag", "cdn-cache-control"] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        policy.write(&mut headers);
        headers
    }

    #[test]
    fn nothing_is_kept_unless_it_was_said() {
        let headers = written(CachePolicy::default());
        assert_eq!(headers.get(CACHE_CONTROL).unwrap(), "private, no-store");
        assert_eq!(headers.len(), 1, "{headers:?}");
    }

    #[test]
    fn public_pages_have_the_words_that_every_cache_understands() {
        let headers = written(CachePolicy::Shared { seconds: 10 });
        assert_eq!(
            headers.get(CACHE_CONTROL).unwrap(),
            "public, max-age=0, s-maxage=10, stale-if-error=86400"
        );
        assert_eq!(
            headers.get("cdn-cache-control").unwrap(),
            "max-age=10, stale-while-revalidate=30, stale-if-error=86400"
        );
        assert_eq!(headers.get(VARY).unwrap(), "Accept-Encoding");
    }

    #[test]
    fn what_is_not_there_is_not_kept_beyond_its_time() {
        let headers = written(CachePolicy::Brief);
        assert_eq!(
            headers.get(CACHE_CONTROL).unwrap(),
            "public, max-age=0, s-maxage=10"
        );
        assert_eq!(headers.get("cdn-cache-control").unwrap(), "max-age=10");
    }
}
