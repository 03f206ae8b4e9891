use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::Result;
use crate::db::cursor::Cursor;
use crate::features::accounts::key_of;
use crate::features::comments::{self, WholeRow};
use crate::features::posts::queries::{card, card_query};
use crate::features::posts::{Byline, Card, PostId, path_for, tag_key};
use crate::features::site::{self, Site, SiteRow};
use crate::markdown;

/// Posts on a page of a list. The queries below read one more, by which a page knows of the next. They say how many as a number: plans
/// are made without the values of parameters, a limit that is one counts as a tenth of all rows, and to sort so many the whole
/// table would be read.
pub const PER_PAGE: usize = 20;
const _: () = assert!(PER_PAGE + 1 == 21, "the queries of lists say `limit 21`");

/// Which posts a list or feed holds.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    Site,
    /// Posts that this person wrote or co-wrote.
    Author(i64),
    Tag(i64),
}

/// A page of a list: `$listed` gives the id and `listed_at` of its posts as `l`.
macro_rules! list_query {
    ($conn:expr, $more:tt, $listed:tt, $($arg:expr),*) => {
        card_query!(
            [$more],
            [$listed + " join public_posts p on p.id = l.id order by l.listed_at desc, l.id desc"],
            $($arg),*
        )
        .fetch_all($conn)
        .await?
    };
}

/// The list of the whole site, and what stands around it.
pub struct SiteList {
    pub site: Site,
    pub cards: Vec<Card>,
    /// The most used tags.
    pub tags: Vec<Tag>,
}

/// Listed posts of the site, newest first, after `from`, with everything else that their page shows along in the first row:
/// one round trip, unless there are none.
pub async fn site_list(conn: &mut PgConnection, from: Cursor) -> Result<SiteList> {
    let rows = list_query!(
        &mut *conn,
        r#", case when l.place = 1 then (select frame from site_frame) end as "site?: Json<SiteRow>",
           case when l.place = 1 then array(
               select row(t.id, t.name, t.slug, t.post_count)
               from (select * from tags where post_count > 0 order by post_count desc, slug limit 12) t) end
               as "used?: Vec<(i64, String, String, i32)>" "#,
        "from (select l.id, l.listed_at, row_number() over (order by l.listed_at desc, l.id desc) as place
               from (select id, listed_at from listed_posts where (listed_at, id) < ($1, $2)
                     order by listed_at desc, id desc limit 21) l) l",
        from.bound(),
        from.key
    );
    let mut around = None;
    let mut cards = Vec::with_capacity(rows.len());
    for mut row in rows {
        if let Some(found) = row.site.take().zip(row.used.take()) {
            around = Some(found);
        }
        cards.push(card!(row));
    }
    let Some((site, used)) = around else {
        return Ok(SiteList {
            site: site::load(conn).await?,
            tags: tags(conn, 12).await?,
            cards,
        });
    };
    let tags = used
        .into_iter()
        .map(|(id, name, slug, post_count)| Tag {
            id,
            name,
            slug,
            post_count,
        })
        .collect();
    Ok(SiteList {
        site: site.0.into(),
        cards,
        tags,
    })
}

/// Listed posts of an author, newest first, after `from`. Walks one partial index backwards.
pub async fn cards_by(conn: &mut PgConnection, author: i64, from: Cursor) -> Result<Vec<Card>> {
    let rows = list_query!(
        conn,
        "",
        "from (select post_id as id, listed_at from listed_posts_by_author
               where user_id = $3 and (listed_at, post_id) < ($1, $2)
               order by listed_at desc, post_id desc limit 21) l",
        from.bound(),
        from.key,
        author
    );
    Ok(rows.into_iter().map(|row| card!(row)).collect())
}

/// Listed posts with a tag, as [`cards_by`] gives those of an author.
pub async fn cards_tagged(conn: &mut PgConnection, tag: i64, from: Cursor) -> Result<Vec<Card>> {
    let rows = list_query!(
        conn,
        "",
        "from (select post_id as id, listed_at from listed_posts_by_tag
               where tag_id = $3 and (listed_at, post_id) < ($1, $2)
               order by listed_at desc, post_id desc limit 21) l",
        from.bound(),
        from.key,
        tag
    );
    Ok(rows.into_iter().map(|row| card!(row)).collect())
}

/// Paths of the hundred newest listed posts.
pub async fn newest_paths(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select p.path as "path!"
           from (select id, listed_at from listed_posts order by listed_at desc, id desc limit 100) l
           join public_posts p on p.id = l.id
           order by l.listed_at desc, l.id desc"#
    )
    .fetch_all(conn)
    .await?)
}

/// Whether a cursor names a listed post, as those in our pages do. The start always does, and costs nothing.
pub async fn is_place(conn: &mut PgConnection, cursor: Cursor) -> Result<bool> {
    if cursor == Cursor::START {
        return Ok(true);
    }
    Ok(sqlx::query_scalar!(
        r#"select exists (select from listed_posts where id = $1 and listed_at = $2) as "known!""#,
        cursor.key,
        cursor.bound(),
    )
    .fetch_one(conn)
    .await?)
}

/// A public post or page with its rendering.
#[derive(Debug)]
pub struct Article {
    pub card: Card,
    pub html: String,
    pub excerpt: String,
    pub canonical_url: String,
    pub comment_policy: Option<String>,
    pub unlisted: bool,
    pub words: i32,
    /// Profile text of the owner, for the card below the post.
    pub owner_bio: String,
    /// Path of a page without the leading slash.
    pub page_path: Option<String>,
    /// All comments of a post that has few enough to show them on one page, and what stands around it: along in the same
    /// round trip.
    pub comments: Option<Vec<WholeRow>>,
    pub site: Site,
}

impl Article {
    /// The author in whose place the text stands, for the card below it.
    pub fn owner(&self) -> Option<&Byline> {
        self.card
            .authors
            .iter()
            .find(|a| a.username == self.card.owner)
    }

    pub fn path(&self) -> String {
        path_for(self.page_path.as_deref(), &self.card.owner, &self.card.slug)
    }
}

macro_rules! article_query {
    ($conn:expr, $comments:tt, $where:tt, $($arg:expr),*) => {
        card_query!(
            [r#", b.html, p.excerpt as "excerpt!", p.canonical_url as "canonical_url!", p.comment_policy,
                  p.unlisted as "unlisted!", p.words as "words!", f.bio as owner_bio, p.page_path,
                  (select frame from site_frame) as "site!: Json<SiteRow>", "#
                + $comments + r#" as "comments: Vec<WholeRow>""#],
            ["from public_posts p join user_profiles f on f.user_id = p.owner_id join post_bodies b on b.post_id = p.id where "
                + $where],
            $($arg),*
        )
        .fetch_optional($conn)
        .await?
        .map(|row| Article {
            html: row.html,
            excerpt: row.excerpt,
            canonical_url: row.canonical_url,
            comment_policy: row.comment_policy,
            unlisted: row.unlisted,
            words: row.words,
            owner_bio: row.owner_bio,
            page_path: row.page_path,
            comments: row.comments,
            site: row.site.0.into(),
            card: card!(row),
        })
    };
}

/// The public post under a present handle and slug; with its comments if they are `at_most` so many.
pub async fn article(
    conn: &mut PgConnection,
    author: &str,
    slug: &str,
    at_most: i32,
) -> Result<Option<Article>> {
    Ok(article_query!(
        conn,
        r#"case when p.comment_count between 1 and $3 then array(
               select row(row(c.id, c.public_id, c.parent_id, c.state, coalesce(c.decided_by = c.author_id, false),
                              c.html, c.created_at, c.edited_at),
                          row(w.username, w.name, w.avatar_id))
               from comments c join users w on w.id = c.author_id
               where c.post_id = p.id and c.state <> 'held' order by c.id limit $4) end"#,
        "p.owner_key = $1 and p.slug = $2 and p.kind = 'post'",
        key_of(author),
        slug,
        at_most,
        comments::ROWS_PER_PAGE as i64 + 1
    ))
}

/// The public page at a path without the leading slash. Nobody comments on pages.
pub async fn page(conn: &mut PgConnection, path: &str) -> Result<Option<Article>> {
    Ok(article_query!(
        conn,
        "null::record[]",
        "p.page_path = $1 and p.kind = 'page'",
        path
    ))
}

/// Where a public post or page is now.
pub struct Place {
    pub path: String,
    pub public_id: Uuid,
    /// Handle of the owner, which may stand in the path.
    pub owner: String,
}

/// Where a public post or page is now, by its public id.
pub async fn path_of(conn: &mut PgConnection, id: Uuid) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from public_posts p where p.public_id = $1"#,
        id,
    )
    .fetch_optional(conn)
    .await?)
}

/// Where a post is now that was known under another handle or slug, or that was asked for in other letters: slugs are lower
/// case, and links get capitals when they are typed. Only while it is public.
pub async fn moved_post(
    conn: &mut PgConnection,
    author: &str,
    slug: &str,
) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"with person as (
               select id from users where username_key = $1
               union select user_id from username_history where username_key = $1),
           known as (
               select id from posts where owner_id in (select id from person) and slug = any($2) and kind = 'post'
               union select post_id from slug_history where owner_id in (select id from person) and slug = any($2))
           select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from public_posts p where p.id in (select id from known) and p.kind = 'post'
           order by p.slug = ($2::text[])[1] desc, p.slug = ($2::text[])[2] desc limit 1"#,
        key_of(author),
        &[slug.to_owned(), slug.to_lowercase()],
    )
    .fetch_optional(conn)
    .await?)
}

/// Where an imported or former address leads, in whatever case it is written. Only to what is public.
pub async fn redirect(conn: &mut PgConnection, path: &str) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select p.path as "path!", p.public_id as "public_id!", p.owner as "owner!"
           from redirects r join public_posts p on p.id = r.post_id
           where lower(r.path) = lower($1)
           order by r.path = $1 desc, r.path limit 1"#,
        path,
    )
    .fetch_optional(conn)
    .await?)
}

/// The Markdown of a public post, and when it last changed.
pub async fn source(conn: &mut PgConnection, post: PostId) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar!("select markdown from post_bodies where post_id = $1", post)
            .fetch_optional(conn)
            .await?,
    )
}

/// A page in the path above another.
pub struct Crumb {
    pub title: String,
    pub path: String,
}

/// The public pages at these paths, shortest first.
pub async fn crumbs(conn: &mut PgConnection, paths: &[String]) -> Result<Vec<Crumb>> {
    Ok(sqlx::query_as!(
        Crumb,
        r#"select title as "title!", post_path('page', page_path, null, null) as "path!"
           from public_posts where page_path = any($1) and kind = 'page'
           order by char_length(page_path)"#,
        paths,
    )
    .fetch_all(conn)
    .await?)
}

/// Public pages directly under a page.
pub async fn pages_below(conn: &mut PgConnection, page: PostId) -> Result<Vec<Crumb>> {
    Ok(sqlx::query_as!(
        Crumb,
        r#"select title as "title!", post_path('page', page_path, null, null) as "path!"
           from public_posts where parent_id = $1 order by menu_position, title"#,
        page,
    )
    .fetch_all(conn)
    .await?)
}

pub struct Tag {
    pub id: i64,
    pub name: String,
    pub slug: String,
    pub post_count: i32,
}

/// A tag, as its own pages need it.
pub struct TagHere {
    pub tag: Tag,
    /// Stands in the ids of its feeds, wherever they are now.
    pub feed_slug: String,
    /// What it is about. May be empty.
    pub description: String,
}

/// The tag that an address means: the one that stands there, or stood there before, or is called so, or is written in
/// another case. Only one that readers can see.
pub async fn tag_at(conn: &mut PgConnection, typed: &str) -> Result<Option<TagHere>> {
    let row = sqlx::query!(
        r#"select t.id, t.name, t.slug, t.post_count, coalesce(t.feed_slug, t.slug) as "feed_slug!",
                  coalesce(t.description, '') as "description!"
           from tags f join tags t on t.id = coalesce(f.leads_to, f.id)
           where (f.slug = any($1) or f.name_key = $2) and t.post_count > 0
           order by coalesce(array_position($1, f.slug) = 1, false) desc, coalesce(f.name_key = $2, false) desc,
                    array_position($1, f.slug)
           limit 1"#,
        &[typed.to_owned(), markdown::slug(typed), markdown::ascii_slug(typed)],
        tag_key(typed),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| TagHere {
        tag: Tag {
            id: r.id,
            name: r.name,
            slug: r.slug,
            post_count: r.post_count,
        },
        feed_slug: r.feed_slug,
        description: r.description,
    }))
}

/// The most used tags.
pub async fn tags(conn: &mut PgConnection, limit: i64) -> Result<Vec<Tag>> {
    Ok(sqlx::query_as!(
        Tag,
        "select id, name, slug, post_count from tags where post_count > 0 order by post_count desc, slug limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?)
}
