//! What is done for posts and tags outside requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::db::audit::{self, Entry};
use crate::db::{Db, Result};
use crate::features::posts::note_publication::{NotePublication, Noted, note_publication};
use crate::features::posts::{cache_tags, queries, tag_changes, tag_name};
use crate::jobs::{Job, JobSpec};

const BATCH: i64 = 1000;

/// A post that was scheduled again, for later, is left to the job of that time.
pub async fn note_planned(db: &Db, job: NotePublication) -> Result<()> {
    note_publication(db, job.post).await?;
    Ok(())
}

/// Notes what no job has noted in time: each minute, so that a queue that stood still, or lost a job, is made up for.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteMissedPublications {}

impl Job for NoteMissedPublications {
    const SPEC: JobSpec = JobSpec::named("posts.note_missed_publications");
}

pub async fn note_missed_publications(db: &Db) -> Result<()> {
    let due = db
        .ask_fresh(async |conn| queries::due_posts(conn, BATCH).await)
        .await?;
    for post in due {
        let noted = note_publication(db, post).await?;
        if noted == Noted::Now {
            tracing::warn!(post = %post, "a scheduled post was public before a job had noted it");
        }
    }
    Ok(())
}

/// Empties the trash of what has lain there for thirty days, and thins the versions that no reader has seen.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteOld {}

impl Job for DeleteOld {
    const SPEC: JobSpec = JobSpec {
        time_limit: Duration::from_secs(600),
        ..JobSpec::named("posts.delete_old")
    };
}

/// A post can have comments by the thousand, which go with it.
const POSTS_AT_ONCE: i64 = 10;

/// In transactions that stay short, however much there is.
pub async fn delete_old(db: &Db) -> Result<()> {
    // Neither waits for the other.
    let emptied = empty_trash(db).await;
    thin_versions(db).await?;
    emptied
}

async fn empty_trash(db: &Db) -> Result<()> {
    loop {
        let actor = Actor::command("trash");
        let mut tx = db.begin().await?;
        tx.allow_long_work().await?;
        tx.belongs_to(&actor);
        let deleted = queries::delete_old_trash(&mut tx, POSTS_AT_ONCE).await?;
        for post in &deleted {
            let entry = Entry {
                act: "post.delete",
                object_kind: &post.kind,
                object_id: Some(post.public_id),
                object: &post.title,
                ..Entry::default()
            };
            audit::record(&mut tx, &actor, entry).await?;
        }
        tx.commit().await?;
        if deleted.is_empty() {
            return Ok(());
        }
    }
}

async fn thin_versions(db: &Db) -> Result<()> {
    let last = db
        .ask_fresh(async |conn| queries::last_post(conn).await)
        .await?;
    let mut from = 0;
    while from < last {
        let to = from + BATCH;
        let mut tx = db.begin().await?;
        tx.allow_long_work().await?;
        queries::thin_versions(&mut tx, from, to).await?;
        tx.commit().await?;
        from = to;
    }
    Ok(())
}

/// Fills in the keys of tags that the release before made: those that were there when this release came, and those that its
/// nodes go on making while they serve beside this one. Until then a save finds them by their addresses.
#[derive(Debug, Serialize, Deserialize)]
pub struct NameTags {}

impl Job for NameTags {
    const SPEC: JobSpec = JobSpec::named("tags.name");
}

/// All of it.
pub async fn keep_tags(db: &Db) -> Result<()> {
    name_tags(db).await?;
    settle_strays(db).await
}

/// In transactions that stay short, however many there are. Of two tags with one name the older one gets the key; the other
/// keeps its posts and its address until an admin merges the two.
pub async fn name_tags(db: &Db) -> Result<()> {
    let mut after = 0;
    loop {
        let mut tx = db.begin().await?;
        let rows = queries::unnamed_tags(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|(id, _)| *id) else {
            return Ok(());
        };
        let (ids, keys): (Vec<i64>, Vec<String>) = rows
            .into_iter()
            .map(|(id, name)| (id, tag_name::key_of(&name)))
            .unzip();
        queries::name_tags(&mut tx, &ids, &keys).await?;
        tx.commit().await?;
        after = last;
    }
}

/// Gives posts that former names of tags have got to the tags that these mean.
pub async fn settle_strays(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    let strays = queries::strays(&mut tx, BATCH).await?;
    tx.commit().await?;
    for slug in strays {
        let mut tx = db.begin().await?;
        if let Some((former, present)) = queries::lock_former(&mut tx, &slug).await? {
            tag_changes::invalidate(&mut tx, &former).await?;
            queries::move_tagged(&mut tx, former.id, present.id).await?;
            cache_tags::invalidate_topic(&mut tx, &present.slug);
        }
        tx.commit().await?;
    }
    Ok(())
}
