//! Letting jobs begin again that failed as often as they may ([`retry_jobs`], the whole act).

use serde_json::json;

use crate::access::{Action, Actor, Resource};
use crate::db::Db;
use crate::db::audit::{self, Entry};
use crate::jobs;
use crate::web::Result;

/// The one with this number, or all where none is named; gives how many there were.
///
/// # Errors
///
/// Where the actor may not manage the site, or the database does not answer.
pub async fn retry_jobs(db: &Db, actor: &Actor, id: Option<i64>) -> Result<u64> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    let count = match id {
        None => jobs::retry_all(&mut tx).await?,
        Some(id) => u64::from(jobs::retry(&mut tx, id).await?),
    };
    if count > 0 {
        let entry = Entry {
            act: "job.retry",
            object_kind: "job",
            after: Some(json!({ "id": id, "count": count })),
            ..Entry::default()
        };
        audit::record(&mut tx, actor, entry).await?;
        tx.wake_workers();
    }
    tx.commit().await?;
    Ok(count)
}
