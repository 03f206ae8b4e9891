//! Accepting an edit that a guest suggested: the newest version of the text becomes one with that paragraph changed, by the same steps as
//! every save. Readers of a post that is public, or is to become so, see it when it is updated.

use uuid::Uuid;

use super::draft::{self, Draft};
use super::editing::Base;
use super::note_anchor::{Found, Paragraphs};
use super::note_publication::lock_noted;
use super::permission::editable;
use super::queries::{self, GuestNote, Newest};
use super::record;
use super::revision::{self, Kept};
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::Db;
use crate::markdown::Rendered;
use crate::messages::{Message, text};
use crate::web::{OrNotFound, Result, rendering};

/// What became of it.
pub enum AcceptedEdit {
    /// The text has it.
    InText,
    /// The note waits on, for this reason. Nothing is changed.
    Refused(Message),
}

/// How often a text is read again that was saved in the same moment.
const ATTEMPTS: u32 = 5;

/// Puts the edit into the text, where its paragraph is still the one that it was suggested for. Everything else stays as it was saved
/// last, by any account.
///
/// # Errors
///
/// Where the post has no such note that waits, or the actor may not edit the post. Then nothing is changed.
pub async fn accept_edit(db: &Db, actor: &Actor, id: Uuid, note: Uuid) -> Result<AcceptedEdit> {
    for _ in 0..ATTEMPTS {
        let edited = match edited(db, actor, id, note).await? {
            Ok(edited) => edited,
            Err(why) => return Ok(AcceptedEdit::Refused(why)),
        };
        if Box::pin(save(db, actor, id, note, &edited)).await? {
            return Ok(AcceptedEdit::InText);
        }
    }
    Ok(AcceptedEdit::Refused(text::notes_saved_meanwhile()))
}

/// The text with the edit.
struct Edited {
    /// Of the text that was edited.
    version: i32,
    draft: Draft,
    rendered: Rendered,
}

async fn edited(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    note: Uuid,
) -> Result<std::result::Result<Edited, Message>> {
    let mut conn = db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, actor).or_not_found()?;
    let note = queries::pending_note(&mut conn, post.id, note).await?;
    let newest = queries::newest_of(&mut conn, id).await?;
    drop(conn);
    let (note, newest) = note.zip(newest).or_not_found()?;
    let Newest {
        version,
        mut draft,
        site_typography,
    } = newest;
    let source = draft.markdown.clone();
    match rendering::run(move || markdown_with(&source, &note)).await? {
        Ok(markdown) => draft.markdown = markdown,
        Err(why) => return Ok(Err(why)),
    }
    let rendered = draft::render_draft(&draft, &site_typography).await?;
    Ok(rendered.map(|rendered| Edited {
        version,
        draft,
        rendered,
    }))
}

fn markdown_with(source: &str, note: &GuestNote) -> std::result::Result<String, Message> {
    let paragraphs = Paragraphs::of(source);
    let Found::Same(number) = paragraphs.find(&note.anchor) else {
        return Err(text::notes_paragraph_changed());
    };
    let suggestion = note.suggestion.as_deref();
    let suggestion = suggestion.ok_or_else(text::notes_paragraph_changed)?;
    let edited = paragraphs.replaced(number, suggestion);
    edited.ok_or_else(text::notes_changes_others)
}

/// False where the text was saved since it was read.
async fn save(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    note: Uuid,
    edited: &Edited,
) -> Result<bool, SaveError> {
    let mut tx = db.begin().await?;
    let post = editable(lock_noted(&mut tx, id).await?, actor).ok_or(SaveError::NotFound)?;
    if post.version != edited.version {
        tx.roll_back().await?;
        return Ok(false);
    }
    let account = actor.account()?;
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let (base, draft) = (Base::version(edited.version), &edited.draft);
    let Kept { version, .. } = Box::pin(revision::save(
        &mut tx,
        &post,
        base,
        draft,
        &edited.rendered,
        actor,
    ))
    .await?;
    if !queries::accept_note(&mut tx, (post.id, note), Some(version), account).await? {
        return Err(SaveError::NotFound);
    }
    record::record(&mut tx, &post, "post.accept_note", actor).await?;
    tx.commit().await?;
    Ok(true)
}
