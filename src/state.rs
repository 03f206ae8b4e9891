//! What every handler may ask for. Nothing of it knows of blogging: what a feature needs for itself it gets as `web::Data` of its
//! own, as accounts do with [`Pools`](crate::features::accounts::Pools).

use std::sync::Arc;

use actix_web::web;

use crate::cache::Cache;
use crate::cdn::Cdn;
use crate::db::{self, Db, ReadConn};
use crate::jobs;
use crate::web::SiteOrigin;
use crate::web::client_address::Proxies;
use crate::web::middleware::health::Health;
use crate::web::middleware::limits::Clients;
use crate::web::middleware::read_your_writes::ReadYourWrites;
use crate::web::node::Node;
use crate::web::request_durations::RequestDurations;
use crate::web::site_key::SiteKey;

/// What every handler may ask for. One per process, shared by all its workers.
pub struct AppState {
    pub db: Db,
    pub cache: Cache,
    pub node: Node,
    pub health: web::Data<Health>,
    pub proxies: web::Data<Proxies>,
    pub clients: web::Data<Clients>,
    pub request_durations: Arc<RequestDurations>,
    pub job_metrics: Arc<jobs::Metrics>,
    pub key: SiteKey,
    pub read_your_writes: web::Data<ReadYourWrites>,
    pub cdn: Arc<Cdn>,
    pub origin: web::Data<SiteOrigin>,
    /// The site is reached over https: cookies carry the `__Host-` prefix and `Secure`.
    pub https: bool,
}

impl AppState {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", **self.origin)
    }
}

/// What handlers of public pages get.
pub type PublicRequest = crate::web::public::PublicRequest<AppState>;

impl PublicRequest {
    /// A connection for this page, as fresh as it must be.
    ///
    /// # Errors
    ///
    /// Unavailable when no server can be had within about a second.
    pub async fn read(&self) -> db::Result<ReadConn> {
        self.app().db.read(self.reading()).await
    }
}
