//! `/p/{id}/preview-links`: the links by which a text is read before it is public; and `/preview/{token}`, where they lead.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::gate::editable;
use crate::features::accounts::PrivatePage;
use crate::features::posts::byline::Preview;
use crate::features::posts::draft;
use crate::features::posts::queries::{self, Newest, PostRow, PreviewLink};
use crate::features::posts::share_preview::{self, MOST_LINKS};
use crate::features::posts::views::PreviewPage;
use crate::features::site;
use crate::messages::{html as t, text};
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, Frame, OrNotFound, Result, page, time};

/// For how many days a link can hold.
const DAYS: [&str; 3] = ["1", "7", "30"];

#[derive(Template)]
#[template(path = "posts/preview_links.html")]
struct PreviewLinksPage {
    frame: Frame,
    post: PostRow,
    links: Vec<PreviewLink>,
    /// What was made a moment ago, whole: afterwards nothing shows it.
    made: Option<String>,
    days: String,
    faults: FormErrors,
}

/// `GET /p/{id}/preview-links`
pub async fn list(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer(&page, *id, None, ("7", FormErrors::default())).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewLinkForm {
    #[serde(default)]
    days: String,
}

/// `POST /p/{id}/preview-links`: the link is shown once, only its hash is kept.
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<PreviewLinkForm>,
) -> Result<HttpResponse> {
    let typed = form.days.as_str();
    let days = DAYS.contains(&typed).then(|| typed.parse().ok()).flatten();
    let Some(days) = days else {
        let faults = FormErrors::single("days", text::posts_choose_days());
        return answer(&page, *id, None, (typed, faults)).await;
    };
    let token = share_preview::share_preview(&page.app.db, page.actor(), *id, days).await?;
    let Some(token) = token else {
        let faults = FormErrors::single("", text::posts_too_many_preview_links(MOST_LINKS));
        return answer(&page, *id, None, (typed, faults)).await;
    };
    let made = page.app.url(&format!("/preview/{token}"));
    answer(&page, *id, Some(made), (typed, FormErrors::default())).await
}

/// `POST /p/{id}/preview-links/{link}/revoke`
pub async fn revoke(page: PrivatePage, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    let (id, link) = path.into_inner();
    share_preview::revoke_preview(&page.app.db, page.actor(), id, link).await?;
    Ok(page::see_other(&format!("/p/{id}/preview-links")))
}

async fn answer(
    page: &PrivatePage,
    id: Uuid,
    made: Option<String>,
    (days, faults): (&str, FormErrors),
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    let links = queries::preview_links(&mut conn, post.id).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let view = PreviewLinksPage {
        frame: page.frame(&site, text::posts_title_preview_links()),
        post,
        links,
        made,
        days: days.to_owned(),
        faults,
    };
    page.show_with(view.faults.status(), &view)
}

/// `GET /preview/{token}`: the text as it was saved last, without an account. Once the text is public it redirects to that address.
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    token: web::Path<String>,
) -> Result<HttpResponse> {
    let hash = share_preview::hash(&token);
    let mut conn = app.db.fresh().await?;
    let shared = queries::shared_preview(&mut conn, &hash)
        .await?
        .or_not_found()?;
    let post = queries::post(&mut conn, shared.post)
        .await?
        .or_not_found()?;
    if post.is_public() {
        return Err(Error::Moved { to: post.path() });
    }
    if post.deleted_at.is_some() || !shared.holds {
        return Err(Error::NotFound);
    }
    let newest = queries::newest_of(&mut conn, shared.post).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let Newest {
        draft,
        site_typography,
        ..
    } = newest.or_not_found()?;
    let rendered = draft::render_draft(&draft, &site_typography)
        .await?
        .map_err(Error::BadRequest)?;
    let until = time::minute(&shared.expires_at, &site.time_zone);
    let view = PreviewPage {
        frame: site::private_frame(&site, &app.origin, text::posts_title_preview(), None),
        draft: &draft.set(&rendered.typography),
        // Others who are named may not have said yes.
        names: Preview {
            authors: vec![post.owner],
            asked: Vec::new(),
        },
        rendered: &rendered,
        post: None,
        typed: None,
        shared_until: Some(until),
    };
    Ok(unlinked(page::private_with(&req, StatusCode::OK, &view)?))
}

/// No link on the page tells another site where it was, and no search engine lists it.
fn unlinked(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let robots = HeaderName::from_static("x-robots-tag");
    headers.insert(robots, HeaderValue::from_static("noindex, nofollow"));
    answer
}
