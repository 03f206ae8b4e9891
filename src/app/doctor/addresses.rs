//! Addresses of lists that a page or an imported text had before, and keeps.

use sqlx::postgres::PgConnection;

use super::Finding;
use crate::db::Result;
use crate::features::reading::queries;
use crate::web::route_words::{YIELDING_LISTS, YieldingList};

pub(super) async fn examine(conn: &mut PgConnection) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for list in &YIELDING_LISTS {
        if queries::is_kept(conn, list).await? {
            found.push(stands_aside(list));
        }
    }
    Ok(found)
}

fn stands_aside(list: &YieldingList) -> Finding {
    let YieldingList { path, aside, .. } = list;
    Finding::ok(format!(
        "a page, or a text that was imported from there, keeps the address {path}: the list of that name is at {aside}"
    ))
}
