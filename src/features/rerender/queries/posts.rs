//! Posts and pages with the HTML of an older renderer, and what is new of it, written only over what was read.

use std::collections::HashSet;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::PostId;
use crate::features::rerender::batch::Place;
use crate::features::rerender::queries::column;
use crate::markdown::RENDERER_VERSION;

/// A post or page with the HTML of an older renderer, and what else was made of its Markdown.
pub struct OlderPost {
    pub id: PostId,
    pub renderer_version: i32,
    pub revision_number: i32,
    /// How it is to be set.
    pub typography: String,
    pub title: String,
    pub typeset_title: Option<String>,
    pub typeset_excerpt: Option<String>,
    pub markdown: String,
    pub html: String,
    pub text: String,
    pub heading: String,
    pub excerpt: String,
    pub description: String,
    pub minutes: i32,
    pub words: i32,
}

/// The next posts below a place: at most a hundred, and about two megabytes of them.
pub async fn older_posts(conn: &mut PgConnection, below: Place) -> Result<Vec<OlderPost>> {
    Ok(sqlx::query_as!(
        OlderPost,
        r#"select p.id, b.renderer_version as "renderer_version!", b.revision_number as "revision_number!",
                  b.markdown as "markdown!", b.html as "html!", b.text as "text!", b.heading as "heading!",
                  post_typography(p.id) as "typography!", p.title, p.typeset_title, p.typeset_excerpt, p.excerpt, p.description, p.minutes, p.words
           from (select older.*, row_number() over downwards as number,
                        sum(octet_length(markdown) + octet_length(html)) over downwards as bytes
                 from (select post_id, renderer_version, revision_number, markdown, html, text, heading from post_bodies
                       where (renderer_version, post_id) < ($1, $2)
                       order by renderer_version desc, post_id desc limit 100) older
                 window downwards as (order by renderer_version desc, post_id desc)) b
           join posts p on p.id = b.post_id
           where b.number = 1 or b.bytes <= 2000000
           order by b.renderer_version desc, b.post_id desc"#,
        below.renderer_version,
        below.id,
    )
    .fetch_all(conn)
    .await?)
}

pub struct LockedPost {
    pub id: PostId,
    pub public_id: Uuid,
    pub is_public: bool,
    pub is_page: bool,
}

/// Those of these posts that nothing else changes just now, held until the transaction ends, as every save holds its own.
pub async fn lock_posts(tx: &mut Tx, ids: &[PostId]) -> Result<Vec<LockedPost>> {
    Ok(sqlx::query_as!(
        LockedPost,
        r#"select id, public_id, (status = 'published' and deleted_at is null) as "is_public!",
                  (kind = 'page') as "is_page!"
           from posts where id = any($1) order by id for no key update skip locked"#,
        ids
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What becomes of a post: everything that stays as it is is none.
pub struct RenewedPost {
    pub id: PostId,
    pub renderer_version: i32,
    pub revision_number: i32,
    pub typography: String,
    /// As readers see them; none where they are as typed.
    pub typeset_title: Option<String>,
    pub typeset_excerpt: Option<String>,
    /// Where it is a page, its name stands on others.
    pub name_differs: bool,
    /// Title or excerpt are others than before.
    pub typesetting_differs: bool,
    pub html: Option<String>,
    pub text: Option<String>,
    pub heading: Option<String>,
    pub description: Option<String>,
    pub minutes: Option<i32>,
    pub words: Option<i32>,
    /// Why nothing changes but that this renderer was asked.
    pub refusal: Option<String>,
}

impl RenewedPost {
    pub fn unchanged(post: &OlderPost) -> RenewedPost {
        let (html, text, heading, description, minutes, words, refusal) = Default::default();
        RenewedPost {
            id: post.id,
            renderer_version: post.renderer_version,
            revision_number: post.revision_number,
            typography: post.typography.clone(),
            typeset_title: post.typeset_title.clone(),
            typeset_excerpt: post.typeset_excerpt.clone(),
            name_differs: false,
            typesetting_differs: false,
            html,
            text,
            heading,
            description,
            minutes,
            words,
            refusal,
        }
    }

    /// Readers see something else than before.
    pub fn shows(&self) -> bool {
        self.html.is_some()
            || self.typesetting_differs
            || self.heading.is_some()
            || self.description.is_some()
            || self.minutes.is_some()
            || self.words.is_some()
    }
}

/// Writes it over exactly the rows that were read; gives those that still were as they were read.
pub async fn write_posts(tx: &mut Tx, renewed: &[RenewedPost]) -> Result<HashSet<PostId>> {
    let written = sqlx::query_scalar!(
        r#"with new as (
               select * from unnest($2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::integer[],
                                    $9::integer[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[])
                   as new (id, renderer_version, revision_number, html, text, description, minutes, words, refusal, typography,
                           typesetting_differs, typeset_title, typeset_excerpt, heading)),
           body as (
               update post_bodies b
               set html = coalesce(new.html, b.html), text = coalesce(new.text, b.text), heading = coalesce(new.heading, b.heading),
                   typography = new.typography,
                   renderer_version = case when new.typography = post_typography(b.post_id) then $1::integer else 0 end
               from new
               where b.post_id = new.id and b.renderer_version = new.renderer_version and b.revision_number = new.revision_number
               returning b.post_id, b.markdown, new.description, new.minutes, new.words, new.refusal,
                         new.typesetting_differs, new.typeset_title, new.typeset_excerpt),
           post as (
               update posts p
               set description = coalesce(body.description, p.description), minutes = coalesce(body.minutes, p.minutes),
                   words = coalesce(body.words, p.words), typeset_title = body.typeset_title, typeset_excerpt = body.typeset_excerpt
               from body
               where p.id = body.post_id
                 and (body.typesetting_differs or num_nonnulls(body.description, body.minutes, body.words) > 0)),
           taken_back as (
               delete from render_refusals r using body where r.post_id = body.post_id and body.refusal is null),
           refused as (
               insert into render_refusals (post_id, renderer_version, source, reason)
               select post_id, $1, md5(markdown), refusal from body where refusal is not null
               on conflict (post_id) where post_id is not null do update
               set renderer_version = excluded.renderer_version, source = excluded.source, reason = excluded.reason,
                   refused_at = excluded.refused_at)
           select post_id as "post_id!" from body"#,
        RENDERER_VERSION,
        &column(renewed, |post| post.id),
        &column(renewed, |post| post.renderer_version),
        &column(renewed, |post| post.revision_number),
        &column(renewed, |post| post.html.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.text.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.description.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.minutes) as &[Option<i32>],
        &column(renewed, |post| post.words) as &[Option<i32>],
        &column(renewed, |post| post.refusal.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.typography.as_str()) as &[&str],
        &column(renewed, |post| post.typesetting_differs),
        &column(renewed, |post| post.typeset_title.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.typeset_excerpt.as_deref()) as &[Option<&str>],
        &column(renewed, |post| post.heading.as_deref()) as &[Option<&str>],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(written.into_iter().collect())
}
