//! A post or page, its Markdown, and its permalink. What is not there is looked for among former addresses before it is a 404.

use std::ops::ControlFlow;

use uuid::Uuid;

use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::accounts::key_of;
use crate::features::comments::{self, Thread};
use crate::features::posts::{old_address, post_path};
use crate::features::reading::cache_tags as shown;
use crate::features::reading::handlers::missing::leading_on;
use crate::features::reading::queries::{Article, Crumb};
use crate::features::reading::share::Share;
use crate::features::reading::views::{PagePage, PostPage};
use crate::features::reading::{contents, drop_cap, head, queries};
use crate::features::site::{self, CommentPolicy};
use crate::state::{AppState, PublicRequest};
use crate::web::{Frame, OrNotFound, Result, page};

/// `GET /@{author}/{slug}`
pub async fn post(ask: PublicRequest) -> Result<Public> {
    let (app, author, slug) = (ask.app(), ask.part("author"), ask.part("slug"));
    // Threads after this one, where a post has more than a page holds.
    let after = ask.query("after").map(one_form).transpose()?;
    let mut conn = ask.read().await?;
    let whole = after.map_or(comments::THREADS_PER_PAGE, |_| 0);
    let Some(mut article) = queries::article(&mut conn, author, slug, whole).await? else {
        return moved_or_missing(&ask, &mut conn, "").await;
    };
    if article.card.owner != author {
        let shown = shown::of_article(&article.card);
        return Ok(Public::moved(article.path(), shown));
    }
    let (policy, whole) = (comment_policy(&article), article.comments.take());
    let thread = comments::thread(&mut conn, &article.card, policy, after, whole)
        .await?
        .or_not_found()?;
    conn.release();
    show_post(app, article, thread)
}

fn show_post(app: &AppState, mut article: Article, thread: Thread) -> Result<Public> {
    let mut shown = shown::of_article(&article.card);
    shown.extend(shown::of_links(&article));
    article.related.beside(&article.neighbours);
    shown.extend(thread.tags());
    let view = PostPage {
        frame: frame_of(app, &article),
        contents: contents::of(&article),
        share: Share::of(&article, &app.origin),
        has_drop_cap: article.site.drop_cap && drop_cap::suits(&article.html),
        article,
        thread,
    };
    page::public(&view, shown)
}

fn frame_of(app: &AppState, article: &Article) -> Frame {
    let is_front = article.site.front.page() == Some(article.path().as_str());
    let head = if is_front { head::front } else { head::article };
    let head = head(&article.site, &app.origin, article);
    let mut frame = site::public_frame(&article.site, &app.origin, head);
    frame.post_id = Some(article.card.public_id.to_string());
    frame
}

/// The post's own, else the site's.
fn comment_policy(article: &Article) -> CommentPolicy {
    let own = article.comment_policy.as_deref();
    own.and_then(CommentPolicy::parse)
        .unwrap_or(article.site.comment_policy)
}

/// An id has many ways to be written and one that leads anywhere: each would be a page of its own in memory.
pub(super) fn one_form(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text)
        .ok()
        .filter(|id| id.to_string() == text)
        .or_not_found()
}

/// Where it is now, or that nothing is there; either may change when a post is published at this address, or when an
/// account takes or gives up the handle.
pub(super) async fn moved_or_missing(
    ask: &PublicRequest,
    conn: &mut ReadConn,
    ending: &str,
) -> Result<Public> {
    let (author, slug) = (ask.part("author"), ask.part("slug"));
    let key = key_of(author);
    let here = [
        shown::site(),
        shown::author(&key),
        shown::address(&post_path(&key, &slug.to_lowercase())),
    ];
    let Some(found) = queries::moved_post(conn, author, slug).await? else {
        return leading_on(ask, conn, Public::missing(here)).await;
    };
    Ok(Public::moved(
        found.path + ending,
        here.into_iter().chain([
            shown::post(found.public_id),
            shown::author(&key_of(&found.owner)),
        ]),
    ))
}

/// `GET /@{author}/{slug}.md`
pub async fn source(ask: PublicRequest) -> Result<Public> {
    let (author, slug) = (ask.part("author"), ask.part("slug"));
    let mut conn = ask.read().await?;
    let Some(article) = queries::article_alone(&mut conn, author, slug).await? else {
        return moved_or_missing(&ask, &mut conn, ".md").await;
    };
    let shown = shown::of_article(&article.card);
    if article.card.owner != author {
        return Ok(Public::moved(format!("{}.md", article.path()), shown));
    }
    let markdown = queries::source(&mut conn, article.card.id).await?;
    let markdown = markdown.or_not_found()?;
    conn.release();
    let document = Public::document(markdown, "text/markdown; charset=utf-8", shown);
    Ok(if article.unlisted {
        document.unlisted()
    } else {
        document
    })
}

/// `GET /p/{id}`: the address that never changes.
pub async fn permalink(ask: PublicRequest) -> Result<Public> {
    let id = one_form(ask.part("id"))?;
    let mut conn = ask.read().await?;
    Ok(match queries::path_of(&mut conn, id).await? {
        Some(found) => Public::moved(
            found.path,
            [
                shown::post(id),
                shown::pages(),
                shown::author(&key_of(&found.owner)),
            ],
        ),
        None => leading_on(&ask, &mut conn, Public::missing([shown::post(id)])).await?,
    })
}

/// Every other path: a page, or where an imported or former address leads.
pub async fn page(ask: PublicRequest) -> Result<Public> {
    let path = ask.path();
    let old = old_address::with_query(path, ask.queries());
    let mut conn = ask.read().await?;
    if ask.queries().is_empty()
        && let Some(article) = queries::page(&mut conn, path.trim_start_matches('/')).await?
    {
        return show_page(&ask, conn, article).await;
    }
    moved_or_plain(&ask, &mut conn, path, &old).await
}

/// The page at a path, if readers can see it. Else the connection goes on to what stands there without it.
pub(super) async fn page_at(
    ask: &PublicRequest,
    mut conn: ReadConn,
    path: &str,
) -> Result<ControlFlow<Public, ReadConn>> {
    Ok(
        match queries::page(&mut conn, path.trim_start_matches('/')).await? {
            Some(article) => ControlFlow::Break(show_page(ask, conn, article).await?),
            None => ControlFlow::Continue(conn),
        },
    )
}

async fn show_page(ask: &PublicRequest, mut conn: ReadConn, article: Article) -> Result<Public> {
    let above = ancestors(article.page_path.as_deref().unwrap_or_default());
    let crumbs = queries::crumbs(&mut conn, &above).await?;
    let below = queries::pages_below(&mut conn, article.card.id).await?;
    conn.release();
    let mut shown = shown::of_article(&article.card);
    shown.push(shown::pages());
    page::public(&page_view(ask.app(), article, crumbs, below), shown)
}

fn page_view(app: &AppState, article: Article, crumbs: Vec<Crumb>, below: Vec<Crumb>) -> PagePage {
    PagePage {
        frame: frame_of(app, &article),
        address: article.address(&app.origin),
        article,
        crumbs,
        below,
    }
}

/// The page, or the way to the imported text, that had the address of a list before the site had the list: it keeps the address.
/// Else the connection goes on to the list.
pub(super) async fn kept_address(
    ask: &PublicRequest,
    conn: ReadConn,
    path: &str,
) -> Result<ControlFlow<Public, ReadConn>> {
    let mut conn = match page_at(ask, conn, path).await? {
        ControlFlow::Continue(conn) => conn,
        page => return Ok(page),
    };
    let moved = moved(&mut conn, path).await?;
    Ok(moved.map_or(ControlFlow::Continue(conn), ControlFlow::Break))
}

/// Where an address that is no page's as it stands leads: to the text that had it, else to the page that it is in lower case
/// and without its parameters. An old address that has a parameter names another text with it than without.
pub(super) async fn moved_or_plain(
    ask: &PublicRequest,
    conn: &mut ReadConn,
    path: &str,
    old: &str,
) -> Result<Public> {
    if let Some(moved) = moved(conn, old).await? {
        return Ok(moved);
    }
    let here = [shown::pages(), shown::address(&old.to_lowercase())];
    let plain = path.to_lowercase();
    if plain != old
        && !queries::crumbs(conn, &[plain.trim_start_matches('/').to_owned()])
            .await?
            .is_empty()
    {
        // There is no end of such addresses.
        return Ok(Public::moved(plain, here).not_kept());
    }
    leading_on(ask, conn, Public::missing(here)).await
}

/// The way from an old address to where its text is now.
pub(super) async fn moved(conn: &mut ReadConn, old: &str) -> Result<Option<Public>> {
    let found = queries::redirect(conn, old).await?;
    Ok(found.map(|found| {
        let tags = [
            shown::pages(),
            shown::address(&old.to_lowercase()),
            shown::post(found.public_id),
            shown::author(&key_of(&found.owner)),
        ];
        Public::moved(found.path, tags)
    }))
}

/// `a/b/c` stands under `a` and `a/b`.
fn ancestors(path: &str) -> Vec<String> {
    path.match_indices('/')
        .map(|(at, _)| path[..at].to_owned())
        .collect()
}
