//! Duplicating a post: a new draft of the actor's with the same text and settings.

use uuid::Uuid;

use super::draft::{self, Draft};
use super::editing::Base;
use super::permission::editable;
use super::queries;
use super::save::{self, SaveRequest, Target};
use super::save_error::SaveError;
use super::template::taken_over;
use crate::access::Actor;
use crate::db::Db;
use crate::messages::text;
use crate::web::{Error, OrNotFound, Result};

/// Characters of a title.
const TITLE: usize = 300;

/// Makes a copy of what was saved last, under the id `copy`. Once more under the same id makes no other.
///
/// # Errors
///
/// Then nothing is made.
pub async fn duplicate(db: &Db, actor: &Actor, id: Uuid, copy: Uuid) -> Result<()> {
    let mut conn = db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, actor).or_not_found()?;
    let newest = queries::newest_of(&mut conn, id).await?.or_not_found()?;
    drop(conn);
    let draft = taken_over(newest.draft, &actor.name);
    let draft = Draft {
        title: titled(&draft.title),
        ..draft
    };
    let rendered = draft::render_draft(&draft, &newest.site_typography).await?;
    let rendered = rendered.map_err(Error::BadRequest)?;
    let request = SaveRequest {
        target: Target::New(copy),
        kind: post.kind,
        base: Base::version(0),
        draft: &draft,
        rendered: &rendered,
        publishes: None,
    };
    match Box::pin(save::save(db, actor, request)).await {
        // The same form was sent before, and the copy or what it was made of has been changed since.
        Ok(_) | Err(SaveError::Changed { .. }) => Ok(()),
        Err(refused) => Err(refused.into()),
    }
}

/// A text without a title stays without one.
fn titled(title: &str) -> String {
    if title.is_empty() {
        return String::new();
    }
    let whole = String::from(text::posts_copy_of(title));
    whole.chars().take(TITLE).collect()
}
