//! What pages show of the site, as tags by which they are invalidated.

use crate::db::{CacheTag, Tx};

/// Name, tagline, language and menu of the site: on every page.
pub fn site() -> CacheTag {
    CacheTag::singleton("site")
}

pub fn invalidate(tx: &mut Tx) {
    tx.invalidate([site()]);
}
