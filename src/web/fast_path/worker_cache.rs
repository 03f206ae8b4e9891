//! What one worker has answered with within the last second, ready to be copied.
//!
//! Workers that answer with the same page at the same time fight over every counter of every shared value in it: for a
//! popular page that cost as much as all the rest of the answer. So each worker keeps finished heads of its own. A page is
//! good for as long as [`Cache::is_good`] says so, asked each time; once a second the shared memory is asked again, which
//! thereby learns what is popular and gets its chance to refresh.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderValue};
use bytes::Bytes;

use crate::cache::http::encoding::Encoding;
use crate::cache::http::etag;
use crate::cache::http::etag::Condition;
use crate::cache::{Cache, Entry};

const PAGES: usize = 64;
const LASTS: Duration = Duration::from_secs(1);

/// One for a worker.
pub struct WorkerCache {
    pages: RefCell<Vec<Option<Page>>>,
    places: foldhash::fast::RandomState,
}

struct Page {
    path: Box<str>,
    entry: Arc<Entry>,
    since: Instant,
    /// By encoding, whole and for 304; made when first asked for.
    answers: [Option<Answer>; 6],
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Default for WorkerCache {
    fn default() -> Self {
        WorkerCache {
            pages: RefCell::new((0..PAGES).map(|_| None).collect()),
            places: foldhash::fast::RandomState::default(),
        }
    }
}

impl WorkerCache {
    /// The answer to a request for `path`, but for what differs each time; with the seconds that the page has left.
    /// `make` makes the first of its kind.
    pub fn answer(
        &self,
        cache: &Cache,
        path: &str,
        asked: &HeaderMap,
        now: Instant,
        make: impl FnOnce(&Entry) -> Response<BoxBody>,
    ) -> Option<(Response<BoxBody>, Arc<Entry>, i64)> {
        let mut pages = self.pages.borrow_mut();
        let page = pages[self.place(path)].as_mut()?;
        if *page.path != *path
            || now.saturating_duration_since(page.since) > LASTS
            || !cache.is_good(&page.entry, now)
        {
            return None;
        }
        let form = page.entry.representation(Encoding::accepted(asked));
        let unchanged = match etag::evaluate(asked, &form.etag, Some(page.entry.modified())) {
            Condition::Met => false,
            Condition::NotModified => true,
            Condition::Failed => return None,
        };
        let answer = &mut page.answers[form.encoding as usize * 2 + usize::from(unchanged)];
        let answer = answer.get_or_insert_with(|| {
            let body = if unchanged {
                Bytes::new()
            } else {
                form.body.clone()
            };
            Answer::of(make(&page.entry), body)
        });
        let body = if unchanged {
            BoxBody::new(())
        } else {
            BoxBody::new(answer.body.clone())
        };
        let mut response = Response::with_body(answer.status, body);
        *response.headers_mut() = answer.headers.clone();
        Some((response, page.entry.clone(), page.entry.seconds_left(now)))
    }

    /// Remembers a page that was found in the shared memory, unless it is large or has still to be compressed.
    pub fn remember(&self, cache: &Cache, path: &str, entry: &Arc<Entry>, now: Instant) {
        if cache.may_be_held(entry) {
            let page = Page {
                path: path.into(),
                entry: entry.clone(),
                since: now,
                answers: Default::default(),
            };
            self.pages.borrow_mut()[self.place(path)] = Some(page);
        }
    }

    fn place(&self, path: &str) -> usize {
        self.places.hash_one(path) as usize % PAGES
    }
}

impl Answer {
    /// With values that no other worker counts.
    fn of(response: Response<BoxBody>, body: Bytes) -> Self {
        let own = |value: &HeaderValue| {
            HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
        };
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.clone(), own(value)))
            .collect();
        Answer {
            status: response.status(),
            headers,
            body,
        }
    }
}
