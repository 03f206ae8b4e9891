//! What a save or publication has to know before it writes, in one statement.

use sqlx::postgres::PgConnection;

use super::{PostRow, tag_keys};
use crate::db::{Result, Tx};
use crate::features::posts::address::{self, Wanted};
use crate::features::posts::draft::Draft;
use crate::features::posts::editing::NewestSave;
use crate::features::posts::model::{Details, PostId};
use crate::features::posts::tag_refs::{TagFound, TagFoundRow};
use crate::markdown::Rendered;

/// What is there before a save or publication of a locked post.
pub struct Found {
    pub newest: Option<Draft>,
    /// How the newest state came.
    pub newest_save: Option<NewestSave>,
    pub wanted: Wanted,
    /// Slugs of [`Wanted::slugs`] that another post has, or had and leads on from.
    pub taken: Vec<String>,
    pub parent_id: Option<PostId>,
    pub path_taken: bool,
    /// Its comments are to be set otherwise from now on, where this is what readers get.
    pub changes_typography: bool,
    /// Tags that the draft may name.
    pub tags: Vec<TagFound>,
}

pub async fn find(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    rendered: &Rendered,
) -> Result<Found> {
    let wanted = address::wanted(post, draft, rendered);
    let (tag_keys, tag_slugs) = tag_keys(&draft.details.tags);
    let row = sqlx::query!(
        r#"select r.title as "title?", r.markdown as "markdown?", r.details as "details?: sqlx::types::Json<Details>",
                  r.saved_by as "saved_by?", r.editing as "editing?", r.edit as "edit?",
                  r.autosaved_since is not null as "is_autosave!",
                  coalesce(r.autosaved_since > now() - interval '10 minutes' and not r.published, false) as "is_open_autosave!",
                  -- The first is free nearly always, and then nothing is to be known of the fifty after it.
                  case when exists (select from posts where owner_id = $2 and slug = ($3::text[])[1] and kind = 'post' and id <> $1)
                         or exists (select from slug_history where owner_id = $2 and slug = ($3::text[])[1] and post_id <> $1)
                       then array(select slug from posts where owner_id = $2 and slug = any($3) and kind = 'post' and id <> $1
                                  union select slug from slug_history
                                  where owner_id = $2 and slug = any($3) and post_id <> $1)
                       else '{}' end as "taken!",
                  (select id from posts where page_path = $4 and kind = 'page' and deleted_at is null) as "parent_id?",
                  exists (select from posts where page_path = $5 and kind = 'page' and id <> $1) as "path_taken!",
                  coalesce((select text_typography(p.typography, p.language, s.typography, s.language)
                                   <> text_typography($9::boolean, $8, s.typography, s.language)
                                   and exists (select from comments where post_id = p.id)
                            from posts p cross join site s where p.id = $1), false) as "changes_typography!",
                  array(select row(f.name_key, f.name, t.id, t.slug) from tags f join tags t on t.id = coalesce(f.leads_to, f.id)
                        where f.name_key = any($6) or (f.slug = any($7) and f.name_key is null and f.leads_to is null))
                      as "tags!: Vec<TagFoundRow>"
           from (values (1)) one
           left join lateral (select * from revisions where post_id = $1 order by number desc limit 1) r
                on true"#,
        post.id,
        post.owner_id,
        &wanted.slugs,
        wanted.parent,
        wanted.path,
        &tag_keys,
        &tag_slugs,
        draft.details.language,
        draft.details.typography,
    )
    .fetch_one(&mut **tx)
    .await?;
    let newest = row.title.zip(row.markdown).zip(row.details);
    Ok(Found {
        newest: newest.map(|((title, markdown), details)| Draft {
            title,
            markdown,
            details: details.0,
        }),
        newest_save: row.saved_by.map(|saved_by| NewestSave {
            saved_by,
            editing: row.editing,
            edit: row.edit,
            is_autosave: row.is_autosave,
            is_open_autosave: row.is_open_autosave,
        }),
        wanted,
        taken: row.taken,
        parent_id: row.parent_id,
        path_taken: row.path_taken,
        changes_typography: row.changes_typography,
        tags: row.tags.into_iter().map(TagFound::from).collect(),
    })
}

/// Whether the slug is used now or leads somewhere from before, for a post other than `post`.
pub async fn slug_taken(tx: &mut Tx, owner: i64, slug: &str, post: PostId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from posts where owner_id = $1 and slug = $2 and kind = 'post' and id <> $3)
               or exists (select 1 from slug_history where owner_id = $1 and slug = $2 and post_id <> $3) as "taken!""#,
        owner,
        slug,
        post,
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn path_taken(tx: &mut Tx, path: &str, post: PostId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from posts where page_path = $1 and kind = 'page' and id <> $2) as "taken!""#,
        path,
        post,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Which of these slugs their owners use, or used before.
pub async fn taken_slugs(
    conn: &mut PgConnection,
    owners: &[i64],
    slugs: &[String],
) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        r#"select w.owner_id as "owner_id!", w.slug as "slug!" from unnest($1::bigint[], $2::text[]) as w (owner_id, slug)
           -- One subquery: each of two could be answered from a hash of its whole table.
           where exists (select from posts p where p.owner_id = w.owner_id and p.slug = w.slug and p.kind = 'post'
                         union all
                         select from slug_history h where h.owner_id = w.owner_id and h.slug = w.slug)"#,
        owners,
        slugs,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.owner_id, row.slug))
        .collect())
}

/// Longest path below a page as the address counts it, and most slashes in one; zeros where there is none.
pub async fn deepest_below(tx: &mut Tx, path: &str) -> Result<(usize, usize)> {
    let row = sqlx::query!(
        r#"select coalesce(max(greatest(char_length(page_path), (octet_length(page_path) + 2) / 3)), 0) as "length!",
                  coalesce(max(char_length(page_path) - char_length(replace(page_path, '/', ''))), 0) as "depth!"
           from posts where kind = 'page' and starts_with(page_path, $1 || '/')"#,
        path,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((
        usize::try_from(row.length).unwrap_or(0),
        usize::try_from(row.depth).unwrap_or(0),
    ))
}
