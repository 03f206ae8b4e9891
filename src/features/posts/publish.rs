//! Publishing: the newest revision becomes what readers get ([`publish`], the whole act). Import and demo publish
//! inside their own transactions, by [`publish_revision`] and [`publish_new`].

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::draft::{self, Draft};
use super::editing::Sequel;
use super::model::{Label, Status};
use super::note_publication::lock_noted;
use super::permission::publishable;
use super::queries::{self, Found, Newest, PostRow};
use super::revision::{self, Step};
use super::save_error::SaveError;
use super::{byline, listing};
use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::markdown::Rendered;
use crate::messages::{Message, text};
use crate::web::Error;

/// Ids of the sentences on the page of a post.
pub const PUBLISHED: &str = "published";
pub const UPDATED: &str = "updated";

#[derive(Clone, Copy, Debug)]
pub struct PublishRequest {
    pub id: Uuid,
    /// The version that the author looked at; `None` is the newest.
    pub shown: Option<i32>,
    /// What it is for readers, where they have an earlier version.
    pub label: Label,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum PublishError {
    InTheTrash,
    IsTemplate,
    NewerVersion,
    /// Readers have the newest version, or none, so that there is nothing to correct.
    NothingToCorrect,
    /// Readers have the newest version, or will.
    NothingToSubmit,
    /// The renderer refuses the text, with this sentence.
    Unrenderable(Message),
    #[error(transparent)]
    Save(#[from] SaveError),
    /// No thread was free to render it.
    #[error(transparent)]
    Rendering(Error),
}

impl PublishError {
    pub fn message(&self) -> Message {
        match self {
            PublishError::InTheTrash => text::posts_in_the_trash(),
            PublishError::IsTemplate => text::posts_is_a_template(),
            PublishError::NewerVersion => text::posts_newer_version(),
            PublishError::NothingToSubmit => text::posts_nothing_to_submit(),
            PublishError::NothingToCorrect => text::posts_nothing_to_correct(),
            PublishError::Unrenderable(message) => message.clone(),
            PublishError::Save(refused) => refused.message(),
            PublishError::Rendering(error) => error.message(),
        }
    }
}

impl From<DbError> for PublishError {
    fn from(error: DbError) -> Self {
        PublishError::Save(error.into())
    }
}

/// A post that readers see.
pub struct Published {
    pub path: String,
    /// They saw an earlier text of it before.
    pub is_update: bool,
}

/// Makes the newest revision public.
///
/// # Errors
///
/// Then nothing is changed.
pub async fn publish(
    db: &Db,
    actor: &Actor,
    request: PublishRequest,
) -> Result<Published, PublishError> {
    let Prepared {
        mut tx,
        post,
        version,
        draft,
        rendered,
    } = prepare_to_publish(db, actor, request).await?;
    if post.status == Status::Published && !post.has_unpublished_changes() {
        // A second click, or the Back button: it is out already.
        return Ok(Published {
            path: post.path(),
            is_update: false,
        });
    }
    actor.joins(post.transaction_id);
    tx.belongs_to(actor);
    let text = (&draft, &rendered);
    let path = update(&mut tx, &post, (version, request.label), text, actor).await?;
    tx.commit().await?;
    Ok(Published {
        path,
        is_update: post.status == Status::Published,
    })
}

/// A post that is held, with its newest revision as it was rendered.
pub(super) struct Prepared {
    pub tx: Tx,
    pub post: PostRow,
    pub version: i32,
    pub draft: Draft,
    pub rendered: Rendered,
}

/// Renders the newest revision, then holds the post: a save that came in between is told of.
///
/// # Errors
///
/// Where the actor may not change the post, or it cannot be public as it is.
pub(super) async fn prepare_to_publish(
    db: &Db,
    actor: &Actor,
    request: PublishRequest,
) -> Result<Prepared, PublishError> {
    let id = request.id;
    let newest = db
        .ask_fresh(async |conn| queries::newest_of(conn, id).await)
        .await?;
    let Newest {
        version,
        draft,
        site_typography,
    } = newest.ok_or(SaveError::NotFound)?;
    let rendered = draft::render_draft(&draft, &site_typography)
        .await
        .map_err(PublishError::Rendering)?;
    let mut tx = db.begin().await?;
    let locked = lock_noted(&mut tx, id).await?;
    let post = publishable(locked, actor)?;
    let rendered = rendered.map_err(PublishError::Unrenderable)?;
    if post.deleted_at.is_some() {
        return Err(PublishError::InTheTrash);
    }
    if post.is_template {
        return Err(PublishError::IsTemplate);
    }
    if post.version != request.shown.unwrap_or(version) || post.version != version {
        return Err(PublishError::NewerVersion);
    }
    Ok(Prepared {
        tx,
        post,
        version,
        draft,
        rendered,
    })
}

impl Published {
    /// The address at which the page says so: it holds both sentences for all readers, and shows the one that is its target.
    pub fn landing(&self) -> String {
        let said = if self.is_update { UPDATED } else { PUBLISHED };
        format!("{}#{said}", self.path)
    }
}

/// Makes `draft`, which is revision `version` of the locked post, public, as such a change; gives its path.
pub(super) async fn update(
    tx: &mut Tx,
    post: &PostRow,
    (version, label): (i32, Label),
    text: (&Draft, &Rendered),
    actor: &Actor,
) -> Result<String, SaveError> {
    let step = Step {
        version,
        saves: None,
        publishes: Some(None),
        label,
    };
    take_step(tx, post, text, step, actor).await
}

/// Makes `draft`, which is revision `version` of the locked post, public; gives its path.
///
/// `at`: when it counts as published; kept when it was published before. `None` is now.
pub async fn publish_revision(
    tx: &mut Tx,
    post: &PostRow,
    version: i32,
    text: (&Draft, &Rendered),
    at: Option<DateTime<Utc>>,
    actor: &Actor,
) -> Result<String, SaveError> {
    let step = Step {
        version,
        saves: None,
        publishes: Some(at),
        label: Label::Update,
    };
    take_step(tx, post, text, step, actor).await
}

/// Saves the first text of a post that was made in this transaction, and makes it public as of `at`: what a save and a
/// publication write, at once.
pub async fn publish_new(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    rendered: &Rendered,
    at: Option<DateTime<Utc>>,
    actor: &Actor,
) -> Result<String, SaveError> {
    let step = Step {
        version: post.version + 1,
        saves: Some(Sequel::default()),
        publishes: Some(at),
        label: Label::Update,
    };
    take_step(tx, post, (draft, rendered), step, actor).await
}

/// Makes a state of a locked post public, of which nothing has been looked up yet.
async fn take_step(
    tx: &mut Tx,
    post: &PostRow,
    (draft, rendered): (&Draft, &Rendered),
    step: Step,
    actor: &Actor,
) -> Result<String, SaveError> {
    let found = queries::find(tx, post, draft, rendered).await?;
    make_public(tx, post, (draft, rendered), &found, step, actor).await
}

/// One more state of a locked post, which readers get from now on.
pub(super) async fn make_public(
    tx: &mut Tx,
    post: &PostRow,
    (draft, rendered): (&Draft, &Rendered),
    found: &Found,
    step: Step,
    actor: &Actor,
) -> Result<String, SaveError> {
    if !draft.is_visible(rendered) {
        return Err(SaveError::Empty);
    }
    let named = byline::look_up(tx, post, draft, actor).await?;
    let path = listing::relist(tx, post, async |tx| {
        let path = revision::apply(tx, post, (draft, rendered), found, step, actor).await?;
        byline::write(tx, post, &named, actor).await?;
        Ok::<_, SaveError>(path)
    })
    .await?;
    record(tx, post, (draft, step), actor).await?;
    Ok(path)
}

async fn record(
    tx: &mut Tx,
    post: &PostRow,
    (draft, step): (&Draft, Step),
    actor: &Actor,
) -> Result<(), DbError> {
    if step.saves.is_some() {
        revision::record(tx, post, draft, step.version, actor).await?;
    }
    let entry = Entry {
        act: act(post.status),
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &draft.title,
        after: Some(json!({ "version": step.version })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

fn act(before: Status) -> &'static str {
    match before {
        Status::Published => "post.update",
        Status::Draft | Status::Scheduled => "post.publish",
    }
}
