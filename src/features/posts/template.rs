//! Templates: drafts from which an account begins others. They are not published, planned or shared as long as they are that.

use uuid::Uuid;

use super::draft::Draft;
use super::model::{Details, Kind, Status};
use super::permission::editable;
use super::save_error::SaveError;
use super::{queries, record};
use crate::access::Actor;
use crate::db::Db;

/// Templates of one account.
pub const MOST_TEMPLATES: i64 = 50;

/// What came of making a draft a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeTemplate {
    Done,
    /// Readers see it or will, it is a page, or it lies in the trash.
    NotADraft,
    /// The account whose draft it is has [`MOST_TEMPLATES`].
    Full,
}

/// Makes a draft a template. Once more changes nothing.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn make_template(db: &Db, actor: &Actor, id: Uuid) -> Result<MadeTemplate, SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if post.status != Status::Draft || post.kind != Kind::Post || post.deleted_at.is_some() {
        return Ok(MadeTemplate::NotADraft);
    }
    if post.is_template {
        return Ok(MadeTemplate::Done);
    }
    // Under a lock of the account, so that two at once keep to the limit.
    if queries::lock_templates(&mut tx, post.owner_id).await? >= MOST_TEMPLATES {
        return Ok(MadeTemplate::Full);
    }
    tx.belongs_to(actor);
    queries::set_template(&mut tx, post.id, true).await?;
    record::record(&mut tx, &post, "post.make_template", actor).await?;
    tx.commit().await?;
    Ok(MadeTemplate::Done)
}

/// Makes a template a draft as every other. Once more changes nothing.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn unmake_template(db: &Db, actor: &Actor, id: Uuid) -> Result<(), SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = editable(locked, actor).ok_or(SaveError::NotFound)?;
    if !post.is_template {
        return Ok(());
    }
    tx.belongs_to(actor);
    queries::set_template(&mut tx, post.id, false).await?;
    record::record(&mut tx, &post, "post.unmake_template", actor).await?;
    tx.commit().await?;
    Ok(())
}

/// What another post takes over of this one: everything but where and when it stands, and whose names it has.
pub(super) fn taken_over(draft: Draft, author: &str) -> Draft {
    let Details {
        excerpt,
        tags,
        cover_url,
        cover_alt,
        language,
        comment_policy,
        typography,
        unlisted,
        ..
    } = draft.details;
    Draft {
        title: draft.title,
        markdown: draft.markdown,
        details: Details {
            excerpt,
            tags,
            cover_url,
            cover_alt,
            language,
            comment_policy,
            typography,
            unlisted,
            authors: vec![author.to_owned()],
            ..Details::default()
        },
    }
}
