//! The job that follows a changed choice of typography: marks what was rendered under another one, in slices of seconds, and asks
//! for the rendering.

use std::time::{Duration, Instant};

use super::job::{self, RenderAgain};
use super::queries::{self, Looked};
use crate::db::{Db, Priority, Result, public_id, with_priority};
use crate::features::site::StaleTypography;
use crate::jobs::{Ids, enqueue};

/// Shorter than what a stop waits for.
const SLICE: Duration = Duration::from_secs(5);

/// Longer than a save takes from its first question to its commit.
const SECOND_LOOK: Duration = Duration::from_secs(60);

/// One slice of it.
///
/// # Errors
///
/// When the database refuses or is gone: it is tried again.
pub async fn run(db: &Db, job: StaleTypography) -> anyhow::Result<()> {
    let rest = with_priority(Priority::Bot, Box::pin(slice(db, job))).await?;
    if let Some(rest) = rest {
        return Ok(ask(db, rest, Duration::ZERO).await?);
    }
    if let Some(second) = job.second() {
        ask(db, second, SECOND_LOOK).await?;
    }
    Ok(job::enqueue(db, &RenderAgain::ALL).await?)
}

/// What is left; none where everything was looked at.
async fn slice(db: &Db, mut job: StaleTypography) -> Result<Option<StaleTypography>> {
    let begun = Instant::now();
    while job.posts.is_some() || job.comments.is_some() {
        if begun.elapsed() > SLICE {
            return Ok(Some(job));
        }
        if let Some(below) = job.posts {
            job.posts = posts(db, below).await?;
        } else if let Some(below) = job.comments {
            job.comments = comments(db, below, job.under).await?;
        }
    }
    Ok(None)
}

/// Marks the next posts; gives the last one that was looked at, where there was any.
async fn posts(db: &Db, below: i64) -> Result<Option<i64>> {
    let looked = queries::look_at_posts(&mut *db.fresh().await?, below).await?;
    let others = others(&looked);
    if !others.is_empty() {
        let mut tx = db.begin().await?;
        queries::mark_posts(&mut tx, &others).await?;
        tx.commit().await?;
    }
    Ok(looked.iter().map(|text| text.id).min())
}

/// As [`posts`], with comments: all of them, or those under a post.
async fn comments(db: &Db, below: i64, under: Option<i64>) -> Result<Option<i64>> {
    let mut conn = db.fresh().await?;
    let looked = match under {
        Some(post) => queries::look_under_post(&mut conn, below, post).await?,
        None => queries::look_at_comments(&mut conn, below).await?,
    };
    drop(conn);
    let others = others(&looked);
    if !others.is_empty() {
        let mut tx = db.begin().await?;
        queries::mark_comments(&mut tx, &others).await?;
        tx.commit().await?;
    }
    Ok(looked.iter().map(|text| text.id).min())
}

fn others(looked: &[Looked]) -> Vec<i64> {
    let others = looked.iter().filter(|text| text.is_other);
    others.map(|text| text.id).collect()
}

async fn ask(db: &Db, job: StaleTypography, delay: Duration) -> Result<()> {
    let mut tx = db.begin().await?;
    let ids = Ids {
        correlation_id: Some(public_id()),
        transaction_id: None,
    };
    enqueue(&mut tx, &job, ids, delay).await?;
    tx.commit().await
}
