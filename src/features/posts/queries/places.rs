//! Where posts stand: their addresses and lists, and the counters of their tags.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::model::{Kind, PostId};

/// Where a post or page stands, for those who have to know that it changed.
pub struct PlaceRow {
    pub posts: Vec<PostId>,
    pub kind: Kind,
    /// Its path and those that lead to it, with keys for handles: what was found at none of them may be found at all
    /// of them when the post becomes public.
    pub addresses: Vec<String>,
    pub topics: Vec<String>,
    pub author_keys: Vec<String>,
    pub author_ids: Vec<i64>,
    /// Where it is listed: public ids of the posts before and after it in the lists of its authors that show it on their pages.
    pub neighbours: Vec<Uuid>,
    /// Keys of the tags under which it is listed and counted.
    pub listed_tags: Vec<i64>,
    /// Its places in lists; of several posts, one for each day.
    pub listed_at: Vec<DateTime<Utc>>,
}

impl PlaceRow {
    /// Of a post that nothing shows.
    pub fn nowhere(kind: Kind) -> PlaceRow {
        PlaceRow {
            posts: Vec::new(),
            kind,
            addresses: Vec::new(),
            topics: Vec::new(),
            author_keys: Vec::new(),
            author_ids: Vec::new(),
            neighbours: Vec::new(),
            listed_tags: Vec::new(),
            listed_at: Vec::new(),
        }
    }
}

macro_rules! place {
    ($tx:expr, $head:tt, $listed_at:tt, $neighbours:tt, $($arg:expr),*) => {{
        let row = sqlx::query!(
            $head
                + r#"select p.id, p.kind,
                  array(select post_path('page', p.page_path, null, null) where p.kind = 'page'
                        union select r.path from redirects r where r.post_id = p.id
                        union select post_path('post', null, k.key, s.slug)
                        from (select u.username_key union select h.username_key from username_history h where h.user_id = u.id) k (key),
                             (select p.slug union select h.slug from slug_history h where h.post_id = p.id) s (slug)
                        where p.kind = 'post'
                        limit 500) as "addresses!",
                  array(select t.slug from post_tags pt join tags t on t.id = pt.tag_id where pt.post_id = p.id) as "topics!",
                  array(select w.username_key from post_authors a join users w on w.id = a.user_id where a.post_id = p.id)
                      as "author_keys!",
                  array(select a.user_id from post_authors a where a.post_id = p.id) as "author_ids!",
                  array(select pt.tag_id from post_tags pt where pt.post_id = p.id and pt.listed_at is not null) as "listed_tags!", "#
                + $listed_at
                + r#" as "listed_at?", "#
                + $neighbours
                + r#" as "neighbours!"
           from posts p join users u on u.id = p.owner_id where p.id = $1"#,
            $($arg),*
        )
        .fetch_one(&mut **$tx)
        .await?;
        PlaceRow {
            posts: vec![row.id],
            kind: Kind::from_column(&row.kind),
            addresses: row.addresses,
            topics: row.topics,
            author_keys: row.author_keys,
            author_ids: row.author_ids,
            neighbours: row.neighbours,
            listed_tags: row.listed_tags,
            listed_at: row.listed_at.into_iter().collect(),
        }
    }};
}

pub async fn place(tx: &mut Tx, post: PostId) -> Result<PlaceRow> {
    // Whatever page shows it as a neighbour has its own tag.
    Ok(place!(
        tx,
        "",
        // Where it is planned, it will come there.
        "case when p.status = 'scheduled' and p.kind = 'post' and not p.unlisted
              then coalesce(p.scheduled_date, p.published_at, p.scheduled_for) else p.listed_at end",
        "array[]::uuid[]",
        post
    ))
}

/// Where these new posts stand, all together.
pub async fn places(tx: &mut Tx, posts: &[PostId]) -> Result<PlaceRow> {
    let row = sqlx::query!(
        r#"select array(select post_path(p.kind, p.page_path, k.key, p.slug)
                        from posts p cross join lateral (
                            select u.username_key from users u where u.id = p.owner_id
                            union select h.username_key from username_history h where h.user_id = p.owner_id) k (key)
                        where p.id = any($1)) as "addresses!",
                  array(select distinct t.slug from post_tags pt join tags t on t.id = pt.tag_id where pt.post_id = any($1))
                      as "topics!",
                  array(select distinct w.username_key from post_authors a join users w on w.id = a.user_id
                        where a.post_id = any($1)) as "author_keys!",
                  array(select distinct user_id from post_authors where post_id = any($1)) as "author_ids!",
                  array(select distinct n.public_id
                        from post_authors a,
                             lateral ((select l.post_id from listed_posts_by_author l
                                       where l.user_id = a.user_id and (l.listed_at, l.post_id) < (a.listed_at, a.post_id)
                                       order by l.listed_at desc, l.post_id desc limit 1)
                                      union all
                                      (select l.post_id from listed_posts_by_author l
                                       where l.user_id = a.user_id and (l.listed_at, l.post_id) > (a.listed_at, a.post_id)
                                       order by l.listed_at, l.post_id limit 1)) b (post_id)
                             join posts n on n.id = b.post_id
                        where a.post_id = any($1) and n.owner_id = a.user_id) as "neighbours!",
                  array(select distinct date_trunc('day', listed_at at time zone 'UTC') at time zone 'UTC'
                        from posts where id = any($1) and listed_at is not null) as "listed_at!""#,
        posts,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(PlaceRow {
        posts: posts.to_vec(),
        kind: Kind::Post,
        addresses: row.addresses,
        topics: row.topics,
        author_keys: row.author_keys,
        author_ids: row.author_ids,
        neighbours: row.neighbours,
        listed_tags: Vec::new(),
        listed_at: row.listed_at,
    })
}

/// Brings lists and counters to what the post is now, `before` being the tags that counted it; gives where it stands.
///
/// Rows of tags are locked in the order of their keys, and not against the foreign keys of new `post_tags` rows, which only
/// need the tag to stay.
pub async fn list(tx: &mut Tx, post: PostId, before: &[i64]) -> Result<PlaceRow> {
    Ok(place!(
        tx,
        "with listed as (
             select (select published_at from public_posts where id = $1 and kind = 'post' and not unlisted) as at),
         post as (
             update posts set listed_at = listed.at from listed where id = $1 and listed_at is distinct from listed.at),
         tagged as (
             update post_tags set listed_at = listed.at from listed where post_id = $1 and listed_at is distinct from listed.at),
         named as (
             update post_authors set listed_at = listed.at from listed
             where post_id = $1 and listed_at is distinct from listed.at),
         change as (
             select tag_id, sum(step)::integer as step
             from (select unnest($2::bigint[]) as tag_id, -1 as step
                   union all select tag_id, 1 from post_tags, listed where post_id = $1 and listed.at is not null) steps
             group by tag_id having sum(step) <> 0),
         locked as (select t.id from tags t where t.id in (select tag_id from change) order by t.id for no key update),
         counted as (
             update tags set post_count = post_count + change.step
             from change join locked on locked.id = change.tag_id where tags.id = change.tag_id) ",
        "(select at from listed)",
        "array(select n.public_id
               from post_authors a, listed,
                    lateral ((select l.post_id from listed_posts_by_author l
                              where l.user_id = a.user_id and l.post_id <> $1 and (l.listed_at, l.post_id) < (listed.at, $1)
                              order by l.listed_at desc, l.post_id desc limit 1)
                             union all
                             (select l.post_id from listed_posts_by_author l
                              where l.user_id = a.user_id and l.post_id <> $1 and (l.listed_at, l.post_id) > (listed.at, $1)
                              order by l.listed_at, l.post_id limit 1)) b (post_id)
                    join posts n on n.id = b.post_id
               where a.post_id = $1 and n.owner_id = a.user_id)",
        post,
        before
    ))
}

/// Takes the post out of every list and counter, whatever it is.
pub async fn unlist(tx: &mut Tx, post: PostId, before: &[i64]) -> Result<()> {
    sqlx::query!(
        "with post as (update posts set listed_at = null where id = $1),
         tagged as (update post_tags set listed_at = null where post_id = $1 and listed_at is not null),
         named as (update post_authors set listed_at = null where post_id = $1 and listed_at is not null),
         locked as (select t.id from tags t where t.id = any($2) order by t.id for no key update)
         update tags set post_count = post_count - 1 from locked where tags.id = locked.id",
        post,
        before,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
