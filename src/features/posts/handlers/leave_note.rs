//! `POST /preview/{token}`: a guest leaves a note on the text that a preview link shows.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::shared_preview::{NoteQuery, Opened, Shown, answer, form_ids, open};
use crate::features::accounts::{guest_name, visitor};
use crate::features::posts::guest_note::{MOST_AN_HOUR, MOST_NOTES, NoteForm, NoteText};
use crate::features::posts::leave_note::{Left, leave_note};
use crate::features::posts::note_anchor::{Address, Anchor, Found, Paragraphs};
use crate::features::posts::queries::NewGuestNote;
use crate::features::posts::shared_preview::{OpenForm, paragraphs};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, Ids, OrNotFound, Result, page};

/// `POST /preview/{token}?note=…`: a note on that paragraph. It waits for the authors; the guest sees that it was sent.
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    ids: Ids,
    token: web::Path<String>,
    (query, form): (web::Query<NoteQuery>, Form<NoteForm>),
) -> Result<HttpResponse> {
    let opened = open(&app, &token).await.map_err(keeping_form)?;
    let address = query.note.as_deref().and_then(Address::parse);
    let address = address.filter(|_| opened.shared.allows_notes);
    let paragraphs = paragraphs(&opened.newest.draft).await?;
    let found = address.and_then(|address| paragraphs.at(&address));
    let (found, mut form, mut faults) = (found.or_not_found()?, form.0, FormErrors::default());
    let id = form_ids(&app, &opened.shared).read(&req, &mut form.id);
    let (number, status) = match found {
        Found::Same(number) => {
            let id = faults.take("", id.map_err(|unsigned| unsigned.message()));
            let text = form.parse(paragraphs.text(number), &mut faults);
            let name = name(&app, &form, &mut faults).await?;
            let mut left = None;
            if let Some(((id, text), name)) = id.zip(text).zip(name) {
                let note = (id, paragraphs.anchor(number), name.as_str(), &text);
                left = Some(send(&app, &ids, &opened, note).await?);
            }
            if left == Some(Left::Sent) {
                let (token, sent) = (token.into_inner(), paragraphs.address(number));
                let confirmation = format!("/preview/{token}?sent={sent}#sent");
                return Ok(page::see_other(&confirmation));
            }
            (number, refusal(left, &mut faults)?)
        }
        Found::Edited(number) => {
            faults.add("", text::notes_paragraph_is_another());
            (number, StatusCode::CONFLICT)
        }
        Found::Gone => return Err(Error::NotFound),
    };
    let shown = Shown {
        status,
        sent: None,
        open: Some(refused_form(form, faults, (&paragraphs, number))),
        paragraphs,
    };
    answer(&req, &app, opened, shown).await
}

/// A form is not sent on to where the text is public: what was typed would be lost on the way.
fn keeping_form(error: Error) -> Error {
    match error {
        Error::Moved { .. } => Error::Conflict(text::notes_is_public()),
        other => other,
    }
}

/// The form with what was typed. A field that did not come has the paragraph, as it would in a new form.
fn refused_form(
    mut form: NoteForm,
    faults: FormErrors,
    (paragraphs, number): (&Paragraphs, usize),
) -> OpenForm {
    let now = || paragraphs.text(number).to_owned();
    form.suggestion.get_or_insert_with(now);
    OpenForm {
        number,
        form,
        faults: faults.in_order(&["comment", "suggestion", "name"]),
    }
}

/// The status of the page that says why a note was not sent. `left`: none where it has faults.
fn refusal(left: Option<Left>, faults: &mut FormErrors) -> Result<StatusCode> {
    match left {
        Some(Left::Closed) => Err(Error::NotFound),
        Some(Left::FullThisHour) => {
            faults.add("", text::notes_full_this_hour(MOST_AN_HOUR));
            Ok(StatusCode::TOO_MANY_REQUESTS)
        }
        Some(Left::Full) => {
            faults.add("", text::notes_full(MOST_NOTES));
            Ok(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Some(Left::Sent) | None => Ok(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

async fn name(app: &AppState, form: &NoteForm, faults: &mut FormErrors) -> Result<Option<String>> {
    let mut conn = app.db.fresh().await?;
    let name = guest_name(&mut conn, &form.name).await?;
    Ok(faults.take("name", name))
}

async fn send(
    app: &AppState,
    ids: &Ids,
    opened: &Opened,
    (id, anchor, name, text): (Uuid, Anchor, &str, &NoteText),
) -> Result<Left> {
    let note = NewGuestNote {
        public_id: id,
        link: opened.shared.link,
        name,
        text,
        anchor: &anchor,
    };
    // What a guest is called is no name in the log of who did what.
    let actor = visitor("", ids);
    Ok(leave_note(&app.db, &actor, &opened.post, &note).await?)
}
