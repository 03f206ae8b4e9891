//! Inserts many posts by few statements, each with a row for every post.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::PostRow;
use crate::access::Actor;
use crate::db::{Result, Tx, public_id};
use crate::features::posts::draft::{self, Draft};
use crate::features::posts::model::PostId;
use crate::features::posts::naming;
use crate::markdown::{RENDERER_VERSION, Rendered};

/// A post with everything that is to be written of it. It is no page: those have a place among others.
pub struct NewPost<'a> {
    /// As it is before its first save ([`PostRow::unsaved`]).
    pub post: PostRow,
    /// With a slug that is free ([`taken_slugs`](super::taken_slugs), [`can_be_slug`](crate::features::posts::create_many::can_be_slug)).
    pub draft: Draft,
    pub rendered: &'a Rendered,
    /// It is public, from now on or from the time given. Then something of it can be seen.
    pub publishes: Option<Option<DateTime<Utc>>>,
    /// When it was changed last, as the old site told it.
    pub changed_at: Option<DateTime<Utc>>,
    pub import_key: &'a str,
    pub import_hash: &'a [u8],
    pub actor: Actor,
}

/// A post that was made.
pub struct AddedRow {
    pub id: PostId,
    pub public_id: Uuid,
    pub listed_at: Option<DateTime<Utc>>,
}

/// One column of an insert by `unnest`.
fn each<'a, T>(posts: &'a [NewPost<'_>], of: impl FnMut(&'a NewPost<'_>) -> T) -> Vec<T> {
    posts.iter().map(of).collect()
}

/// What readers see of a line, where it is another than was typed.
fn set(posts: &[NewPost<'_>], of: impl Fn(&Draft) -> &str) -> Vec<Option<String>> {
    each(posts, |p| p.rendered.typography.changed(of(&p.draft)))
}

fn each_added<'a, T>(
    posts: &'a [(PostId, &NewPost<'_>)],
    of: impl Fn(&'a NewPost<'_>) -> T,
) -> Vec<T> {
    posts.iter().map(|(_, post)| of(post)).collect()
}

/// Inserts the rows of new posts as they are after their first save and, where they are public, their publication.
pub async fn insert_posts(tx: &mut Tx, posts: &[NewPost<'_>]) -> Result<Vec<AddedRow>> {
    let descriptions = each(posts, |p| {
        draft::description(&p.draft.details.excerpt, p.rendered)
    });
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(sqlx::query_as!(
        AddedRow,
        r#"insert into posts (public_id, kind, owner_id, title, slug, excerpt, description, language, canonical_url, cover_url,
                              cover_alt, comment_policy, typography, typeset_title, typeset_excerpt, unlisted, status, minutes, words, version, transaction_id,
                              published_at, changed_at, listed_at, import_key, import_hash)
           select w.id, 'post', w.owner_id, w.title, w.slug, w.excerpt, w.description, w.language, w.canonical_url, w.cover_url,
                  w.cover_alt, w.comment_policy, w.typography, w.typeset_title, w.typeset_excerpt, w.unlisted, case when w.is_public then 'published' else 'draft' end,
                  w.minutes, w.words, 1, case when not w.is_public then w.transaction_id end,
                  p.at, greatest(coalesce(w.changed_at, p.at), p.at), case when not w.unlisted then p.at end, w.key, w.hash
           from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::text[], $12::boolean[], $13::boolean[], $14::integer[], $15::integer[],
                       $16::uuid[], $17::timestamptz[], $18::timestamptz[], $19::text[], $20::bytea[], $21::boolean[], $22::text[], $23::text[])
                as w (id, owner_id, title, slug, excerpt, description, language, canonical_url, cover_url, cover_alt,
                      comment_policy, unlisted, is_public, minutes, words, transaction_id, published_at, changed_at, key, hash, typography, typeset_title, typeset_excerpt),
                lateral (select case when w.is_public then coalesce(w.published_at, now()) end as at) p
           returning id, public_id, listed_at"#,
        &each(posts, |p| p.post.public_id),
        &each(posts, |p| p.post.owner_id),
        &each(posts, |p| p.draft.title.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.slug.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.excerpt.as_str()) as &[&str],
        &descriptions,
        &each(posts, |p| p.draft.details.language.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.canonical_url.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.cover_url.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.cover_alt.as_str()) as &[&str],
        &each(posts, |p| p.draft.details.comment_policy.as_deref()) as &[Option<&str>],
        &each(posts, |p| p.draft.details.unlisted),
        &each(posts, |p| p.publishes.is_some()),
        &each(posts, |p| number(p.rendered.minutes)),
        &each(posts, |p| number(p.rendered.words)),
        &each(posts, |p| p.actor.transaction_id()),
        &each(posts, |p| p.publishes.flatten()) as &[Option<DateTime<Utc>>],
        &each(posts, |p| p.changed_at) as &[Option<DateTime<Utc>>],
        &each(posts, |p| p.import_key) as &[&str],
        &each(posts, |p| p.import_hash) as &[&[u8]],
        &each(posts, |p| p.draft.details.typography) as &[Option<bool>],
        &set(posts, |draft| &draft.title) as &[Option<String>],
        &set(posts, |draft| &draft.details.excerpt) as &[Option<String>],
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Inserts what these posts show, and the same as their first revisions.
pub async fn insert_bodies(
    tx: &mut Tx,
    posts: &[(PostId, &NewPost<'_>)],
    details: &[Value],
) -> Result<()> {
    sqlx::query!(
        "with written as materialized (
             select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[],
                                  $8::bigint[], $9::boolean[], $10::uuid[], $11::uuid[], $13::text[], $14::boolean[], $15::text[], $16::text[])
                    as w (post_id, markdown, html, text, id, title, details, saved_by, published, transaction_id, correlation_id,
                          typography, own, language, heading)),
         body as (
             insert into post_bodies (post_id, markdown, html, text, heading, typography, renderer_version, revision_number)
             select w.post_id, w.markdown, w.html, w.text, w.heading, w.typography,
                    case when w.typography = text_typography(w.own, w.language, s.typography, s.language) then $12::integer else 0 end, 1
             from written w cross join site s)
         insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, published, transaction_id,
                                correlation_id)
         select id, post_id, 1, title, markdown, details, saved_by, published, transaction_id, correlation_id from written",
        &posts.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        &each_added(posts, |p| p.draft.markdown.as_str()) as &[&str],
        &each_added(posts, |p| p.rendered.html.as_str()) as &[&str],
        &each_added(posts, |p| p.rendered.text.as_str()) as &[&str],
        &each_added(posts, |_| public_id()),
        &each_added(posts, |p| p.draft.title.as_str()) as &[&str],
        details,
        &each_added(posts, |p| p.actor.id.unwrap_or(p.post.owner_id)),
        &each_added(posts, |p| p.publishes.is_some()),
        &each_added(posts, |p| p.actor.transaction_id()),
        &each_added(posts, |p| p.actor.correlation_id),
        RENDERER_VERSION,
        &each_added(posts, |p| p.rendered.typography.language()) as &[&str],
        &each_added(posts, |p| p.draft.details.typography) as &[Option<bool>],
        &each_added(posts, |p| p.draft.details.language.as_str()) as &[&str],
        &each_added(posts, |p| naming::heading(p.rendered)),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Rows that link posts to authors or tags, by columns.
#[derive(Default)]
pub struct Links {
    posts: Vec<PostId>,
    others: Vec<i64>,
    positions: Vec<i16>,
    listed: Vec<Option<DateTime<Utc>>>,
}

impl Links {
    pub fn push(&mut self, post: &AddedRow, other: i64, position: i16) {
        self.posts.push(post.id);
        self.others.push(other);
        self.positions.push(position);
        self.listed.push(post.listed_at);
    }
}

/// Names the authors and tags of new posts, in whose lists they stand from now on, and counts them.
pub async fn insert_links(tx: &mut Tx, authors: &Links, tags: &Links) -> Result<()> {
    sqlx::query!(
        "with named as (
             insert into post_authors (post_id, user_id, position, listed_at)
             select * from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::timestamptz[])),
         tagged as (
             insert into post_tags (post_id, tag_id, position, listed_at)
             select * from unnest($5::bigint[], $6::bigint[], $7::smallint[], $8::timestamptz[])),
         change as (
             select tag_id, count(*)::integer as step
             from unnest($6::bigint[], $8::timestamptz[]) as t (tag_id, listed_at) where listed_at is not null group by tag_id),
         locked as (select t.id from tags t where t.id in (select tag_id from change) order by t.id for no key update)
         update tags set post_count = post_count + change.step
         from change join locked on locked.id = change.tag_id where tags.id = change.tag_id",
        &authors.posts,
        &authors.others,
        &authors.positions,
        &authors.listed as &[Option<DateTime<Utc>>],
        &tags.posts,
        &tags.others,
        &tags.positions,
        &tags.listed as &[Option<DateTime<Utc>>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
