//! The answer of an account that is named in a byline: it accepts, or takes its name off.

use uuid::Uuid;

use super::byline::record;
use super::note_publication::lock_noted;
use super::permission::named;
use super::queries::{self, PostRow};
use super::{cache_tags, listing};
use crate::access::{Action, Actor, Resource};
use crate::db::{Db, DbError, Tx};
use crate::web;

/// Puts the name of the actor, who was asked, under a post; once more changes nothing. Readers see it at once where the post is
/// public.
///
/// # Errors
///
/// Where the actor was not asked, or may not write.
pub async fn accept(db: &Db, actor: &Actor, id: Uuid) -> web::Result<()> {
    let mut tx = db.begin().await?;
    let (post, account) = named(lock_noted(&mut tx, id).await?, actor)?;
    actor.require(Action::WritePost, Resource::Nothing)?;
    if post.author_ids.contains(&account) {
        return Ok(());
    }
    tx.belongs_to(actor);
    change_byline(&mut tx, &post, async |tx| {
        queries::accept_request(tx, post.id, account).await
    })
    .await?;
    record(&mut tx, &post, "byline.accept", None, actor).await?;
    Ok(tx.commit().await?)
}

/// Takes the actor's name off a post, or declines to be named there; never the owner's, at whose address the post stands. Once
/// more changes nothing. True where readers saw the name.
///
/// # Errors
///
/// Where the actor is not named, or owns the post.
pub async fn decline(db: &Db, actor: &Actor, id: Uuid) -> web::Result<bool> {
    let mut tx = db.begin().await?;
    let post = lock_noted(&mut tx, id).await?;
    let account = actor.account()?;
    let has_declined = |post: &PostRow| post.declined_ids.contains(&account);
    if post.as_ref().is_some_and(has_declined) {
        return Ok(false);
    }
    let (post, account) = named(post, actor)?;
    tx.belongs_to(actor);
    let (was_named, is_public) = (post.author_ids.contains(&account), post.is_public());
    if was_named && is_public {
        // Not even while the database is away.
        cache_tags::purge_post(&mut tx, post.public_id);
    }
    let act = take_off(&mut tx, &post, account).await?;
    record(&mut tx, &post, act, None, actor).await?;
    tx.commit().await?;
    Ok(was_named && is_public)
}

/// Takes the name off the byline, or off those that are asked; gives what is recorded of it.
async fn take_off(tx: &mut Tx, post: &PostRow, account: i64) -> Result<&'static str, DbError> {
    if !post.author_ids.contains(&account) {
        queries::decline(tx, post.id, account).await?;
        return Ok("byline.decline");
    }
    change_byline(tx, post, async |tx| {
        queries::decline(tx, post.id, account).await
    })
    .await?;
    Ok("byline.leave")
}

/// Changes which accounts are named. A post that is not public is in no list, and no page shows its authors.
async fn change_byline(
    tx: &mut Tx,
    post: &PostRow,
    change: impl AsyncFnOnce(&mut Tx) -> Result<(), DbError>,
) -> Result<(), DbError> {
    if post.is_public() {
        listing::relist(tx, post, change).await
    } else {
        change(tx).await
    }
}
