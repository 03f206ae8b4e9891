//! Publishing, and the step before it: what will be public, under which names, and why it cannot be public as it is.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::editor_page::refuse_saved;
use super::gate::editable;
use crate::features::accounts::PrivatePage;
use crate::features::posts::before_publishing::Slips;
use crate::features::posts::byline;
use crate::features::posts::draft::{self, Draft};
use crate::features::posts::model::{Kind, Label, Status};
use crate::features::posts::permission::can_publish;
use crate::features::posts::publish::{self, PublishError, PublishRequest};
use crate::features::posts::queries::{self, PostRow, Submission};
use crate::features::posts::save_error::SaveError;
use crate::features::site::{self, CommentPolicy};
use crate::markdown;
use crate::messages::{Markup, Message, html as t, text};
use crate::web::{Error, Form, FormErrors, Frame, OrNotFound, Result, page, rendering, time};

#[derive(Template)]
#[template(path = "posts/publish.html")]
struct PublishPage {
    frame: Frame,
    post: PostRow,
    draft: Draft,
    names: byline::Preview,
    policy: CommentPolicy,
    fault: Option<Message>,
    when: When,
    now: DateTime<Utc>,
    /// The viewer makes it public; else an editor does, after review.
    can_publish: bool,
    submission: Option<Submission>,
    /// What the forms beside the first one hold.
    words: Words,
    /// What readers would stumble over.
    slips: Slips,
}

/// A time to come, as the form has it.
#[derive(Default)]
pub(super) struct When {
    pub(super) at: String,
    pub(super) zone: String,
    pub(super) fault: Option<Message>,
}

/// What a form of review or of a correction holds, and what is wrong with it.
#[derive(Default)]
pub(super) struct Words {
    pub(super) note: String,
    pub(super) reply: String,
    pub(super) remark: String,
    pub(super) shows_difference: bool,
    pub(super) faults: FormErrors,
}

/// How the step comes back.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) fault: Option<Message>,
    pub(super) when: Option<When>,
    pub(super) words: Words,
}

impl PublishPage {
    /// It waits for an editor.
    fn in_review(&self) -> Option<&Submission> {
        self.submission.as_ref().filter(|last| last.is_open())
    }

    /// Readers have an earlier version, which this one may correct.
    fn is_update(&self) -> bool {
        self.post.status == Status::Published && self.post.has_unpublished_changes()
    }

    fn heading(&self) -> Message {
        if self.can_publish {
            text::posts_title_publish()
        } else {
            text::posts_title_submit()
        }
    }

    /// By which clock a time is meant, with how far that is from UTC now.
    fn clock(&self) -> Markup {
        let zone = &self.frame.site.time_zone;
        let now = self.now.with_timezone(zone);
        t::posts_schedule_clock(
            now.format("%H:%M").to_string(),
            now.format("%:z").to_string(),
            zone.name(),
        )
    }

    /// That its author gave it.
    fn date(&self) -> Option<DateTime<Utc>> {
        self.draft.details.date.as_ref()?.at()
    }
}

/// `GET /p/{id}/publish`: what will be public, and the button.
pub async fn show(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    answer(&page, *id, Refused::default()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishForm {
    /// The version that the page showed.
    version: Option<i32>,
}

/// In the address and not in the form: a node of the release before refuses a field that it does not know.
#[derive(Deserialize)]
pub struct PublishQuery {
    /// `minor` for a change that readers need not come back for.
    #[serde(default, rename = "as")]
    label: String,
}

/// `POST /p/{id}/publish`
pub async fn create(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<PublishForm>,
    query: web::Query<PublishQuery>,
) -> Result<HttpResponse> {
    let label = match query.label.as_str() {
        "minor" => Label::Minor,
        "" => Label::Update,
        _ => return Err(Error::NotFound),
    };
    let request = PublishRequest {
        id: *id,
        shown: form.version,
        label,
    };
    match publish::publish(&page.app.db, page.actor(), request).await {
        Ok(published) => Ok(page::see_other(&published.landing())),
        Err(refused) => answer_refused(&page, *id, refused).await,
    }
}

pub(super) async fn answer_refused(
    page: &PrivatePage,
    id: Uuid,
    refused: PublishError,
) -> Result<HttpResponse> {
    match refused {
        PublishError::InTheTrash | PublishError::IsTemplate => {
            Err(Error::Conflict(refused.message()))
        }
        PublishError::Unrenderable(sentence) => Err(Error::BadRequest(sentence)),
        PublishError::Rendering(error) => Err(error),
        PublishError::NewerVersion
        | PublishError::NothingToCorrect
        | PublishError::NothingToSubmit => {
            let refused = Refused {
                status: StatusCode::CONFLICT,
                fault: Some(refused.message()),
                ..Refused::default()
            };
            answer(page, id, refused).await
        }
        PublishError::Save(error) => answer_unsaved(page, id, error).await,
    }
}

async fn answer_unsaved(page: &PrivatePage, id: Uuid, error: SaveError) -> Result<HttpResponse> {
    match error {
        SaveError::Empty => {
            let faults = FormErrors::single("markdown", error.message());
            refuse_saved(page, id, faults).await
        }
        SaveError::Db(_) | SaveError::NotFound | SaveError::Denied(_) => Err(error.into()),
        error => refuse(page, id, error.message()).await,
    }
}

/// The step before publishing, which says why the text cannot be public as it is.
pub(super) async fn refuse(page: &PrivatePage, id: Uuid, fault: Message) -> Result<HttpResponse> {
    let refused = Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        fault: Some(fault),
        ..Refused::default()
    };
    answer(page, id, refused).await
}

/// The same step, with a time that cannot be meant and why.
pub(super) async fn refuse_time(page: &PrivatePage, id: Uuid, when: When) -> Result<HttpResponse> {
    let refused = Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        when: Some(when),
        ..Refused::default()
    };
    answer(page, id, refused).await
}

pub(super) async fn answer(page: &PrivatePage, id: Uuid, refused: Refused) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, &page.user)?;
    if post.is_template {
        return Err(Error::Conflict(text::posts_is_a_template()));
    }
    let newest = queries::newest_with_submission(&mut conn, post.id).await?;
    let (draft, submission) = newest.or_not_found()?;
    let names = byline::preview(&mut conn, Some(&post), &draft, &page.user).await?;
    let site = site::load(&mut conn).await?;
    drop(conn);
    let slips = slips(page, &draft).await?;
    let when = refused
        .when
        .unwrap_or_else(|| planned(&post, &site.time_zone));
    let policy = draft.details.policy().unwrap_or(site.comment_policy);
    let frame = page.frame(&site, text::posts_title_publish());
    page.show_with(
        refused.status,
        &PublishPage {
            frame,
            can_publish: can_publish(&post, page.actor()),
            post,
            draft,
            names,
            policy,
            fault: refused.fault,
            when,
            now: page.app.db.now(),
            submission,
            words: refused.words,
            slips,
        },
    )
}

/// None where the renderer refuses the text: publishing says why.
async fn slips(page: &PrivatePage, draft: &Draft) -> Result<Slips> {
    let rendered = draft::render_draft(draft, &page.user.site_typography).await?;
    let Ok(rendered) = rendered else {
        return Ok(Slips::default());
    };
    let checked = rendering::run(move || markdown::check(&rendered)).await?;
    let mut conn = page.app.db.fresh().await?;
    Ok(Slips::of(checked, &page.app.origin, &mut conn).await?)
}

/// The time for which the post is planned, on the clock of the site.
fn planned(post: &PostRow, zone: &Tz) -> When {
    let at = post.scheduled_for.map(|at| at.with_timezone(zone));
    When {
        at: at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M").to_string()),
        zone: zone.name().to_owned(),
        fault: None,
    }
}
