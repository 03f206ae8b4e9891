//! What is done for posts and tags outside requests.

use serde::{Deserialize, Serialize};

use crate::db::{Db, Result};
use crate::features::posts::{queries, tag_name};
use crate::jobs::{Job, Kind};

const BATCH: i64 = 1000;

/// Fills in the keys of tags that the release before made: those that were there when this release came, and those that its
/// nodes go on making while they serve beside this one. Until then a save finds them by their addresses.
#[derive(Debug, Serialize, Deserialize)]
pub struct NameTags {}

impl Job for NameTags {
    const KIND: Kind = Kind::named("tags.name");
}

/// In transactions that stay short, however many there are. Of two tags with one name the older one gets the key; the other
/// keeps its posts and its address until an admin merges the two.
pub async fn name_tags(db: &Db) -> Result<()> {
    let mut after = 0;
    loop {
        let mut tx = db.begin().await?;
        let rows = queries::unnamed_tags(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|(id, _)| *id) else { return Ok(()) };
        let (ids, keys): (Vec<i64>, Vec<String>) = rows.into_iter().map(|(id, name)| (id, tag_name::key_of(&name))).unzip();
        queries::name_tags(&mut tx, &ids, &keys).await?;
        tx.commit().await?;
        after = last;
    }
}
