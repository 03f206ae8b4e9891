//! The job: one process at a time, in slices of seconds, each of which asks for the next.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::batch::{Batch, Place};
use super::{attempts, comments, posts, progress, queries};
use crate::db::{Db, DbError, Priority, Result, public_id, with_priority};
use crate::jobs::{self, Ids, Job, JobSpec, Lease, enqueue_once};
use crate::markdown::RENDERER_VERSION;

/// What one process does at a time. `masthead doctor` finds the job by its kind.
const LEASE: &str = "texts.render";
/// Shorter than what a stop waits for.
const SLICE: Duration = Duration::from_secs(5);
/// After so long the next run looks at what this one left.
const NEXT_RUN: Duration = Duration::from_secs(3);
/// When the database has too much to do.
const PAUSE: Duration = Duration::from_secs(1);

/// Renders again what an older renderer made, from where the slice before has come to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RenderAgain {
    /// The renderer that the rest was counted for: another one begins again.
    renderer_version: i32,
    /// None when all are done.
    posts: Option<Place>,
    comments: Option<Place>,
    /// Texts that are left, as far as they were counted.
    left: i64,
}

impl Job for RenderAgain {
    // A slice may end with a text that takes minutes on a busy machine.
    const SPEC: JobSpec = JobSpec {
        time_limit: Duration::from_secs(600),
        max_attempts: 5,
        ..JobSpec::named("texts.render")
    };
}

impl RenderAgain {
    /// From the beginning, whatever the renderer.
    pub const ALL: RenderAgain = RenderAgain {
        renderer_version: 0,
        posts: None,
        comments: None,
        left: 0,
    };
}

/// Asks for the job where there is something to do: at the start of a process, since the release before may have made
/// everything that there is.
pub async fn ask(db: &Db) -> Result<()> {
    if queries::is_left(&mut *db.fresh().await?, RENDERER_VERSION).await? {
        enqueue(db, &RenderAgain::ALL).await?;
    }
    Ok(())
}

pub(super) async fn enqueue(db: &Db, job: &RenderAgain) -> Result<()> {
    let mut tx = db.begin().await?;
    enqueue_once(&mut tx, job, ids()).await?;
    tx.commit().await
}

fn ids() -> Ids {
    Ids {
        correlation_id: Some(public_id()),
        transaction_id: None,
    }
}

/// One slice of it.
pub async fn run(db: &Db, job: RenderAgain) -> anyhow::Result<()> {
    if !queries::is_left(&mut *db.fresh().await?, RENDERER_VERSION).await? {
        progress::left(0);
        return Ok(());
    }
    let Some(mut lease) = Lease::take(db, LEASE).await? else {
        return Ok(());
    };
    let mut job = of_this_version(db, job).await?;
    let more = with_priority(Priority::Bot, Box::pin(slice(db, &mut lease, &mut job))).await?;
    if !more {
        attempts::forget(db).await?;
    }
    lease.end().await?;
    if more {
        enqueue(db, &job).await?;
    } else {
        ask_later(db).await?;
    }
    Ok(())
}

/// What was marked behind the place of a run that had begun, or was being saved, is for the next one.
async fn ask_later(db: &Db) -> Result<()> {
    if !queries::is_left(&mut *db.fresh().await?, RENDERER_VERSION).await? {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    jobs::enqueue(&mut tx, &RenderAgain::ALL, ids(), NEXT_RUN).await?;
    tx.commit().await
}

async fn of_this_version(db: &Db, job: RenderAgain) -> Result<RenderAgain> {
    if job.renderer_version == RENDERER_VERSION {
        return Ok(job);
    }
    let left = queries::left(&mut *db.fresh().await?, RENDERER_VERSION).await?;
    let start = Some(Place::START);
    Ok(RenderAgain {
        renderer_version: RENDERER_VERSION,
        posts: start,
        comments: start,
        left: left.posts + left.comments,
    })
}

/// Whether there is more to do. What another transaction held, or an older node saves behind this place, is for the next run.
async fn slice(db: &Db, lease: &mut Lease, job: &mut RenderAgain) -> anyhow::Result<bool> {
    let begun = Instant::now();
    let mut sum = Batch::NONE;
    let mut more = true;
    while more && begun.elapsed() < SLICE {
        let began = Instant::now();
        match next(db, lease, job).await {
            Ok(Some(batch)) => {
                note(&mut sum, &batch, job);
                // Readers come first: half of the time belongs to them alone.
                tokio::time::sleep(began.elapsed()).await;
            }
            Ok(None) => more = false,
            Err(error) if is_overloaded(&error) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    tell(&sum, job.left);
    Ok(more)
}

fn tell(sum: &Batch, left: i64) {
    tracing::info!(
        rendered = sum.rendered,
        changed = sum.changed,
        refused = sum.refused,
        left,
        "rendered again what an older version had rendered"
    );
}

/// The next texts below the place that the job has come to. Nothing where there are none.
async fn next(db: &Db, lease: &mut Lease, job: &mut RenderAgain) -> anyhow::Result<Option<Batch>> {
    if let Some(place) = job.posts {
        let batch = posts::batch(db, lease, place).await?;
        job.posts = batch.map(|batch| batch.last);
        if batch.is_some() {
            return Ok(batch);
        }
    }
    let Some(place) = job.comments else {
        return Ok(None);
    };
    let batch = comments::batch(db, lease, place).await?;
    job.comments = batch.map(|batch| batch.last);
    Ok(batch)
}

fn note(sum: &mut Batch, batch: &Batch, job: &mut RenderAgain) {
    sum.rendered += batch.rendered;
    sum.changed += batch.changed;
    sum.refused += batch.refused;
    job.left = (job.left - i64::try_from(batch.read).unwrap_or(0)).max(0);
    progress::done(batch.rendered);
    progress::left(job.left);
}

fn is_overloaded(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<DbError>(), Some(DbError::Overloaded))
}
