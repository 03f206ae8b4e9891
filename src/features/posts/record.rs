//! What the audit log says of an act on a post that needs no more than which it is.

use super::queries::PostRow;
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx};

/// Notes an act that says no more of a post than which it is.
pub(super) async fn record(
    tx: &mut Tx,
    post: &PostRow,
    act: &str,
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act,
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &post.title,
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}
