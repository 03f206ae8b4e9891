//! Adding one tag to a post that stands there, as a save of its own; and undoing that.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::draft::{self, Draft};
use super::editing::Base;
use super::model::Label;
use super::permission::editable;
use super::queries::{self, ChosenPost, PostRow};
use super::save::{self, SaveRequest, Saved, Target};
use super::save_error::SaveError;
use super::tag_name::{MOST_TAGS, TagName, key_of};
use crate::access::Actor;
use crate::db::Db;
use crate::features::site::SiteTypography;
use crate::messages::{Message, text};
use crate::web::{OrNotFound, Result};

/// A tag that was added, for undoing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tagged {
    pub post: Uuid,
    /// The version with it.
    pub version: i32,
    pub tag: String,
}

pub enum AddedTag {
    Done(Tagged),
    Refused(Message),
}

/// A post with its newest version.
struct Open {
    post: PostRow,
    draft: Draft,
    typography: SiteTypography,
}

/// A post that the actor may change.
async fn open_editable(db: &Db, actor: &Actor, id: Uuid) -> Result<Open> {
    let mut conn = db.fresh().await?;
    let post = editable(queries::post(&mut conn, id).await?, actor).or_not_found()?;
    let newest = queries::newest_of(&mut conn, id).await?.or_not_found()?;
    Ok(Open {
        post,
        draft: newest.draft,
        typography: newest.site_typography,
    })
}

impl Open {
    /// Saves the draft over a version. Readers get it where they have everything else: what waits for an update is not published by it.
    async fn save(&self, db: &Db, actor: &Actor, version: i32) -> Result<Result<i32, SaveError>> {
        let rendered = draft::render_draft(&self.draft, &self.typography).await?;
        let rendered = rendered.map_err(crate::web::Error::BadRequest)?;
        let request = SaveRequest {
            target: Target::Existing(self.post.public_id),
            kind: self.post.kind,
            base: Base::version(version),
            draft: &self.draft,
            rendered: &rendered,
            // Readers need not come back for a tag.
            publishes: (!self.post.has_unpublished_changes()).then_some(Label::Minor),
        };
        let saved = Box::pin(save::save(db, actor, request)).await;
        Ok(saved.map(|saved| match saved {
            Saved::Revision(saved) => saved.version,
            Saved::Published(_) | Saved::Unpublishable(_) => version + 1,
        }))
    }
}

/// Adds a tag to the version that was looked at.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn add_tag(
    db: &Db,
    actor: &Actor,
    chosen: &ChosenPost,
    tag: &TagName,
) -> Result<AddedTag> {
    let mut open = open_editable(db, actor, chosen.public_id).await?;
    let tags = &mut open.draft.details.tags;
    if tags.iter().any(|other| other.key() == tag.key()) {
        return Ok(AddedTag::Refused(text::posts_bulk_has_the_tag()));
    }
    if tags.len() >= MOST_TAGS {
        return Ok(AddedTag::Refused(text::posts_too_many_tags(MOST_TAGS)));
    }
    tags.push(tag.clone());
    match open.save(db, actor, chosen.shown).await? {
        Ok(version) => Ok(AddedTag::Done(Tagged {
            post: chosen.public_id,
            version,
            tag: tag.name.clone(),
        })),
        Err(SaveError::Db(error)) => Err(error.into()),
        Err(refused) => Ok(AddedTag::Refused(refused.message())),
    }
}

/// Takes the tag off again, as one more version. False where another version was saved since; true also where it was undone before.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn undo(db: &Db, actor: &Actor, done: &Tagged) -> Result<bool> {
    let mut open = open_editable(db, actor, done.post).await?;
    let key = key_of(&done.tag);
    let tags = &mut open.draft.details.tags;
    let count = tags.len();
    tags.retain(|tag| tag.key() != key);
    if tags.len() == count {
        return Ok(open.post.version == done.version + 1);
    }
    if open.post.deleted_at.is_some() {
        return Ok(false);
    }
    match open.save(db, actor, done.version).await? {
        Ok(_) => Ok(true),
        Err(SaveError::Db(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}
