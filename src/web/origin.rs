//! Where the site is reached, and how its pages were last named: error pages bear the same name and must not ask the
//! database for it.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::header::HeaderMap;
use bytes::Bytes;
use uuid::Uuid;

use super::error_page;
use super::frame::{Frame, Notice, SiteFrame};
use super::head::Head;
use super::overload::Refusal;

/// Scheme and host of the site as readers type it, without a slash at the end.
pub struct SiteOrigin {
    address: String,
    last: RwLock<Arc<Last>>,
    /// The page for what is missing that was made last.
    shared_missing: RwLock<Bytes>,
}

struct Last {
    site: SiteFrame,
    /// Of all addresses where nothing is: pages in memory share it.
    missing: Bytes,
    refusal: Refusal,
}

impl Last {
    fn new(site: SiteFrame) -> Arc<Last> {
        let missing = error_page::missing(
            &Frame {
                site: site.clone(),
                head: Head::default(),
                viewer: None,
                post_id: None,
                notice: Notice::default(),
            },
            &[],
        );
        Arc::new(Last {
            refusal: Refusal::new(&site),
            site,
            missing: missing.into(),
        })
    }
}

impl SiteOrigin {
    /// Scheme and host, without a slash at the end. The name of the site is not known until a page is made.
    pub fn new(address: String) -> Self {
        SiteOrigin {
            address,
            last: RwLock::new(Last::new(Frame::bare(Head::default()).site)),
            shared_missing: RwLock::default(),
        }
    }

    /// Notes the name of the site where a page is made. Not its menu, which may name what is taken back before the next page
    /// is made.
    pub fn remember(&self, name: &str) {
        let last = self.last();
        if last.site.name == name {
            return;
        }
        let site = SiteFrame {
            name: name.to_owned(),
            ..last.site.clone()
        };
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = Last::new(site);
    }

    /// For a page that must not ask the database.
    pub fn frame(&self, head: Head) -> Frame {
        Frame {
            site: self.last().site.clone(),
            head,
            viewer: None,
            post_id: None,
            notice: Notice::default(),
        }
    }

    /// The page for what is missing, the same for every client.
    pub fn missing(&self) -> Bytes {
        self.last().missing.clone()
    }

    /// A page for what is missing, as the one copy of it that pages in memory share: nearly all are the same.
    pub fn share_missing(&self, page: String) -> Bytes {
        let last = self
            .shared_missing
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if last == page.as_bytes() {
            return last;
        }
        let page = Bytes::from(page);
        *self
            .shared_missing
            .write()
            .unwrap_or_else(PoisonError::into_inner) = page.clone();
        page
    }

    /// The answer to a request that is refused since too much is asked, with its code.
    pub fn refusal(&self, asked: &HeaderMap, code: Uuid) -> Response<BoxBody> {
        self.last().refusal.response(asked, code)
    }

    fn last(&self) -> Arc<Last> {
        self.last
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Deref for SiteOrigin {
    type Target = str;
    fn deref(&self) -> &str {
        &self.address
    }
}

impl fmt::Display for SiteOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}
