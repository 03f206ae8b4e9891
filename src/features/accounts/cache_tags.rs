//! What pages show of people, as tags by which they are invalidated.

use uuid::Uuid;

use super::key_of;
use crate::db::{CacheTag, Tx};

const PEOPLE: &str = "people";

/// Name, username or picture of any account: for what names very many.
pub fn people() -> CacheTag {
    CacheTag::singleton(PEOPLE)
}

/// Name, username and picture of a person, by the key of the username, whether it is taken or not.
pub fn author(key: &str) -> CacheTag {
    CacheTag::new("author", key).one_of(PEOPLE)
}

/// A picture of a person, by its id.
pub fn picture(id: Uuid) -> CacheTag {
    CacheTag::new("picture", id)
}

/// Another account has this username now, or the first.
pub fn invalidate_username(tx: &mut Tx, key: &str) {
    tx.invalidate([author(key)]);
}

/// The name or the picture of a person is another.
pub fn invalidate_profile(tx: &mut Tx, username: &str) {
    tx.invalidate([author(&key_of(username)), people()]);
}

/// A username that is given up is not shown again, not even while the database is away.
pub fn purge_username(tx: &mut Tx, username: &str) {
    tx.purge([author(&key_of(username)), people()]);
}

/// A picture that is taken back is gone.
pub fn purge_picture(tx: &mut Tx, id: Uuid) {
    tx.purge([picture(id)]);
}
