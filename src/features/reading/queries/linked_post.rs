//! A public post or page as links to it show it.

use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::Result;
use crate::features::posts::Card;
use crate::features::posts::queries::{card, card_query};
use crate::features::site::{Site, SiteRow};

pub struct LinkedPost {
    pub card: Card,
    pub is_unlisted: bool,
    pub site: Site,
}

/// The public post or page with this public id.
pub async fn linked_post(conn: &mut PgConnection, id: Uuid) -> Result<Option<LinkedPost>> {
    let row = card_query!(
        [
            r#", p.unlisted as "unlisted!", (select frame from site_frame) as "site!: Json<SiteRow>""#
        ],
        ["from public_posts p where p.public_id = $1"],
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| LinkedPost {
        is_unlisted: row.unlisted,
        site: row.site.0.into(),
        card: card!(row),
    }))
}
