use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::features::comments;
use crate::features::reading::views::{PagePage, PostPage};
use crate::features::reading::{head, queries};
use crate::features::site::{self, CommentPolicy};
use crate::web::page::Public;
use crate::web::{Error, OrNotFound, Result};

#[derive(Deserialize)]
pub struct PostQuery {
    /// Threads after this one, where a post has more than a page holds.
    after: Option<Uuid>,
}

/// `GET /@{author}/{slug}`
pub async fn post(req: HttpRequest, app: web::Data<AppState>, path: web::Path<(String, String)>, query: web::Query<PostQuery>) -> Result<HttpResponse> {
    let (author, slug) = path.into_inner();
    let mut conn = app.db.read().await?;
    let Some(article) = queries::article(&mut conn, &author, &slug).await? else {
        let to = queries::moved_post(&mut conn, &author, &slug).await?.or_not_found()?;
        return Err(Error::Moved { to });
    };
    if article.card.owner != author {
        return Err(Error::Moved { to: article.path() });
    }
    let site = site::load(&mut conn).await?;
    let policy = article.comment_policy.as_deref().and_then(CommentPolicy::parse).unwrap_or(site.comment_policy);
    let thread = comments::thread(&mut conn, &article.card, policy, query.after).await?;
    drop(conn);
    let head = head::article(&site, &app.origin, &article);
    let mut frame = site::public_frame(&site, &app.origin, head);
    frame.post_id = Some(article.card.public_id.to_string());
    Ok(Public::html(&PostPage { frame, article, thread }, None)?.answer(&req))
}

/// `GET /@{author}/{slug}.md`
pub async fn source(req: HttpRequest, app: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (author, slug) = path.into_inner();
    let mut conn = app.db.read().await?;
    let article = queries::article(&mut conn, &author, &slug).await?.or_not_found()?;
    let markdown = queries::source(&mut conn, article.card.id).await?.or_not_found()?;
    drop(conn);
    Ok(Public::text(markdown, "text/markdown; charset=utf-8", Some(article.card.changed_at)).answer(&req))
}

/// `GET /p/{id}`: the address that never changes.
pub async fn permalink(app: web::Data<AppState>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut conn = app.db.read().await?;
    let to = queries::path_of(&mut conn, *id).await?.or_not_found()?;
    Err(Error::Moved { to })
}

/// Every other path: a page, or where an imported or former address leads.
pub async fn page(req: HttpRequest, app: web::Data<AppState>) -> Result<HttpResponse> {
    let path = percent_encoding::percent_decode_str(req.path()).decode_utf8().map_err(|_| Error::NotFound)?;
    let mut conn = app.db.read().await?;
    let Some(article) = queries::page(&mut conn, path.trim_start_matches('/')).await? else {
        let to = queries::redirect(&mut conn, &path).await?.or_not_found()?;
        return Err(Error::Moved { to });
    };
    let site = site::load(&mut conn).await?;
    let above = ancestors(article.page_path.as_deref().unwrap_or_default());
    let crumbs = queries::crumbs(&mut conn, &above).await?;
    let below = queries::pages_below(&mut conn, article.card.id).await?;
    drop(conn);
    let mut frame = site::public_frame(&site, &app.origin, head::article(&site, &app.origin, &article));
    frame.post_id = Some(article.card.public_id.to_string());
    Ok(Public::html(&PagePage { frame, article, crumbs, below }, None)?.answer(&req))
}

/// `a/b/c` stands under `a` and `a/b`.
fn ancestors(path: &str) -> Vec<String> {
    path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect()
}
