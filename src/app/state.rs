use std::sync::Arc;

use crate::cache::Cache;
use crate::cdn::Cdn;
use crate::db::Db;
use crate::features::accounts::Hasher;
use crate::web::node::Node;

/// What every handler may ask for. One per process, shared by all its workers.
pub struct AppState {
    pub db: Db,
    pub cache: Cache,
    pub node: Node,
    pub hasher: Hasher,
    pub cdn: Arc<Cdn>,
    /// Scheme and host of the site as readers type it, without a slash at the end.
    pub origin: String,
    /// The site is reached over https: cookies carry the `__Host-` prefix and `Secure`.
    pub https: bool,
}

impl AppState {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// What handlers of public pages get.
pub type Ask = crate::web::public::Ask<AppState>;
