//! Bringing an older version back ([`restore_version`], the whole act): what it says becomes the newest version. Nothing is lost by it,
//! since the version that stood before is kept as every other.

use uuid::Uuid;

use super::draft::{self, Draft};
use super::editing::Base;
use super::model::Details;
use super::permission::editable;
use super::queries;
use super::save::{self, SaveRequest, Target};
use super::save_error::SaveError;
use crate::access::Actor;
use crate::db::Db;
use crate::web::{Error, OrNotFound, Result};

/// What became of it.
pub enum Restored {
    /// It is the newest version.
    Done,
    /// Another version was saved meanwhile, with this number. Nothing is changed.
    Newer(i32),
}

/// Saves what version `number` says over `based_on`, the newest one that was looked at. Readers of a post that is public see it when
/// it is updated.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn restore_version(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    number: i32,
    based_on: i32,
) -> Result<Restored> {
    let mut conn = db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, actor).or_not_found()?;
    let old = queries::kept_version(&mut conn, post.id, number).await?;
    let newest = queries::newest_of(&mut conn, id).await?;
    drop(conn);
    let (old, newest) = old.zip(newest).or_not_found()?;
    let draft = brought_back(old.draft, newest.draft);
    let rendered = draft::render_draft(&draft, &newest.site_typography)
        .await?
        .map_err(Error::BadRequest)?;
    let request = SaveRequest {
        target: Target::Existing(id),
        kind: post.kind,
        base: Base::version(based_on),
        draft: &draft,
        rendered: &rendered,
        publishes: None,
    };
    match Box::pin(save::save(db, actor, request)).await {
        Ok(_) => Ok(Restored::Done),
        Err(SaveError::Changed { version }) => Ok(Restored::Newer(version)),
        Err(refused) => Err(refused.into()),
    }
}

/// What readers read and look at comes from the old version. Where the text stands, whose names and tags it has and what readers may do
/// there was settled since, and stays: an old version would break addresses, name accounts that declined, and bring merged tags back.
fn brought_back(old: Draft, newest: Draft) -> Draft {
    let Details {
        excerpt,
        cover_url,
        cover_alt,
        language,
        typography,
        ..
    } = old.details;
    Draft {
        title: old.title,
        markdown: old.markdown,
        details: Details {
            excerpt,
            cover_url,
            cover_alt,
            language,
            typography,
            ..newest.details
        },
    }
}
