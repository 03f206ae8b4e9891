//! One page as it lies in memory: the bytes that go out, in every encoding, with everything about them that does
//! not differ from request to request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::http::encoding;
use super::http::encoding::Encoding;
use super::http::etag;
use super::http::etag::Modified;
use super::http::headers::{common_first, date, headers_of, write_tags};
use super::http::policy::CachePolicy;
use super::lifetimes::Lifetimes;
use super::loaded::Load;
use super::public::Public;
use super::representation::Representation;
use super::weight::Weight;
use crate::db::{CacheTag, ReadFrom};
use crate::jitter;

/// A page with its forms, dates and tags; never changed, but replaced.
pub struct Entry {
    /// 200, 404 or a redirect: nothing else is kept.
    pub status: StatusCode,
    /// Pattern of the route, for logs.
    pub route: &'static str,
    /// Everything but what an encoding or a request adds. The usual ones stand first, see `common`.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// So many are the usual ones; all or none.
    common: usize,
    identity: Representation,
    br: Option<Representation>,
    gzip: Option<Representation>,
    /// When these bytes took the place of others.
    pub(super) modified: SystemTime,
    /// The same by this process, whatever clocks say.
    pub(super) changed: Instant,
    /// Of [`crate::db::TagVersions`], from before the page was read.
    pub(super) generation: u64,
    /// Where it was read.
    pub(super) at: ReadFrom,
    /// The newest generation at which the page was found to be good.
    pub(super) checked: AtomicU64,
    pub(super) tags: Box<[u64]>,
    pub(super) loaded_at: Instant,
    pub(super) soft_at: Instant,
    pub(super) hard_at: Instant,
    /// When it ends to be true by itself.
    expires_at: Option<Instant>,
    /// How long shared caches may keep it, in seconds; none: not at all.
    shared_seconds: Option<u32>,
    /// What it took to make.
    pub(super) took: Duration,
    /// The same over the last times, for the moment of the next refresh.
    pub(super) cost: Duration,
    pub(super) refreshing: AtomicBool,
    /// It has its compressed forms, or gains nothing by them.
    pub(super) compressed: bool,
    pub(super) compressing: AtomicBool,
    pub(super) load: Load,
    /// False for what no cache may keep.
    pub(super) kept: bool,
    weight: Weight,
}

/// What is known before a page is made.
pub(super) struct LoadContext<'a> {
    pub key: &'a str,
    pub route: &'static str,
    pub load: Load,
    pub generation: u64,
    pub at: ReadFrom,
    pub began: Instant,
    /// The page that this one follows: where the bytes are the same, so is the date of their change.
    pub before: Option<&'a Entry>,
}

impl Entry {
    pub(super) fn new(
        public: Public,
        context: LoadContext<'_>,
        lifetimes: &Lifetimes,
        missing: &Bytes,
        resident: &Arc<AtomicU64>,
        now: SystemTime,
    ) -> Self {
        let made = Instant::now();
        let took = made - context.began;
        let tags = CacheTag::hashes(&public.tags);
        let kept = public.kept;
        let expires_at = public.expires.map(|at| made + until(at, now));
        let end = |at: Instant| expires_at.map_or(at, |expires| at.min(expires));
        let (status, body, mut headers, policy) = described(public, lifetimes, missing);
        let identity = Representation::new(body, Encoding::Identity);
        let gains = gains_by_encoding(status, &headers, &identity);
        let (modified, changed) = modified(&identity, context.before, now, made);
        if status == StatusCode::OK {
            headers.insert(header::LAST_MODIFIED, date(modified));
        }
        let (soft, hard) = lifetimes.of(policy);
        let (headers, common) = common_first(headers, lifetimes);
        // The same bytes are not compressed twice.
        let same = context.before.filter(|before| before.has_all_of(&identity));
        let (br, gzip) = same.map_or((None, None), Entry::encoded);
        // The page for what is missing is one for all.
        let own = Some(&identity).filter(|_| status != StatusCode::NOT_FOUND);
        let weight = Weight::new(
            context.key,
            &headers,
            tags.len(),
            [own, br.as_ref(), gzip.as_ref()],
            resident,
        );
        Entry {
            compressed: same.is_some() || !kept || !gains,
            compressing: AtomicBool::new(false),
            status,
            route: context.route,
            headers,
            common,
            identity,
            br,
            gzip,
            modified,
            changed,
            generation: context.generation,
            at: context.at,
            checked: AtomicU64::new(context.generation),
            tags,
            loaded_at: made,
            soft_at: end(made + jittered(soft)),
            hard_at: end(made + jittered(hard)),
            expires_at,
            shared_seconds: policy.shared_seconds(),
            took,
            cost: averaged(took, context.before),
            refreshing: AtomicBool::new(false),
            load: context.load,
            kept,
            weight,
        }
    }

    /// Seconds that a shared cache may keep it from now on, where that is less than usual because it ends to be true. A second less
    /// than there are: for so long a worker answers with the same headers.
    pub fn shared_seconds_left(&self, now: Instant) -> Option<u32> {
        let left = self
            .expires_at?
            .saturating_duration_since(now)
            .as_secs()
            .saturating_sub(1);
        let usual = self.shared_seconds?;
        u32::try_from(left).ok().filter(|left| *left < usual)
    }

    /// Whether it holds these bytes in every encoding.
    fn has_all_of(&self, identity: &Representation) -> bool {
        self.compressed && self.identity.etag == identity.etag
    }

    fn encoded(&self) -> (Option<Representation>, Option<Representation>) {
        (self.br.clone(), self.gzip.clone())
    }

    /// The same page with its compressed forms. Takes a while: a few milliseconds for a long one.
    pub(super) fn compressed(&self, key: &str, resident: &Arc<AtomicU64>) -> Entry {
        let compressed = |encoding| {
            encoding::compress(&self.identity.body, encoding).map(|body| Representation {
                body,
                etag: etag::of(&self.identity.body, encoding),
                encoding,
            })
        };
        let (br, gzip) = (compressed(Encoding::Brotli), compressed(Encoding::Gzip));
        let weight = Weight::new(
            key,
            &self.headers,
            self.tags.len(),
            [Some(&self.identity), br.as_ref(), gzip.as_ref()],
            resident,
        );
        Entry {
            compressed: true,
            compressing: AtomicBool::new(false),
            status: self.status,
            route: self.route,
            headers: self.headers.clone(),
            common: self.common,
            identity: self.identity.clone(),
            br,
            gzip,
            modified: self.modified,
            changed: self.changed,
            generation: self.generation,
            at: self.at,
            checked: AtomicU64::new(self.checked.load(Ordering::Relaxed)),
            tags: self.tags.clone(),
            loaded_at: self.loaded_at,
            soft_at: self.soft_at,
            hard_at: self.hard_at,
            expires_at: self.expires_at,
            shared_seconds: self.shared_seconds,
            took: self.took,
            cost: self.cost,
            refreshing: AtomicBool::new(false),
            load: self.load.clone(),
            kept: self.kept,
            weight,
        }
    }

    /// The best form that the reader takes.
    pub fn representation(&self, accepted: Encoding) -> &Representation {
        match accepted {
            Encoding::Brotli => self.br.as_ref(),
            Encoding::Gzip => self.gzip.as_ref(),
            Encoding::Identity => None,
        }
        .unwrap_or(&self.identity)
    }

    /// A page that is there, with all its forms.
    pub(super) fn is_finished(&self) -> bool {
        self.status == StatusCode::OK && self.compressed
    }

    /// Whether `common` are headers of this page.
    pub fn is_usual(&self) -> bool {
        self.common > 0
    }

    /// Puts what every answer with this page carries; `unchanged` leaves out what describes a body (304), `beyond_usual`
    /// what is there already.
    pub fn write_headers(&self, headers: &mut HeaderMap, unchanged: bool, beyond_usual: bool) {
        for (name, value) in &self.headers[if beyond_usual { self.common } else { 0 }..] {
            if !(unchanged && name == header::CONTENT_TYPE) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }

    /// Time until the page is refreshed; negative when that is overdue.
    pub fn seconds_left(&self, now: Instant) -> i64 {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        if now < self.soft_at {
            seconds(self.soft_at - now)
        } else {
            -seconds(now - self.soft_at)
        }
    }

    /// The validator of the form that the reader would get, had it been compressed already.
    pub fn etag_in(&self, encoding: Encoding) -> HeaderValue {
        etag::of(&self.identity.body, encoding)
    }

    /// What the bytes are known by, whatever the encoding.
    pub fn version(&self) -> &HeaderValue {
        &self.identity.etag
    }

    /// When these bytes took the place of others: kept over refreshes that gave the same bytes, so that
    /// `If-Modified-Since` finds them unchanged.
    pub fn modified(&self) -> Modified {
        Modified {
            at: self.modified,
            since: self.changed.elapsed(),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.weight.bytes
    }
}

/// Pictures are compressed by their own format.
fn gains_by_encoding(status: StatusCode, headers: &HeaderMap, identity: &Representation) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let is_picture = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"image/"));
    status == StatusCode::OK && !is_picture && encoding::pays(&identity.body)
}

/// Everything of an answer that is no encoding and no date.
fn described(
    public: Public,
    lifetimes: &Lifetimes,
    missing: &Bytes,
) -> (StatusCode, Bytes, HeaderMap, CachePolicy) {
    let mut headers = HeaderMap::new();
    write_tags(&mut headers, &public.tags);
    let (status, body, policy) = headers_of(public.answer, &mut headers, missing, lifetimes);
    let policy = if public.shared {
        policy
    } else {
        CachePolicy::Private
    };
    policy.write(&mut headers);
    (status, body, headers, policy)
}

/// What a page costs to make: a moving average, since one slow load says little about the next.
fn averaged(took: Duration, before: Option<&Entry>) -> Duration {
    before.map_or(took, |before| before.cost.mul_f64(0.7) + took.mul_f64(0.3))
}

/// These bytes changed when they first took the place of others; dates are whole seconds, and two versions never
/// share one. `now` is the database's: a reader compares the date of one node with the page of another.
fn modified(
    identity: &Representation,
    before: Option<&Entry>,
    now: SystemTime,
    made: Instant,
) -> (SystemTime, Instant) {
    match before {
        Some(before) if before.identity.etag == identity.etag => (before.modified, before.changed),
        Some(before) => (now.max(before.modified + Duration::from_secs(1)), made),
        None => (now, made),
    }
}

/// How long from now on.
fn until(at: DateTime<Utc>, now: SystemTime) -> Duration {
    SystemTime::from(at).duration_since(now).unwrap_or_default()
}

/// A tenth more or less, so that pages made together do not expire together.
fn jittered(time: Duration) -> Duration {
    jitter::around(time, 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_page_gains_by_encoding_and_a_picture_of_that_length_does_not() {
        let body = Representation::new(Bytes::from(vec![b'a'; 10_000]), Encoding::Identity);
        let gains = |status, kind| {
            let kind = (header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
            gains_by_encoding(status, &HeaderMap::from_iter([kind]), &body)
        };
        assert!(gains(StatusCode::OK, "text/html; charset=utf-8"));
        assert!(!gains(StatusCode::OK, "image/png"));
        assert!(!gains(StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    }
}
