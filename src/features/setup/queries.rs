//! How far a new site is.

use sqlx::postgres::PgConnection;

use crate::db::Result;

/// What its owner has done of making a site their own.
pub struct Steps {
    /// A text that is no sample, published or not.
    pub has_post: bool,
    pub has_invited: bool,
}

pub async fn steps(conn: &mut PgConnection) -> Result<Steps> {
    Ok(sqlx::query_as!(
        Steps,
        r#"select exists (
                      -- The samples are twenty: among the newest fifty is another text, if there is any.
                      select from (select import_key from posts order by id desc limit 50) newest
                      where import_key is null or not starts_with(import_key, 'demo:')) as "has_post!",
                  (select id from invitations order by id limit 1) is not null as "has_invited!""#
    )
    .fetch_one(conn)
    .await?)
}
