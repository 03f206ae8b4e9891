//! Reads what other nodes changed. Every process that serves runs one [`run`].
//!
//! The truth is the table `cache_invalidations`, which is polled once a second; NOTIFY only shortens the wait. A node
//! remembers which transactions it could see, not the highest id: ids become visible in the order of commits, and going
//! on behind the highest one would skip a transaction that commits late.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use sqlx::postgres::{PgConnection, PgListener};
use uuid::Uuid;

use super::Cache;
use super::feed_connection::{connect, listen, within};
use super::feed_position::FeedPosition;
use super::feed_rows::poll;
use super::queries;
use crate::db::Db;
use crate::db::cluster::history;
use crate::jitter;

/// Polled this often even without a notification.
const POLL: Duration = Duration::from_secs(1);
/// Between attempts to connect.
const RECONNECT: Duration = Duration::from_millis(250);
/// Rows are kept for a day. A node that was disconnected for half of one starts with an empty cache.
const REMEMBERED: Duration = Duration::from_secs(12 * 3600);

/// Follows the table until the process ends, as the node with this id; `name` is shown to authors.
pub async fn run(db: Db, cache: Cache, node: Uuid, name: String) {
    let feed = cache.feed();
    feed.runs.store(true, Ordering::Relaxed);
    let mut place = FeedPosition::at_start(node, name);
    let mut told = false;
    loop {
        let Err(error) = read_on(&db, &cache, &mut place, &mut told).await;
        if !told {
            tracing::error!(error = format!("{error:#}"), "invalidation feed lost");
            cache.counters().feed_disconnects.one();
            told = true;
        }
        tokio::time::sleep(jitter::around(RECONNECT, 0.5)).await;
    }
}

/// Reads on over one connection until it fails.
async fn read_on(
    db: &Db,
    cache: &Cache,
    place: &mut FeedPosition,
    told: &mut bool,
) -> anyhow::Result<std::convert::Infallible> {
    let mut conn = connect(db).await?;
    let mut listener = listen(db).await?;
    note_system(db, cache, place, &mut conn).await?;
    loop {
        let began = Instant::now();
        poll(db, cache, place, &mut conn).await?;
        cache.feed().heard.send_replace(Some(began));
        if std::mem::take(told) {
            tracing::warn!("invalidation feed recovered");
        }
        answer(db, place, &mut conn).await;
        wait(cache, &mut listener).await?;
    }
}

/// Which cluster the database is of. Rows of another one, and those of too long ago, say nothing of what is in memory.
async fn note_system(
    db: &Db,
    cache: &Cache,
    place: &mut FeedPosition,
    conn: &mut PgConnection,
) -> anyhow::Result<()> {
    let system = within(db, history::system_identifier(conn)).await?;
    let missed = cache.feed().age().is_none_or(|age| age > REMEMBERED);
    if missed || place.system.is_some_and(|known| Some(known) != system) {
        place.since = None;
    }
    place.system = system;
    if let Some(system) = system {
        remove_foreign(db, cache, conn, system).await?;
    }
    Ok(())
}

/// Until the next poll.
async fn wait(cache: &Cache, listener: &mut PgListener) -> anyhow::Result<()> {
    tokio::select! {
        // A channel that broke is opened again by the next call here; until then the clock is enough.
        call = listener.try_recv() => { call.context("the channel of invalidations cannot be opened again")?; }
        () = cache.feed().poll_now.notified() => {}
        () = tokio::time::sleep(jitter::around(POLL, 0.2)) => {}
    }
    Ok(())
}

/// Says that this node lives and which take-downs it has carried out. A database that takes no writes just now does not
/// keep it from reading on; what is not said now is said the next time.
async fn answer(db: &Db, place: &mut FeedPosition, conn: &mut PgConnection) {
    let due = place
        .alive
        .is_none_or(|at| at.elapsed() > POLL.mul_f64(0.7));
    if (due || !place.unacknowledged.is_empty())
        && within(db, queries::heartbeat(conn, place.node, &place.name))
            .await
            .is_ok()
    {
        place.alive = Some(Instant::now());
        let done = queries::acknowledge(conn, place.node, &place.unacknowledged);
        if within(db, done).await.is_ok() {
            place.unacknowledged.clear();
        }
    }
}

/// A database that came from another cluster keeps nothing of it.
async fn remove_foreign(
    db: &Db,
    cache: &Cache,
    conn: &mut PgConnection,
    system: i64,
) -> anyhow::Result<()> {
    if let Some(removed) = within(db, queries::remove_foreign(conn, system)).await? {
        cache.counters().foreign.add(removed.rows);
        tracing::warn!(
            from = removed.from,
            system,
            rows = removed.rows,
            "the database is a copy of another cluster's: rows that mean something only there are removed"
        );
    }
    Ok(())
}

/// Takes this node off the list, so that no take-down waits for its acknowledgement.
pub async fn leave(db: &Db, node: Uuid) -> crate::db::Result<()> {
    let mut tx = db.begin().await?;
    queries::leave(&mut tx, node).await?;
    tx.commit().await
}

/// Takes all other nodes off the list. For a database that one process alone can serve: what stands there besides it was
/// left by processes that were killed, and every take-down would name them for minutes as not having acknowledged it.
pub async fn forget_other_nodes(db: &Db, node: Uuid) -> crate::db::Result<()> {
    let mut tx = db.begin().await?;
    queries::forget_other_nodes(&mut tx, node).await?;
    tx.commit().await
}
