//! The CDN room: tells the caches in front of the site that pages with certain tags are old. Knows HTTP and nothing of
//! the site.
//!
//! [`Driver`] has one case for each kind of CDN, made from the settings `cdn…`; to add one, add a case and, in
//! `requests`, what it is sent. [`Cdn::purge`] sends and judges the answers; trying again is the business of the job
//! that calls it.
//!
//! A soft purge makes a page old: it may be shown once more while the new one is fetched. A hard purge removes it.
//! Cloudflare knows hard ones only.

mod driver;
mod error;
mod requests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

use crate::metrics::Registry;

pub use driver::Driver;
pub use error::PurgeError;

/// The CDN of this site. One per process.
#[derive(Debug)]
pub struct Cdn {
    driver: Driver,
    client: Option<Client>,
    failing: AtomicBool,
    failures: AtomicU64,
}

impl Cdn {
    /// # Errors
    ///
    /// When the system has no usable root certificates.
    pub fn new(driver: Driver) -> Result<Cdn, reqwest::Error> {
        let client = match driver.is_configured() {
            true => Some(client()?),
            false => None,
        };
        Ok(Cdn {
            driver,
            client,
            failing: AtomicBool::new(false),
            failures: AtomicU64::new(0),
        })
    }

    pub fn is_configured(&self) -> bool {
        self.driver.is_configured()
    }

    /// Purges that failed since the start of this process.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let cdn = self.clone();
        registry.register(move |scrape| {
            scrape.counter(
                "masthead_cdn_purge_failures_total",
                "Purges that the CDN did not take; each is tried again.",
                cdn.failures(),
            );
        });
    }

    /// Makes every page with one of these tags old, everywhere. May be repeated.
    ///
    /// # Errors
    ///
    /// When any server did not confirm; the others have done it all the same.
    pub async fn purge(&self, tags: &[String], hard: bool) -> Result<(), PurgeError> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        let done = self.send(client, tags, hard).await;
        self.note(tags, &done);
        done
    }

    async fn send(&self, client: &Client, tags: &[String], hard: bool) -> Result<(), PurgeError> {
        let requests = requests::of(&self.driver, client, tags, hard)?;
        join_all(requests.into_iter().map(confirmed))
            .await
            .into_iter()
            .collect()
    }

    /// One line when it begins to fail and one when it works again, whatever happens in between.
    fn note(&self, tags: &[String], done: &Result<(), PurgeError>) {
        let driver = self.driver.name();
        match done {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!(driver, "the CDN takes purges again")
            }
            Ok(()) => {}
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::error!(driver, ?tags, error = ?error, "the CDN takes no purges: readers may see old pages");
                }
            }
        }
    }
}

fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(Duration::from_secs(1))
        .timeout(Duration::from_secs(10))
        .redirect(Policy::none())
        .user_agent(concat!("masthead/", env!("CARGO_PKG_VERSION")))
        .build()
}

async fn confirmed(request: RequestBuilder) -> Result<(), PurgeError> {
    let response = request.send().await?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(PurgeError::Refused {
            host: response.url().host_str().unwrap_or_default().to_owned(),
            status,
        }),
    }
}
