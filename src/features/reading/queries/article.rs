//! Public posts and pages, by their present addresses.

use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Correction, CorrectionRow, NeighbourRow, Neighbours, Related, RelatedRow};
use crate::db::Result;
use crate::features::accounts::key_of;
use crate::features::comments::{self, WholeRow};
use crate::features::posts::naming::{self, Titled};
use crate::features::posts::queries::{card, card_query};
use crate::features::posts::{Byline, Card, PostId, path_for};
use crate::features::site::{Site, SiteRow};
use crate::web::page::encoded;

/// A public post or page with its rendering.
#[derive(Debug)]
pub struct Article {
    pub card: Card,
    /// Below the title: without the heading that stands there.
    pub html: String,
    /// Of that heading, so that links to it still find it.
    pub title_id: Option<String>,
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
    /// The newest ones, the newest first.
    pub corrections: Vec<Correction>,
    /// Of a page: none.
    pub neighbours: Neighbours,
    /// Of a page: none.
    pub related: Related,
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

    /// What is stored of the heading may be older than the text, if an earlier release saved that.
    fn below_title(mut self) -> Article {
        if self.card.is_untitled {
            let Titled { title, id, html } = naming::titled("", &self.html);
            (self.card.title, self.title_id, self.html) = (title.into_owned(), id, html.to_owned());
        }
        self
    }

    pub fn path(&self) -> String {
        path_for(self.page_path.as_deref(), &self.card.owner, &self.card.slug)
    }

    /// Where readers find it, whole; also where it names another address as the first one.
    pub fn address(&self, origin: &str) -> String {
        format!("{origin}{}", encoded(&self.path()))
    }
}

macro_rules! article_query {
    // Without its comments and the posts that it leads to.
    ($conn:expr, alone, $where:tt, $($arg:expr),*) => {
        article_query!(
            $conn,
            ["null::record[]", "array[]::record[]", "array[]::record[]", "array[]::uuid[]"],
            $where,
            $($arg),*
        )
    };
    ($conn:expr, [$comments:tt, $neighbours:tt, $related:tt, $stored:tt], $where:tt, $($arg:expr),*) => {
        card_query!(
            [r#", b.html, p.excerpt as "excerpt!", p.canonical_url as "canonical_url!", p.comment_policy,
                  p.unlisted as "unlisted!", p.words as "words!", f.bio as owner_bio, p.page_path,
                  (select frame from site_frame) as "site!: Json<SiteRow>", "#
                + $comments + r#" as "comments: Vec<WholeRow>", "#
                + $neighbours + r#" as "neighbours!: Vec<NeighbourRow>", "#
                + $related + r#" as "related!: Vec<RelatedRow>", "#
                + $stored + r#" as "stored!: Vec<Uuid>",
                  array(select row(c.version, c.corrects, c.remark, c.shows_difference, c.made_at) from corrections c
                        where c.post_id = p.id order by c.version desc limit 20) as "corrections!: Vec<CorrectionRow>""#],
            ["from public_posts p join user_profiles f on f.user_id = p.owner_id join post_bodies b on b.post_id = p.id where "
                + $where],
            $($arg),*
        )
        .fetch_optional($conn)
        .await?
        .map(|row| Article {
            html: row.html,
            title_id: None,
            excerpt: row.excerpt,
            canonical_url: row.canonical_url,
            comment_policy: row.comment_policy,
            unlisted: row.unlisted,
            words: row.words,
            owner_bio: row.owner_bio,
            page_path: row.page_path,
            comments: row.comments,
            corrections: row.corrections.into_iter().map(Correction::of).collect(),
            neighbours: Neighbours::of(row.neighbours),
            related: Related::of(row.related, row.stored),
            site: row.site.0.into(),
            card: card!(row),
        })
        .map(Article::below_title)
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
        [
            r#"case when p.comment_count between 1 and $3 then array(
               select row(row(c.id, c.public_id, c.parent_id, c.state, coalesce(c.decided_by = c.author_id, false),
                              c.html, c.created_at, c.edited_at),
                          row(w.username, w.name, w.avatar_id))
               from comments c join users w on w.id = c.author_id
               where c.post_id = p.id and c.state <> 'held' order by c.id limit $4) end"#,
            r#"array(
               select row(b.newer, row(n.public_id, n.owner, n.path,
                                     case when n.title = '' then coalesce((select heading from post_bodies where post_id = n.id), '')
                                          else n.title end,
                                     n.description, n.language, n.published_at))
               from listed_posts h,
                    lateral ((select false, l.post_id from listed_posts_by_author l
                              where l.user_id = p.owner_id and (l.listed_at, l.post_id) < (h.listed_at, h.id)
                                and exists (select from public_posts where id = l.post_id)
                              order by l.listed_at desc, l.post_id desc limit 1)
                             union all
                             (select true, l.post_id from listed_posts_by_author l
                              where l.user_id = p.owner_id and (l.listed_at, l.post_id) > (h.listed_at, h.id)
                                and exists (select from public_posts where id = l.post_id)
                              order by l.listed_at, l.post_id limit 1)) b (newer, post_id)
                    join public_posts n on n.id = b.post_id
               where h.id = p.id)"#,
            r#"array(
               select row(row(n.public_id, n.owner, n.path,
                                     case when n.title = '' then coalesce((select heading from post_bodies where post_id = n.id), '')
                                          else n.title end,
                                     n.description, n.language, n.published_at),
                          coalesce(nullif(w.name, ''), w.username))
               from related_posts r join listed_posts l on l.id = r.related_id join public_posts n on n.id = l.id
                    join users w on w.id = n.owner_id
               where r.post_id = p.id order by r.place)"#,
            "array(select r.related_public_id from related_posts r where r.post_id = p.id)"
        ],
        "p.owner_key = $1 and p.slug = $2 and p.kind = 'post'",
        key_of(author),
        slug,
        at_most,
        comments::ROWS_PER_PAGE as i64 + 1
    ))
}

/// The same post alone, without its comments and the posts that it leads to.
pub async fn article_alone(
    conn: &mut PgConnection,
    author: &str,
    slug: &str,
) -> Result<Option<Article>> {
    Ok(article_query!(
        conn,
        alone,
        "p.owner_key = $1 and p.slug = $2 and p.kind = 'post'",
        key_of(author),
        slug
    ))
}

/// The public page at a path without the leading slash. Pages take no comments.
pub async fn page(conn: &mut PgConnection, path: &str) -> Result<Option<Article>> {
    Ok(article_query!(
        conn,
        alone,
        "p.page_path = $1 and p.kind = 'page'",
        path
    ))
}

/// The Markdown of an article.
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
        r#"select case when title = '' then coalesce(nullif(name_of_untitled(id, description), ''), page_path) else title end as "title!",
                  post_path('page', page_path, null, null) as "path!"
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
        r#"select case when title = '' then coalesce(nullif(name_of_untitled(id, description), ''), page_path) else title end as "title!",
                  post_path('page', page_path, null, null) as "path!"
           from public_posts where parent_id = $1 order by menu_position, title"#,
        page,
    )
    .fetch_all(conn)
    .await?)
}
