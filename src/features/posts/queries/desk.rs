use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{TagFound, TagFoundRow, tag_keys};
use crate::db::cursor::Cursor;
use crate::db::{Result, Tx};
use crate::features::posts::address::{self, Wanted};
use crate::features::posts::draft::Draft;
use crate::features::posts::model::{Details, Kind, PostId, Status};
use crate::features::posts::path::path_for;

/// What the verbs need to know of a post.
#[derive(Clone, Debug)]
pub struct PostRow {
    pub id: PostId,
    pub public_id: Uuid,
    pub kind: Kind,
    pub owner_id: i64,
    pub owner: String,
    pub title: String,
    pub slug: String,
    pub page_path: Option<String>,
    pub status: Status,
    pub version: i32,
    pub transaction_id: Option<Uuid>,
    pub saved_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    /// Version that readers see; lower than `version` while changes wait.
    pub public_version: i32,
    /// In the order shown.
    pub author_ids: Vec<i64>,
    /// Who is named as author and has not answered.
    pub asked_ids: Vec<i64>,
    /// Who is named and said no, or took their name off.
    pub declined_ids: Vec<i64>,
}

impl PostRow {
    /// Before it has a row: not even its slug is chosen.
    pub fn unsaved(public_id: Uuid, kind: Kind, owner_id: i64, owner: String) -> PostRow {
        PostRow {
            id: 0,
            public_id,
            kind,
            owner_id,
            owner,
            title: String::new(),
            slug: String::new(),
            page_path: None,
            status: Status::Draft,
            version: 0,
            transaction_id: None,
            saved_at: DateTime::UNIX_EPOCH,
            published_at: None,
            deleted_at: None,
            public_version: 0,
            author_ids: vec![owner_id],
            asked_ids: Vec::new(),
            declined_ids: Vec::new(),
        }
    }

    /// Where readers find it (or will).
    pub fn path(&self) -> String {
        path_for(self.page_path.as_deref(), &self.owner, &self.slug)
    }

    /// Whether readers may get it: what `public_posts` says, of a row that is held.
    pub fn is_public(&self) -> bool {
        self.status == Status::Published && self.deleted_at.is_none()
    }

    /// Whether this person stands in the byline, is asked, or has said no.
    pub fn names(&self, user_id: i64) -> bool {
        [&self.author_ids, &self.asked_ids, &self.declined_ids]
            .iter()
            .any(|ids| ids.contains(&user_id))
    }

    pub fn has_unpublished_changes(&self) -> bool {
        self.status == Status::Published && self.public_version < self.version
    }
}

macro_rules! post_row {
    ($conn:expr, $tail:tt, $($arg:expr),*) => {{
        let row = sqlx::query!(
            r#"select p.id, p.public_id, p.kind, p.owner_id, u.username as owner, p.title, p.slug, p.page_path, p.status,
                      p.version, p.transaction_id, p.saved_at, p.published_at, p.deleted_at,
                      coalesce((select b.revision_number from post_bodies b where b.post_id = p.id), 0) as "public_version!",
                      array(select a.user_id from post_authors a where a.post_id = p.id order by a.position) as "author_ids!",
                      array(select r.user_id from byline_requests r where r.post_id = p.id and r.declined_at is null) as "asked_ids!",
                      array(select r.user_id from byline_requests r where r.post_id = p.id and r.declined_at is not null) as "declined_ids!"
               from posts p join users u on u.id = p.owner_id "# + $tail,
            $($arg),*
        )
        .fetch_optional($conn)
        .await?;
        row.map(|r| PostRow {
            id: r.id,
            public_id: r.public_id,
            kind: Kind::from_column(&r.kind),
            owner_id: r.owner_id,
            owner: r.owner,
            title: r.title,
            slug: r.slug,
            page_path: r.page_path,
            status: Status::from_column(&r.status),
            version: r.version,
            transaction_id: r.transaction_id,
            saved_at: r.saved_at,
            published_at: r.published_at,
            deleted_at: r.deleted_at,
            public_version: r.public_version,
            author_ids: r.author_ids,
            asked_ids: r.asked_ids,
            declined_ids: r.declined_ids,
        })
    }};
}

/// Any post or page, also in the trash; the caller asks `can`.
pub async fn post(conn: &mut PgConnection, id: Uuid) -> Result<Option<PostRow>> {
    Ok(post_row!(conn, "where p.public_id = $1", id))
}

/// The same, held until the transaction ends: two saves of one post happen one after the other.
pub async fn lock_post(tx: &mut Tx, id: Uuid) -> Result<Option<PostRow>> {
    Ok(post_row!(
        &mut **tx,
        "where p.public_id = $1 for update of p",
        id
    ))
}

/// The post at an address, for the edit link.
pub async fn post_at(
    conn: &mut PgConnection,
    username_key: &str,
    slug: &str,
) -> Result<Option<PostRow>> {
    Ok(post_row!(
        conn,
        "where u.username_key = $1 and p.slug = $2 and p.kind = 'post'",
        username_key,
        slug
    ))
}

/// A post that an import made, by its key.
pub async fn lock_imported(tx: &mut Tx, import_key: &str) -> Result<Option<PostRow>> {
    Ok(post_row!(
        &mut **tx,
        "where p.import_key = $1 for update of p",
        import_key
    ))
}

/// The newest saved state of a post and its number, by its public id; the caller asks `can` before it shows anything of it.
pub async fn newest_of(conn: &mut PgConnection, id: Uuid) -> Result<Option<(i32, Draft)>> {
    let row = sqlx::query!(
        r#"select p.version, r.title, r.markdown, r.details as "details: sqlx::types::Json<Details>"
           from posts p join revisions r on r.post_id = p.id and r.number = p.version where p.public_id = $1"#,
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| {
        (
            r.version,
            Draft {
                title: r.title,
                markdown: r.markdown,
                details: r.details.0,
            },
        )
    }))
}

/// The newest saved state, which is what the editor opens.
pub async fn newest_revision(conn: &mut PgConnection, post: PostId) -> Result<Option<Draft>> {
    let row = sqlx::query!(
        r#"select title, markdown, details as "details: sqlx::types::Json<Details>"
           from revisions where post_id = $1 order by number desc limit 1"#,
        post,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Draft {
        title: r.title,
        markdown: r.markdown,
        details: r.details.0,
    }))
}

/// A version as it was saved.
pub struct StandingVersion {
    pub number: i32,
    pub draft: Draft,
    pub saved_by: String,
    pub saved_at: DateTime<Utc>,
}

/// The newest version, with who saved it when.
pub async fn standing_version(
    conn: &mut PgConnection,
    post: PostId,
) -> Result<Option<StandingVersion>> {
    let row = sqlx::query!(
        r#"select r.number, r.title, r.markdown, r.details as "details: sqlx::types::Json<Details>", u.username, r.saved_at
           from revisions r join users u on u.id = r.saved_by where r.post_id = $1 order by r.number desc limit 1"#,
        post,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| StandingVersion {
        number: r.number,
        draft: Draft {
            title: r.title,
            markdown: r.markdown,
            details: r.details.0,
        },
        saved_by: r.username,
        saved_at: r.saved_at,
    }))
}

pub struct RevisionLine {
    pub number: i32,
    pub saved_at: DateTime<Utc>,
    pub saved_by: String,
    pub published: bool,
}

/// The last states, newest first.
pub async fn revisions(
    conn: &mut PgConnection,
    post: PostId,
    limit: i64,
) -> Result<Vec<RevisionLine>> {
    Ok(sqlx::query_as!(
        RevisionLine,
        "select r.number, r.saved_at, u.username as saved_by, r.published
         from revisions r join users u on u.id = r.saved_by where r.post_id = $1 order by r.number desc limit $2",
        post,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// A line of the desk.
pub struct DeskLine {
    pub id: PostId,
    pub public_id: Uuid,
    pub kind: String,
    pub title: String,
    pub path: String,
    pub status: String,
    pub unlisted: bool,
    pub saved_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub comment_count: i32,
    pub pending: bool,
    /// The viewer is named, and the post stands at somebody else's address.
    pub shared: bool,
}

/// Which part of somebody's texts the desk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Posts,
    Drafts,
    Trash,
    Pages,
}

impl Shelf {
    pub fn parse(word: &str) -> Option<Shelf> {
        Some(match word {
            "" | "posts" => Shelf::Posts,
            "drafts" => Shelf::Drafts,
            "trash" => Shelf::Trash,
            "pages" => Shelf::Pages,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Shelf::Posts => "posts",
            Shelf::Drafts => "drafts",
            Shelf::Trash => "trash",
            Shelf::Pages => "pages",
        }
    }
}

/// Lines of the desk. `$ids` names the posts of one page of it.
macro_rules! desk_lines {
    ($conn:expr, $ids:tt, $($arg:expr),*) => {
        sqlx::query_as!(
            DeskLine,
            r#"select p.id, p.public_id, p.kind, p.title,
                      post_path(p.kind, p.page_path, u.username, p.slug) as "path!",
                      p.status, p.unlisted, p.saved_at, p.published_at, p.deleted_at, p.comment_count,
                      (p.status = 'published' and coalesce(b.revision_number, 0) < p.version) as "pending!",
                      (p.owner_id <> $1 and exists (select 1 from post_authors a where a.post_id = p.id and a.user_id = $1)) as "shared!"
               from ("# + $ids + r#") l
               join posts p on p.id = l.id join users u on u.id = p.owner_id left join post_bodies b on b.post_id = p.id
               order by l.saved_at desc, l.id desc"#,
            $($arg),*
        )
        .fetch_all($conn)
        .await
    };
}

/// Lines on a page of the desk. The queries below read one more, and say so as a number: see `reading::queries::PER_PAGE`.
pub const LINES_PER_PAGE: usize = 50;
const _: () = assert!(
    LINES_PER_PAGE + 1 == 51,
    "the queries of the desk say `limit 51`"
);

/// Posts that an account wrote or co-wrote (pages: those of all), newest save first. Own ones come from the index `posts_shelf`
/// in that order. Those of others, which stand in `shared_posts`, are few. Each of them is looked up (`offset 0`): joined
/// otherwise, all that lies in one tab is read.
pub async fn desk(
    conn: &mut PgConnection,
    user_id: i64,
    shelf: Shelf,
    from: Cursor,
) -> Result<Vec<DeskLine>> {
    if shelf == Shelf::Pages {
        return Ok(desk_lines!(
            conn,
            "select id, saved_at from posts
             where kind = 'page' and deleted_at is null and (saved_at, id) < ($2, $3)
             order by saved_at desc, id desc limit 51",
            user_id,
            from.bound(),
            from.key
        )?);
    }
    Ok(desk_lines!(
        conn,
        "(select id, saved_at from posts
          where owner_id = $1 and case when deleted_at is not null then 'trash' when kind = 'page' then 'pages'
                                       when status = 'draft' then 'drafts' else 'posts' end = $4
            and (saved_at, id) < ($2, $3)
          order by saved_at desc, id desc limit 51)
         union all
         (select g.id, g.saved_at
          from shared_posts s cross join lateral (select * from posts where id = s.post_id offset 0) g
          where s.user_id = $1 and case when g.deleted_at is not null then 'trash' when g.kind = 'page' then 'pages'
                     when g.status = 'draft' then 'drafts' else 'posts' end = $4
            and (g.saved_at, g.id) < ($2, $3)
          order by g.saved_at desc, g.id desc limit 51)
         order by saved_at desc, id desc limit 51",
        user_id,
        from.bound(),
        from.key,
        shelf.as_str()
    )?)
}

/// What is there before a save or publication of a locked post.
pub struct Found {
    pub newest: Option<Draft>,
    pub wanted: Wanted,
    /// Slugs of [`Wanted::slugs`] that another post has, or had and leads on from.
    pub taken: Vec<String>,
    pub parent_id: Option<PostId>,
    pub path_taken: bool,
    /// Tags that the draft may name.
    pub tags: Vec<TagFound>,
}

pub async fn find(tx: &mut Tx, post: &PostRow, draft: &Draft) -> Result<Found> {
    let wanted = address::wanted(post, draft);
    let (tag_keys, tag_slugs) = tag_keys(&draft.details.tags);
    let row = sqlx::query!(
        r#"select r.title as "title?", r.markdown as "markdown?", r.details as "details?: sqlx::types::Json<Details>",
                  -- The first is free nearly always, and then nothing is to be known of the fifty after it.
                  case when exists (select from posts where owner_id = $2 and slug = ($3::text[])[1] and kind = 'post' and id <> $1)
                         or exists (select from slug_history where owner_id = $2 and slug = ($3::text[])[1] and post_id <> $1)
                       then array(select slug from posts where owner_id = $2 and slug = any($3) and kind = 'post' and id <> $1
                                  union select slug from slug_history
                                  where owner_id = $2 and slug = any($3) and post_id <> $1)
                       else '{}' end as "taken!",
                  (select id from posts where page_path = $4 and kind = 'page' and deleted_at is null) as "parent_id?",
                  exists (select from posts where page_path = $5 and kind = 'page' and id <> $1) as "path_taken!",
                  array(select row(f.name_key, f.name, t.id, t.slug) from tags f join tags t on t.id = coalesce(f.leads_to, f.id)
                        where f.name_key = any($6) or (f.slug = any($7) and f.name_key is null and f.leads_to is null))
                      as "tags!: Vec<TagFoundRow>"
           from (values (1)) one
           left join lateral (select title, markdown, details from revisions where post_id = $1 order by number desc limit 1) r
                on true"#,
        post.id,
        post.owner_id,
        &wanted.slugs,
        wanted.parent,
        wanted.path,
        &tag_keys,
        &tag_slugs,
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
        wanted,
        taken: row.taken,
        parent_id: row.parent_id,
        path_taken: row.path_taken,
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
