//! Saving: what was typed becomes a revision, and where that was asked for, what readers get.

use uuid::Uuid;

use super::address::AddressError;
use super::draft::Draft;
use super::editing::Base;
use super::model::{Kind, Label};
use super::note_publication::lock_noted;
use super::permission::{can_publish, editable, write_action};
use super::publish::{Published, make_public};
use super::queries::{self, PostRow};
use super::revision::{self, Kept, Step};
use super::save_error::SaveError;
use crate::access::{Actor, Resource};
use crate::db::{Db, Tx};
use crate::markdown::Rendered;

/// What is to be saved.
#[derive(Clone, Copy)]
pub struct SaveRequest<'a> {
    pub target: Target,
    /// The kind of post that `draft` was made for.
    pub kind: Kind,
    /// What the text began from.
    pub base: Base,
    pub draft: &'a Draft,
    pub rendered: &'a Rendered,
    /// Where the post is public, readers are to get this text, as such a change. One that is not public stays so.
    pub publishes: Option<Label>,
}

#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A post that is made under this id, or was made by an earlier save of the same form.
    New(Uuid),
    Existing(Uuid),
}

impl Target {
    pub fn id(self) -> Uuid {
        let (Target::New(id) | Target::Existing(id)) = self;
        id
    }
}

/// What became of a save.
pub enum Saved {
    Revision(Box<SavedRevision>),
    /// Readers get it, at this path.
    Published(Published),
    /// A revision that cannot be public, for this reason.
    Unpublishable(AddressError),
}

/// The newest revision of a post.
pub struct SavedRevision {
    /// As it was before.
    pub post: PostRow,
    pub version: i32,
    /// Where readers find the post, or will.
    pub path: String,
}

/// How often an address of our choice is chosen again.
const ATTEMPTS: u32 = 5;

/// # Errors
///
/// Then nothing is saved, and what was typed is still in the caller's hands.
pub async fn save(db: &Db, actor: &Actor, request: SaveRequest<'_>) -> Result<Saved, SaveError> {
    let mut attempt = 1;
    loop {
        match Box::pin(save_once(db, actor, request)).await {
            // Another new text with this title was saved in the same moment: the next address is as good.
            Err(SaveError::Address(AddressError::Taken(_)))
                if attempt < ATTEMPTS && request.takes_any_address() =>
            {
                attempt += 1;
            }
            done => return done,
        }
    }
}

impl SaveRequest<'_> {
    /// No address was typed, so any that is free will do.
    fn takes_any_address(&self) -> bool {
        self.kind == Kind::Post && self.draft.details.slug.is_empty()
    }
}

async fn save_once(db: &Db, actor: &Actor, request: SaveRequest<'_>) -> Result<Saved, SaveError> {
    let (tx, post) = begin(db, actor, request).await?;
    // What a contributor writes waits for an editor, also where readers have an earlier version.
    let label = request
        .publishes
        .filter(|_| post.is_public() && can_publish(&post, actor));
    let Some(label) = label else {
        return keep(tx, post, actor, request).await;
    };
    match publish(tx, &post, actor, request, label).await {
        // It is saved as it is. Another save may have come in between.
        Err(SaveError::Address(refused)) => {
            let (tx, post) = begin(db, actor, request).await?;
            keep(tx, post, actor, request).await?;
            Ok(Saved::Unpublishable(refused))
        }
        published => published,
    }
}

/// A transaction that holds the post.
async fn begin(
    db: &Db,
    actor: &Actor,
    request: SaveRequest<'_>,
) -> Result<(Tx, PostRow), SaveError> {
    let mut tx = db.begin().await?;
    let post = made_or_locked(&mut tx, actor, request).await?;
    // Under the lock, so that the right to change it still holds when it is changed.
    let post = editable(post, actor).ok_or(SaveError::NotFound)?;
    if post.kind != request.kind {
        return Err(SaveError::IsOfKind(post.kind));
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    Ok((tx, post))
}

/// The post of the request, made now where it is new.
async fn made_or_locked(
    tx: &mut Tx,
    actor: &Actor,
    request: SaveRequest<'_>,
) -> Result<Option<PostRow>, SaveError> {
    match request.target {
        Target::New(id) => {
            actor.require(write_action(request.kind), Resource::Nothing)?;
            let owner = actor.account()?;
            tx.belongs_to(actor);
            Ok(Some(
                revision::create(tx, id, request.kind, owner, actor).await?,
            ))
        }
        Target::Existing(id) => Ok(lock_noted(tx, id).await?),
    }
}

async fn keep(
    mut tx: Tx,
    post: PostRow,
    actor: &Actor,
    request: SaveRequest<'_>,
) -> Result<Saved, SaveError> {
    let kept = Box::pin(revision::save(
        &mut tx,
        &post,
        request.base,
        request.draft,
        request.rendered,
        actor,
    ));
    let Kept { version, path } = kept.await?;
    tx.commit().await?;
    Ok(Saved::Revision(Box::new(SavedRevision {
        post,
        version,
        path,
    })))
}

async fn publish(
    mut tx: Tx,
    post: &PostRow,
    actor: &Actor,
    request: SaveRequest<'_>,
    label: Label,
) -> Result<Saved, SaveError> {
    let path = Box::pin(save_and_publish(
        &mut tx,
        post,
        (request.base, label),
        request.draft,
        request.rendered,
        actor,
    ))
    .await?;
    tx.commit().await?;
    Ok(Saved::Published(Published {
        path,
        is_update: true,
    }))
}

/// Saves `draft` of a locked post that is public over the version that it began from, and makes it what readers get. Where it cannot be
/// made public as it is, nothing of it is written yet.
async fn save_and_publish(
    tx: &mut Tx,
    post: &PostRow,
    (base, label): (Base, Label),
    draft: &Draft,
    rendered: &Rendered,
    actor: &Actor,
) -> Result<String, SaveError> {
    let found = queries::find(tx, post, draft, rendered).await?;
    let next = revision::next_version(post, base, draft, &found, actor)?;
    if next.is_none() && !post.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(post.path());
    }
    let version = next.as_ref().map_or(post.version, |next| next.version);
    let step = Step {
        version,
        saves: next.map(|next| next.sequel),
        publishes: Some(None),
        label,
    };
    make_public(tx, post, (draft, rendered), &found, step, actor).await
}
