//! One page as it lies in memory: the bytes that go out, in every encoding, with everything about them that does
//! not differ from request to request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use super::Load;
use super::http::encoding;
use super::http::encoding::Encoding;
use super::http::etag;
use super::http::etag::Modified;
use super::http::headers::{common_first, date, headers_of, write_tags};
use super::http::policy::{CachePolicy, UNPURGED_SECONDS};
use super::public::Public;
use crate::db::{CacheTag, ReadFrom};
use crate::jitter;

/// What a page weighs besides its bytes: this struct, its headers, its place in the map.
const OVERHEAD_BYTES: u64 = 1024;

/// A page with its forms, dates and tags; never changed, but replaced.
pub struct Entry {
    /// 200, 404, 410 or a redirect: nothing else is kept.
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

/// The bytes in one encoding.
#[derive(Clone)]
pub struct Representation {
    /// What is sent; a copy shares the bytes.
    pub body: Bytes,
    /// Strong (RFC 9110, 8.8.3), so one for each encoding.
    pub etag: HeaderValue,
    /// How `body` is encoded; it stands in `Content-Encoding`.
    pub encoding: Encoding,
}

/// Counts into the memory in use for as long as the page lives anywhere, also in an answer that is still being sent.
struct Weight {
    bytes: u64,
    resident: Arc<AtomicU64>,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.resident.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// How long pages live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// After this a page is made anew in the background, at the next request.
    pub soft: Duration,
    /// Until this it may be shown while no new one can be made.
    pub hard: Duration,
    /// The same two for what is missing or moved. With what shared caches add it stays near ten seconds.
    pub brief: Duration,
    /// What shared caches are told, in seconds.
    pub shared_seconds: u32,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Lifetimes {
            soft: Duration::from_secs(60),
            hard: Duration::from_secs(24 * 3600),
            brief: Duration::from_secs(5),
            shared_seconds: UNPURGED_SECONDS,
        }
    }
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
        let mut headers = HeaderMap::new();
        write_tags(&mut headers, &public.tags);
        let (kept, shared) = (public.kept, public.shared);
        let (status, body, policy) = headers_of(public.answer, &mut headers, missing, lifetimes);
        let policy = if shared { policy } else { CachePolicy::Private };
        policy.write(&mut headers);
        let identity = Representation::new(body, Encoding::Identity);
        let (modified, changed) = modified(&identity, context.before, now, made);
        if status == StatusCode::OK {
            headers.insert(header::LAST_MODIFIED, date(modified));
        }
        let (soft, hard) = match policy {
            CachePolicy::Shared { .. } => (lifetimes.soft, lifetimes.hard),
            _ => (lifetimes.brief, lifetimes.brief),
        };
        let (headers, common) = common_first(headers, lifetimes);
        // The same bytes are not compressed twice.
        let same = context
            .before
            .filter(|before| before.compressed && before.identity.etag == identity.etag);
        let (br, gzip) = same.map_or((None, None), |before| {
            (before.br.clone(), before.gzip.clone())
        });
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
            compressed: same.is_some()
                || !kept
                || status != StatusCode::OK
                || !encoding::pays(&identity.body),
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
            soft_at: made + jittered(soft),
            hard_at: made + jittered(hard),
            took,
            cost: context
                .before
                .map_or(took, |before| before.cost.mul_f64(0.7) + took.mul_f64(0.3)),
            refreshing: AtomicBool::new(false),
            load: context.load,
            kept,
            weight,
        }
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

    /// Until the page is made anew; negative when it should have been.
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

impl Representation {
    fn new(body: Bytes, encoding: Encoding) -> Self {
        Representation {
            etag: etag::of(&body, encoding),
            body,
            encoding,
        }
    }
}

impl Weight {
    fn new(
        key: &str,
        headers: &[(HeaderName, HeaderValue)],
        tags: usize,
        forms: [Option<&Representation>; 3],
        resident: &Arc<AtomicU64>,
    ) -> Self {
        let bodies: usize = forms
            .into_iter()
            .flatten()
            .map(|form| form.body.len())
            .sum();
        let headers: usize = headers.iter().map(|(_, value)| value.len()).sum();
        // The key stands in the map, and decoded in what makes the page anew.
        let bytes = (3 * key.len() + headers + tags * 8 + bodies) as u64 + OVERHEAD_BYTES;
        resident.fetch_add(bytes, Ordering::Relaxed);
        Weight {
            bytes,
            resident: resident.clone(),
        }
    }
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

/// A tenth more or less, so that pages made together do not expire together.
fn jittered(time: Duration) -> Duration {
    jitter::around(time, 0.1)
}
