//! Posts that pages lead to which list none of their own: stored lists, which a job renews.

use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Related, RelatedRow};
use crate::db::{Result, Tx};
use crate::features::posts::PostId;
use crate::features::site::{Site, SiteRow};

/// A list of such posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Those that most people have lately written about, for the front page.
    Discussed,
    /// For pages about what is missing.
    Newest,
}

impl Offer {
    pub fn as_str(self) -> &'static str {
        match self {
            Offer::Discussed => "discussed",
            Offer::Newest => "newest",
        }
    }
}

/// The listed posts among the last ten thousand comments that have most people in them, then most comments: one account that
/// writes many makes a post no more discussed.
pub async fn discussed(conn: &mut PgConnection) -> Result<Vec<PostId>> {
    Ok(sqlx::query_scalar!(
        r#"select c.post_id
           from (select post_id, author_id, state from comments order by id desc limit 10000) c
           where c.state = 'visible' and exists (select from listed_posts where id = c.post_id)
           group by c.post_id
           order by count(distinct c.author_id) desc, count(*) desc, c.post_id desc limit 5"#
    )
    .fetch_all(conn)
    .await?)
}

pub async fn newest(conn: &mut PgConnection) -> Result<Vec<PostId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id!" from listed_posts order by listed_at desc, id desc limit 5"#
    )
    .fetch_all(conn)
    .await?)
}

/// Stores a list; says whether it was another one before.
pub async fn offer(tx: &mut Tx, list: Offer, posts: &[PostId]) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"with wanted as materialized (
               select a.place::smallint, p.id, p.public_id
               from unnest($2::bigint[]) with ordinality a (id, place) join posts p on p.id = a.id
               where exists (select from listed_posts where id = p.id)
               order by p.id for key share of p),
           dropped as (
               delete from offered_posts o
               where o.list = $1 and not exists (select from wanted w where w.place = o.place) returning 1),
           written as (
               insert into offered_posts (list, place, post_id, post_public_id)
               select $1, w.place, w.id, w.public_id from wanted w
               on conflict (list, place) do update
               set post_id = excluded.post_id, post_public_id = excluded.post_public_id
               where offered_posts.post_id <> excluded.post_id returning 1)
           select exists (select from dropped) or exists (select from written) as "is_other!""#,
        list.as_str(),
        posts,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// What a page about what is missing shows besides: the site around it, and the newest posts.
pub async fn beside_missing(conn: &mut PgConnection) -> Result<(Site, Related)> {
    let row = sqlx::query!(
        r#"select (select frame from site_frame) as "site!: Json<SiteRow>",
                  array(select row(row(o.public_id, o.owner, o.path, o.title, o.description, o.language, o.published_at), o.by_name)
                        from public_offers o where o.list = 'newest' order by o.place) as "posts!: Vec<RelatedRow>",
                  array(select post_public_id from offered_posts where list = 'newest') as "stored!: Vec<Uuid>""#
    )
    .fetch_one(conn)
    .await?;
    Ok((row.site.0.into(), Related::of(row.posts, row.stored)))
}
