//! `GET /preview/{token}`: where a preview link leads, without an account. Its page never names its own address, so that the token is in no
//! page; that nothing else tells it is seen to by `web::middleware::secret_address`.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::features::posts::byline::Preview;
use crate::features::posts::draft;
use crate::features::posts::guest_note::NoteForm;
use crate::features::posts::note_anchor::{Address, Paragraphs};
use crate::features::posts::queries::{self, AcceptedNote, Newest, PostRow, SharedPreview};
use crate::features::posts::share_preview;
use crate::features::posts::shared_preview::{
    Notes, OpenForm, SharedPreviewPage, paragraphs, pieces,
};
use crate::features::site::{self, Site};
use crate::markdown::{MarkedPiece, Rendered};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, FormErrors, FormIds, Makes, OrNotFound, Result, page, time};

#[derive(Deserialize)]
pub struct NoteQuery {
    /// The paragraph that is to be written about.
    pub(super) note: Option<String>,
    /// The paragraph that a note was sent on a moment ago.
    sent: Option<String>,
}

/// `GET /preview/{token}`: the text as it was saved last. Once it is public it redirects to that address.
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    token: web::Path<String>,
    query: web::Query<NoteQuery>,
) -> Result<HttpResponse> {
    let opened = open(&app, &token).await?;
    let named = |address: &Option<String>| match address {
        Some(_) if !opened.shared.allows_notes => Err(Error::NotFound),
        Some(address) => Address::parse(address).map(Some).or_not_found(),
        None => Ok(None),
    };
    let (note, sent) = (named(&query.note)?, named(&query.sent)?);
    let paragraphs = paragraphs(&opened.newest.draft).await?;
    let open = match note {
        None => None,
        Some(address) => empty_form(&app, &opened, &paragraphs, &address),
    };
    let shown = Shown {
        status: StatusCode::OK,
        sent: sent.and_then(|address| Notes::number_at(&paragraphs, &address)),
        paragraphs,
        open,
    };
    answer(&req, &app, opened, shown).await
}

fn empty_form(
    app: &AppState,
    opened: &Opened,
    paragraphs: &Paragraphs,
    address: &Address,
) -> Option<OpenForm> {
    let number = Notes::number_at(paragraphs, address)?;
    Some(OpenForm {
        number,
        form: NoteForm {
            id: form_ids(app, &opened.shared).fresh(),
            suggestion: Some(paragraphs.text(number).to_owned()),
            ..NoteForm::default()
        },
        faults: FormErrors::default(),
    })
}

pub(super) fn form_ids(app: &AppState, shared: &SharedPreview) -> FormIds {
    FormIds::new(&app.key, Makes::GuestNote, Some(shared.link_public_id))
}

/// What a link leads to.
pub(super) struct Opened {
    pub(super) shared: SharedPreview,
    pub(super) post: PostRow,
    pub(super) newest: Newest,
    site: Site,
    accepted: Vec<AcceptedNote>,
}

/// By a token that holds, of a text that is not public.
pub(super) async fn open(app: &AppState, token: &str) -> Result<Opened> {
    let hash = share_preview::hash(token);
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
    if post.deleted_at.is_some() || post.is_template || !shared.holds {
        return Err(Error::NotFound);
    }
    let newest = queries::newest_of(&mut conn, shared.post).await?;
    let site = site::load(&mut conn).await?;
    let accepted = match shared.allows_notes {
        true => queries::accepted_notes(&mut conn, shared.link).await?,
        false => Vec::new(),
    };
    Ok(Opened {
        shared,
        post,
        newest: newest.or_not_found()?,
        site,
        accepted,
    })
}

/// A text on which no notes are left is one piece.
fn whole(rendered: &Rendered) -> Vec<MarkedPiece> {
    vec![MarkedPiece {
        html: rendered.html.clone(),
        ends: None,
    }]
}

/// What the page shows besides the text.
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) paragraphs: Paragraphs,
    pub(super) open: Option<OpenForm>,
    pub(super) sent: Option<usize>,
}

pub(super) async fn answer(
    req: &HttpRequest,
    app: &AppState,
    opened: Opened,
    shown: Shown,
) -> Result<HttpResponse> {
    let Newest {
        draft,
        site_typography,
        ..
    } = opened.newest;
    let rendered = draft::render_draft(&draft, &site_typography)
        .await?
        .map_err(Error::BadRequest)?;
    let site = &opened.site;
    let (mut pieces_of_text, mut notes) = (whole(&rendered), None);
    if opened.shared.allows_notes {
        pieces_of_text = pieces(&draft, &site_typography, &shown.paragraphs).await?;
        notes = Some(Notes {
            paragraphs: shown.paragraphs,
            open: shown.open,
            sent: shown.sent,
            accepted: opened.accepted,
        });
    }
    let view = SharedPreviewPage {
        frame: site::private_frame(site, &app.origin, text::posts_title_preview(), None),
        draft: &draft.set(&rendered.typography),
        // Others who are named may not have said yes.
        names: Preview {
            authors: vec![opened.post.owner],
            asked: Vec::new(),
        },
        rendered: &rendered,
        until: time::minute(&opened.shared.expires_at, &site.time_zone),
        pieces: pieces_of_text,
        notes,
    };
    let mut response = page::private_with(req, shown.status, &view)?;
    if shown.status == StatusCode::TOO_MANY_REQUESTS {
        let an_hour = HeaderValue::from_static("3600");
        response.headers_mut().insert(RETRY_AFTER, an_hour);
    }
    Ok(response)
}
