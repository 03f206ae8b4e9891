//! What pages show of the site, as tags by which they are invalidated.

use crate::db::{CacheTag, Tx};

/// Name, tagline, language and menu of the site: on every page.
pub fn site() -> CacheTag {
    CacheTag::singleton("site")
}

/// A file of the site, by its name among the assets, which are served under this tag.
fn file(name: &str) -> CacheTag {
    CacheTag::new("asset", name)
}

/// A picture that is taken down is gone, also from shared caches.
pub fn purge_file(tx: &mut Tx, name: &str) {
    tx.purge([file(name)]);
}

pub fn invalidate(tx: &mut Tx) {
    tx.invalidate([site()]);
}
