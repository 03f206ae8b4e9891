//! How far a new site is, and what it can choose of.

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

/// A page that can be the front page.
pub struct ListedPage {
    pub title: String,
    /// Where readers find it.
    pub path: String,
}

/// Pages that readers can see, by their paths, as far as a form has room for them; the front page always.
pub async fn pages(conn: &mut PgConnection) -> Result<Vec<ListedPage>> {
    Ok(sqlx::query_as!(
        ListedPage,
        r#"select case when title = '' then coalesce(nullif(name_of_untitled(id, description), ''), page_path) else title end as "title!",
                  path as "path!"
           from public_posts
           where kind = 'page' and (id = (select front_page_id from site)
                                    or id in (select id from public_posts where kind = 'page' order by page_path limit 200))
           order by page_path"#
    )
    .fetch_all(conn)
    .await?)
}
