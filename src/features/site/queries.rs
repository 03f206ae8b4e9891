//! The row of the site, and the menu beside it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::postgres::PgConnection;
use sqlx::types::Json;

use super::cache_tags;
use super::model::{CommentPolicy, Front, SignUp, SignUpRole, Site, SiteTypography};
use crate::cache::expires_at;
use crate::db::{Result, Tx};
use crate::web::accent::Accent;
use crate::web::frame::{FooterLink, MenuItem, SitePictures};

/// The settings and the menu, in one round trip: every page needs both. A query that needs them besides something else
/// selects `(select frame from site_frame)` as [`SiteRow`].
pub async fn load(conn: &mut PgConnection) -> Result<Site> {
    let row = sqlx::query_scalar!(r#"select frame as "frame!: Json<SiteRow>" from site_frame"#)
        .fetch_one(conn)
        .await?;
    Ok(row.0.into())
}

/// The view `site_frame`.
#[derive(Debug, serde::Deserialize)]
pub struct SiteRow {
    name: String,
    tagline: String,
    description: String,
    footer_links: Vec<FooterLink>,
    accent: String,
    pictures: SitePictures,
    front: String,
    front_page: Option<String>,
    drop_cap: bool,
    language: String,
    time_zone: String,
    sign_up: String,
    sign_up_role: String,
    comment_policy: String,
    typography: bool,
    set_up: bool,
    menu: Vec<MenuItem>,
    next_publication: Option<DateTime<Utc>>,
}

impl From<SiteRow> for Site {
    /// The fall-backs are the stricter choice; the check constraints make them unreachable.
    fn from(row: SiteRow) -> Self {
        // Until then nothing becomes public by itself, in any list and at any address.
        if let Some(at) = row.next_publication {
            expires_at(at);
        }
        Site {
            sign_up: SignUp::parse(&row.sign_up).unwrap_or(SignUp::Closed),
            sign_up_role: SignUpRole::parse(&row.sign_up_role).unwrap_or(SignUpRole::Reader),
            comment_policy: CommentPolicy::parse(&row.comment_policy)
                .unwrap_or(CommentPolicy::AllHeld),
            typography: row.typography,
            name: row.name,
            tagline: row.tagline,
            description: row.description,
            footer_links: row.footer_links,
            accent: Accent::parse(&row.accent),
            pictures: row.pictures,
            front: Front::of(&row.front, row.front_page),
            drop_cap: row.drop_cap,
            language: row.language,
            time_zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            set_up: row.set_up,
            menu: row.menu,
        }
    }
}

/// Marks the site as set up. False when another request did so first: exactly one person becomes owner.
pub async fn claim_set_up(
    tx: &mut Tx,
    name: &str,
    sign_up: SignUp,
    role: SignUpRole,
) -> Result<bool> {
    let done = sqlx::query!(
        "update site set set_up_at = now(), name = $1, sign_up = $2, sign_up_role = $3, typography = true
         where set_up_at is null",
        name,
        sign_up.as_str(),
        role.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    cache_tags::invalidate(tx);
    Ok(done.rows_affected() == 1)
}

/// Saves the settings (not the menu, which is made of pages), and gives the typography that the site had until then.
pub async fn update(tx: &mut Tx, site: &Site) -> Result<SiteTypography> {
    Ok(sqlx::query_as!(
        SiteTypography,
        "with before as (select only_row, typography, language from site for update)
         update site set name = $1, tagline = $2, language = $3, sign_up = $4, sign_up_role = $5, comment_policy = $6,
                         typography = $7, description = $8, footer_links = $9, accent = $10, time_zone = $11,
                         front = $12, front_page_id = (select id from public_posts where page_path = $13 and kind = 'page'),
                         drop_cap = $14, updated_at = now()
         from before where before.only_row = site.only_row
         returning before.typography as is_on, before.language",
        site.name,
        site.tagline,
        site.language,
        site.sign_up.as_str(),
        site.sign_up_role.as_str(),
        site.comment_policy.as_str(),
        site.typography,
        site.description,
        Json(&site.footer_links) as _,
        site.accent_text(),
        site.time_zone.name(),
        site.front.kind(),
        site.front.page().map(|path| path.trim_start_matches('/')),
        site.drop_cap,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// The pictures of the site, which no other transaction changes before this one ends.
pub async fn lock_pictures(tx: &mut Tx) -> Result<SitePictures> {
    let row = sqlx::query_scalar!(
        r#"select pictures as "pictures: Json<SitePictures>" from site for update"#
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.0)
}

pub async fn update_pictures(tx: &mut Tx, pictures: &SitePictures) -> Result<()> {
    sqlx::query!(
        "update site set pictures = $1, updated_at = now()",
        Json(pictures) as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the database can count in it: its own list of zones may be older than ours.
pub async fn knows_time_zone(conn: &mut PgConnection, zone: &Tz) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from pg_timezone_names where name = $1) as "is_known!""#,
        zone.name()
    )
    .fetch_one(conn)
    .await?)
}
