//! Addresses of lists that a page or an imported text had before, and keeps.

use sqlx::postgres::PgConnection;

use super::Finding;
use crate::db::Result;
use crate::features::reading::queries;
use crate::web::route_words::YIELDING_SEGMENTS;

pub(super) async fn examine(conn: &mut PgConnection) -> Result<Vec<Finding>> {
    let kept = queries::kept_addresses(conn, YIELDING_SEGMENTS).await?;
    Ok(kept.iter().map(|word| stands_aside(word)).collect())
}

fn stands_aside(word: &str) -> Finding {
    Finding::ok(format!(
        "a page, or a text that was imported from there, keeps the address /{word}: the list of that name is at /newest/{word}"
    ))
}
