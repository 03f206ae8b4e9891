//! The versions of a post: which there are, what one of them says and how it differs from another, and bringing it back.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::editable;
use crate::features::accounts::PrivatePage;
use crate::features::posts::difference;
use crate::features::posts::differing_settings::differing_settings;
use crate::features::posts::draft;
use crate::features::posts::history_page::{Comparison, HistoryPage, VersionPage};
use crate::features::posts::queries::{self, KeptVersion};
use crate::features::posts::rendered_difference::{Block, compare_rendered};
use crate::features::posts::restore_version::{Restored, restore_version};
use crate::features::site::{self, Flash, Said};
use crate::messages::{Message, text};
use crate::web::{Error, Form, OrNotFound, Result, rendering};

#[derive(Deserialize)]
pub struct HistoryQuery {
    before: Option<i32>,
}

/// `GET /p/{id}/history`
pub async fn list(
    page: PrivatePage,
    id: web::Path<Uuid>,
    query: web::Query<HistoryQuery>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, *id).await?, &page.user)?;
    let before = query.before.unwrap_or(i32::MAX);
    let here = queries::versions(&mut conn, post.id, before).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    page.show(&HistoryPage {
        frame: page.frame(&site, text::posts_title_history()),
        is_later: query.before.is_some(),
        post,
        here,
    })
}

#[derive(Deserialize)]
pub struct VersionQuery {
    /// The number of the version that it is compared with; without it the one before.
    with: Option<i32>,
    /// The comparison is of what readers see, not of what was typed.
    #[serde(default)]
    rendered: bool,
}

/// `GET /p/{id}/history/{number}`
pub async fn show(
    page: PrivatePage,
    path: web::Path<(Uuid, i32)>,
    query: web::Query<VersionQuery>,
) -> Result<HttpResponse> {
    let (id, number) = path.into_inner();
    answer(&page, StatusCode::OK, (id, number), &query, None).await
}

async fn answer(
    page: &PrivatePage,
    status: StatusCode,
    (id, number): (Uuid, i32),
    query: &VersionQuery,
    fault: Option<Message>,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    let version = queries::kept_version(&mut conn, post.id, number).await?;
    let version = version.or_not_found()?;
    let other = match query.with.or(version.older) {
        Some(with) if with != number => {
            let other = queries::kept_version(&mut conn, post.id, with).await?;
            Some(other.or_not_found()?)
        }
        _ => None,
    };
    let site = site::load(&mut conn).await?;
    drop(conn);
    let rendered = match (&other, query.rendered) {
        (Some(other), true) => Some(rendered_difference(page, &version, other).await?),
        _ => None,
    };
    let (version, comparison) = compared(version, other, rendered).await?;
    let view = VersionPage {
        frame: page.frame(&site, text::posts_title_version(number)),
        post,
        version,
        comparison,
        fault,
    };
    page.show_with(status, &view)
}

async fn rendered_difference(
    page: &PrivatePage,
    version: &KeptVersion,
    other: &KeptVersion,
) -> Result<Vec<Block>> {
    let [old, new] = in_order(version, other);
    let (old, new) = (html(page, old).await?, html(page, new).await?);
    rendering::run(move || compare_rendered(&old, &new)).await
}

async fn html(page: &PrivatePage, version: &KeptVersion) -> Result<String> {
    let rendered = draft::render_draft(&version.draft, &page.user.site_typography).await?;
    Ok(rendered.map_err(Error::BadRequest)?.html)
}

/// The older of the two is the old text, whichever was asked for first.
fn in_order<'a>(version: &'a KeptVersion, other: &'a KeptVersion) -> [&'a KeptVersion; 2] {
    match other.number < version.number {
        true => [other, version],
        false => [version, other],
    }
}

/// Where texts are rendered: they may have a megabyte.
async fn compared(
    version: KeptVersion,
    other: Option<KeptVersion>,
    rendered: Option<Vec<Block>>,
) -> Result<(KeptVersion, Option<Comparison>)> {
    let Some(other) = other else {
        return Ok((version, None));
    };
    let compare = move || {
        let [old, new] = in_order(&version, &other);
        let comparison = Comparison {
            old: old.number,
            new: new.number,
            titles: (old.draft.title != new.draft.title)
                .then(|| [&old.draft.title, &new.draft.title].map(String::clone)),
            settings: differing_settings(&old.draft, &new.draft),
            lines: difference::compare(&old.draft.markdown, &new.draft.markdown),
            rendered,
        };
        (version, Some(comparison))
    };
    rendering::run(compare).await
}

#[derive(Deserialize)]
pub struct RestoreForm {
    /// The newest version when the page was shown.
    newest: i32,
}

/// `POST /p/{id}/history/{number}/restore`
pub async fn restore(
    page: PrivatePage,
    path: web::Path<(Uuid, i32)>,
    form: Form<RestoreForm>,
) -> Result<HttpResponse> {
    let (id, number) = path.into_inner();
    let restored = restore_version(&page.app.db, page.actor(), id, number, form.newest).await?;
    match restored {
        Restored::Done => {
            let flash = Flash::of(Said::VersionRestored);
            Ok(flash.lead_to(&format!("/p/{id}/edit")))
        }
        Restored::Newer(newer) => {
            let fault = text::posts_version_not_restored(newer);
            let query = VersionQuery {
                with: Some(newer),
                rendered: false,
            };
            answer(
                &page,
                StatusCode::CONFLICT,
                (id, number),
                &query,
                Some(fault),
            )
            .await
        }
    }
}
