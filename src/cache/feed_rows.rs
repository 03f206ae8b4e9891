//! Applies the changes of other nodes, row by row, or gives all pages up and begins with the present where rows may be missing.

use sqlx::postgres::PgConnection;

use super::Cache;
use super::feed_connection::within;
use super::feed_position::FeedPosition;
use super::queries;
use super::queries::Batch;
use crate::db::cluster::position;
use crate::db::{CacheTag, Db, Position};

/// Applies what is new.
pub(super) async fn poll(
    db: &Db,
    cache: &Cache,
    place: &mut FeedPosition,
    conn: &mut PgConnection,
) -> anyhow::Result<()> {
    let Some(since) = &place.since else {
        return begin(db, cache, place, conn).await;
    };
    let batch = within(db, queries::batch(conn, since)).await?;
    // Another timeline is another history: what was read on the old one may never have happened.
    if batch.next.oldest() < since.oldest() || place.timeline != Some(batch.position.timeline) {
        return begin(db, cache, place, conn).await;
    }
    if batch.foreign {
        remove_future(db, cache, conn).await?;
    }
    apply(db, cache, place, batch);
    Ok(())
}

async fn remove_future(db: &Db, cache: &Cache, conn: &mut PgConnection) -> anyhow::Result<()> {
    let rows = within(db, queries::remove_future(conn)).await?;
    cache.counters().foreign.add(rows);
    tracing::warn!(
        rows,
        "changes of transactions that have not begun yet are removed: they came with a dump of another cluster"
    );
    Ok(())
}

fn apply(db: &Db, cache: &Cache, place: &mut FeedPosition, batch: Batch) {
    for row in batch.rows {
        if row.gone {
            place.unacknowledged.push(row.id);
        }
        if !db.invalidations().was_bumped(row.id) {
            bump(db, row, batch.position);
            cache.counters().invalidations.one();
        }
    }
    place.since = Some(batch.next);
}

fn bump(db: &Db, row: queries::Row, position: Position) {
    let tags = CacheTag::of_row(row.tags);
    let (changed, taken): (&[CacheTag], &[CacheTag]) =
        if row.gone { (&[], &tags) } else { (&tags, &[]) };
    db.invalidations()
        .versions
        .bump(changed.iter(), taken.iter(), Some(position));
}

/// Starts from the present: what was read before is not known to be good.
async fn begin(
    db: &Db,
    cache: &Cache,
    place: &mut FeedPosition,
    conn: &mut PgConnection,
) -> anyhow::Result<()> {
    let now = within(db, queries::snapshot(conn)).await?;
    let position = within(db, position::now(conn)).await?;
    place.timeline = Some(position.timeline);
    if cache.feed().age().is_some() {
        cache.counters().flushes.one();
        tracing::warn!("changes may have been missed: every copy is given up");
    }
    place.since = Some(now);
    // After the snapshot: pages that are read from now on see everything in it.
    db.invalidations().reset(Some(position));
    Ok(())
}
