use sqlx::postgres::PgConnection;

use super::model::{CommentPolicy, SignUp, SignUpRole, Site};
use crate::db::{Result, Tag, Tx};

/// The settings and the menu, in one round trip: every page needs both.
pub async fn load(conn: &mut PgConnection) -> Result<Site> {
    let row = sqlx::query!(
        r#"select name, tagline, language, sign_up, sign_up_role, comment_policy, set_up_at is not null as "set_up!",
                  coalesce((select json_agg(json_build_object('title', title, 'path', '/' || page_path) order by menu_position, id)
                            from posts
                            where menu_position is not null and kind = 'page' and status = 'published' and deleted_at is null),
                           '[]') as "menu!: sqlx::types::Json<Vec<crate::web::frame::MenuItem>>"
           from site"#
    )
    .fetch_one(conn)
    .await?;
    // The fall-backs are the stricter choice; the check constraints make them unreachable.
    Ok(Site {
        name: row.name,
        tagline: row.tagline,
        language: row.language,
        sign_up: SignUp::parse(&row.sign_up).unwrap_or(SignUp::Closed),
        sign_up_role: SignUpRole::parse(&row.sign_up_role).unwrap_or(SignUpRole::Reader),
        comment_policy: CommentPolicy::parse(&row.comment_policy).unwrap_or(CommentPolicy::AllHeld),
        set_up: row.set_up,
        menu: row.menu.0,
    })
}

/// Marks the site as set up. False when somebody else did so first: exactly one person becomes owner.
pub async fn claim_set_up(tx: &mut Tx, name: &str) -> Result<bool> {
    let done = sqlx::query!("update site set set_up_at = now(), name = $1 where set_up_at is null", name)
        .execute(&mut **tx)
        .await?;
    tx.touch([Tag::site()]);
    Ok(done.rows_affected() == 1)
}

/// Saves the settings (not the menu, which is made of pages).
pub async fn update(tx: &mut Tx, site: &Site) -> Result<()> {
    sqlx::query!(
        "update site set name = $1, tagline = $2, language = $3, sign_up = $4, sign_up_role = $5, comment_policy = $6,
                         updated_at = now()",
        site.name,
        site.tagline,
        site.language,
        site.sign_up.as_str(),
        site.sign_up_role.as_str(),
        site.comment_policy.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
