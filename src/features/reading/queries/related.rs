//! Which posts are about the same: stored lists, which a job renews.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::PostId;

/// Keys of posts whose lists are to be renewed.
pub struct Round {
    pub newest: Vec<PostId>,
    /// The next ones of the walk over all.
    pub walked: Vec<PostId>,
}

/// How far the walk goes in a round. The query says it as a number: a plan that does not know it reads the whole table.
pub const WALKED: usize = 250;
const _: () = assert!(WALKED == 250, "the query of a round says `limit 250`");

pub async fn round(conn: &mut PgConnection) -> Result<Round> {
    Ok(sqlx::query_as!(
        Round,
        r#"select array(select id from listed_posts order by listed_at desc, id desc limit 50) as "newest!",
                  array(select id from posts where id > (select after_id from related_walk) order by id limit 250) as "walked!""#
    )
    .fetch_one(conn)
    .await?)
}

/// Where the next round goes on.
pub async fn walk_on(tx: &mut Tx, after: PostId) -> Result<()> {
    sqlx::query!("update related_walk set after_id = $1", after)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Stores which listed posts are related to these; gives the public ids of those whose lists are others than before.
///
/// A tag that two posts share weighs the more, the fewer posts have it; that they share an author weighs less than any tag. Of
/// each tag and author only the newest posts are looked at, so that a post costs the same on every site. The rows of posts are
/// held in the order of their keys, as by those who delete some.
pub async fn relate(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"with wanted as materialized (
               select a.id as post_id, c.place, c.related_id
               from unnest($1::bigint[]) a (id) join listed_posts h on h.id = a.id
               cross join lateral (
                   select s.post_id as related_id,
                          (row_number() over (order by sum(s.weight) desc, max(s.listed_at) desc, s.post_id desc))::smallint as place
                   from (select l.post_id, l.listed_at, (1000000 / ln((t.post_count + 2)::float8))::bigint as weight
                         from post_tags pt join tags t on t.id = pt.tag_id
                         cross join lateral (select post_id, listed_at from listed_posts_by_tag where tag_id = pt.tag_id
                                             order by listed_at desc, post_id desc limit 50) l
                         where pt.post_id = a.id
                         union all
                         select l.post_id, l.listed_at, 1
                         from post_authors w
                         cross join lateral (select post_id, listed_at from listed_posts_by_author where user_id = w.user_id
                                             order by listed_at desc, post_id desc limit 6) l
                         where w.post_id = a.id) s
                   where s.post_id <> a.id
                   group by s.post_id order by place limit 5) c),
           changed as materialized (
               select q.id, q.public_id from unnest($1::bigint[]) a (id) join posts q on q.id = a.id
               where array(select w.related_id from wanted w where w.post_id = q.id order by w.place)
                     <> array(select r.related_id from related_posts r where r.post_id = q.id order by r.place)),
           held as materialized (
               select p.id, p.public_id from posts p
               where p.id in (select id from changed
                              union select w.related_id from wanted w join changed c on c.id = w.post_id)
               order by p.id for key share),
           dropped as (
               delete from related_posts r using changed c
               where r.post_id = c.id
                 and not exists (select from wanted w where w.post_id = r.post_id and w.place = r.place)),
           written as (
               insert into related_posts (post_id, place, related_id, related_public_id)
               select w.post_id, w.place, w.related_id, h.public_id
               from wanted w join changed c on c.id = w.post_id join held h on h.id = w.related_id
               where w.post_id in (select id from held)
               on conflict (post_id, place) do update
               set related_id = excluded.related_id, related_public_id = excluded.related_public_id
               where related_posts.related_id <> excluded.related_id)
           select public_id from changed"#,
        posts,
    )
    .fetch_all(&mut **tx)
    .await?)
}
