//! Where a button leads that makes a copy of a post.

use uuid::Uuid;

use crate::web::FormIds;

/// With an id for the copy, so that two clicks make one.
pub fn copy_address(ids: &FormIds, post: Uuid) -> String {
    let copy = ids.fresh();
    copy.action(&format!("/p/{post}/duplicate?copy={copy}"))
}
