//! One more revision of a post, and for a draft also its text, inside the transaction of [`super::save`], an import or the demo.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::byline;
use super::choose_address;
use super::draft::Draft;
use super::editing::{Base, Sequel};
use super::model::{Kind, Label, Status};
use super::queries::{self, Change, Found, PostRow};
use super::save_error::SaveError;
use super::tagging;
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx};
use crate::features::site::StaleTypography;
use crate::markdown::Rendered;

/// Makes the row of a new draft, or finds the one that an earlier save with this id made.
pub async fn create(
    tx: &mut Tx,
    id: Uuid,
    kind: Kind,
    owner_id: i64,
    actor: &Actor,
) -> Result<PostRow, DbError> {
    if let Some(post) = queries::insert_post(tx, id, kind, owner_id, actor.transaction_id()).await?
    {
        record_created(tx, &post, actor).await?;
        return Ok(post);
    }
    queries::lock_post(tx, id)
        .await?
        .ok_or_else(|| DbError::Refused(sqlx::Error::RowNotFound))
}

async fn record_created(tx: &mut Tx, post: &PostRow, actor: &Actor) -> Result<(), DbError> {
    let entry = Entry {
        act: "post.create",
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// A revision, and where it stands.
#[derive(Debug)]
pub struct Kept {
    pub version: i32,
    /// Where readers find the post (or will).
    pub path: String,
}

/// Saves `draft` of a locked post over the version that it began from.
pub async fn save(
    tx: &mut Tx,
    post: &PostRow,
    base: Base,
    draft: &Draft,
    rendered: &Rendered,
    actor: &Actor,
) -> Result<Kept, SaveError> {
    let found = queries::find(tx, post, draft, rendered).await?;
    let Some(next) = next_version(post, base, draft, &found, actor)? else {
        return keep_as_it_is(tx, post, base, &found).await;
    };
    let NextVersion { version, sequel } = next;
    let named = byline::look_up(tx, post, draft, actor).await?;
    let path = if post.status == Status::Draft {
        let step = Step {
            version,
            saves: Some(sequel),
            publishes: None,
            label: Label::Update,
        };
        let path = apply(tx, post, (draft, rendered), &found, step, actor).await?;
        byline::write(tx, post, &named, actor).await?;
        path
    } else {
        queries::keep_revision(tx, post, (version, sequel), draft, &found, actor).await?;
        post.path()
    };
    if !sequel.is_noted_already() {
        record(tx, post, draft, version, actor).await?;
    }
    Ok(Kept { version, path })
}

/// Nothing new was sent. A button that was pressed after the text had been saved by itself makes that a save of its author.
async fn keep_as_it_is(
    tx: &mut Tx,
    post: &PostRow,
    base: Base,
    found: &Found,
) -> Result<Kept, SaveError> {
    let was_auto = found.newest_save.as_ref().is_some_and(|by| by.is_autosave);
    if was_auto && !base.editing.is_some_and(|editing| editing.is_autosave) {
        queries::keep_autosave(tx, post).await?;
    }
    Ok(Kept {
        version: post.version,
        path: post.path(),
    })
}

/// A version that is to be saved.
pub(super) struct NextVersion {
    pub version: i32,
    pub sequel: Sequel,
}

/// What a save of `draft` becomes. None: the same text sent twice (a double click, an answer that got lost, a button pressed to
/// be sure) is one save, also where it began from an older version.
pub(super) fn next_version(
    post: &PostRow,
    base: Base,
    draft: &Draft,
    found: &Found,
    actor: &Actor,
) -> Result<Option<NextVersion>, SaveError> {
    if found.newest.as_ref() == Some(draft) {
        return Ok(None);
    }
    let account = actor.id.unwrap_or(post.owner_id);
    let by = base.editing.zip(found.newest_save.as_ref());
    let changed = SaveError::Changed {
        version: post.version,
    };
    // The same editor has saved later edits. Its script does not wait for this answer any more; a second page under the same id
    // does, and has to hear that its text is not saved.
    if by.is_some_and(|(editing, by)| by.overtakes(editing, account)) {
        return Err(changed);
    }
    let is_own = by.is_some_and(|(editing, by)| by.is_of(editing, account));
    if post.version != base.version && !is_own {
        return Err(changed);
    }
    let sequel = match by.zip(found.newest.as_ref()) {
        Some(((editing, by), newest)) => {
            Sequel::of((editing, account, draft), (post.version, newest, by))
        }
        None => Sequel {
            editing: base.editing,
            replaces: None,
        },
    };
    Ok(Some(NextVersion {
        version: post.version + 1,
        sequel,
    }))
}

pub(super) async fn record(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    version: i32,
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act: "post.save",
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": version })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

/// What a state is written for.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub version: i32,
    /// It is a new revision, and stands to the one before it like this.
    pub saves: Option<Sequel>,
    pub publishes: Option<Option<DateTime<Utc>>>,
    /// What it is for readers, where they have an earlier version.
    pub label: Label,
}

/// Writes a state into the rows that readers' pages are made of, and gives its path; the names are [`byline::write`]'s.
pub(super) async fn apply(
    tx: &mut Tx,
    post: &PostRow,
    (draft, rendered): (&Draft, &Rendered),
    found: &Found,
    step: Step,
    actor: &Actor,
) -> Result<String, SaveError> {
    let address = choose_address::choose(tx, post, draft, found).await?;
    let Step {
        version,
        saves,
        publishes,
        label,
    } = step;
    let tags = tagging::tags(tx, &draft.details.tags, &found.tags).await?;
    let change = Change {
        post,
        version,
        draft,
        rendered,
        address: &address,
        tags: &tags,
        saves,
        publishes,
        label,
    };
    queries::write(tx, &change, actor).await?;
    if found.changes_typography && post.version > 0 {
        StaleTypography::under(post.id).ask(tx, actor).await?;
    }
    Ok(address.path(&post.owner))
}
