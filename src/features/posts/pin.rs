//! Pinning: a post stands at the top of the front page, or of the page of one of its authors, until it is unpinned or other posts
//! take its place. A post that readers cannot get is not shown there; once public again, it is.

use uuid::Uuid;

use super::model::Kind;
use super::permission::publishable;
use super::queries::{self, PostRow};
use super::save_error::SaveError;
use super::{cache_tags, record};
use crate::access::{Action, Actor, Resource};
use crate::db::Db;

/// The page on which a post is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinnedOn {
    /// For admins.
    FrontPage,
    /// For each author of the post, on the page of the account.
    OwnPage,
}

/// Pins a post, or takes it down. Where as many are pinned as a page takes, the one that was pinned first makes room.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn pin(
    db: &Db,
    actor: &Actor,
    id: Uuid,
    on: PinnedOn,
    is_pinned: bool,
) -> Result<(), SaveError> {
    let mut tx = db.begin().await?;
    let locked = queries::lock_post(&mut tx, id).await?;
    let post = publishable(locked, actor)?;
    let page_of = page_of(actor, &post, on)?;
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    if is_pinned {
        queries::pin(&mut tx, page_of, post.id).await?;
    } else {
        queries::unpin(&mut tx, page_of, post.id).await?;
    }
    tx.invalidate([cache_tags::pins(page_of)]);
    let act = if is_pinned { "post.pin" } else { "post.unpin" };
    record::record(&mut tx, &post, act, actor).await?;
    Ok(tx.commit().await?)
}

/// As `pinned_posts` names the page.
fn page_of(actor: &Actor, post: &PostRow, on: PinnedOn) -> Result<i64, SaveError> {
    if post.kind == Kind::Page {
        return Err(SaveError::NotFound);
    }
    match on {
        PinnedOn::FrontPage => {
            actor.require(Action::ManageSite, Resource::Nothing)?;
            Ok(queries::FRONT_PAGE)
        }
        PinnedOn::OwnPage => match actor.account() {
            Ok(account) if post.author_ids.contains(&account) => Ok(account),
            _ => Err(SaveError::NotFound),
        },
    }
}
