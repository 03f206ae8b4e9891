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
use super::queries;
use super::queries::Snapshot;
use crate::db::cluster::{history, position};
use crate::db::{CHANNEL, CacheTag, Db, Position};
use crate::jitter;

/// Polled this often even without a notification.
const POLL: Duration = Duration::from_secs(1);
/// An answer that takes longer is none.
const ANSWER: Duration = Duration::from_millis(500);
/// Round trips of a new connection and of what is asked first on it.
const CONNECTING: u32 = 16;
/// Between attempts to connect.
const RECONNECT: Duration = Duration::from_millis(250);
/// Rows are kept for a day. A node that was disconnected for half of one starts with an empty cache.
const REMEMBERED: Duration = Duration::from_secs(12 * 3600);

/// Follows the table until the process ends, as the node with this id; `name` is shown to authors.
pub async fn run(db: Db, cache: Cache, node: Uuid, name: String) {
    let feed = cache.feed();
    feed.runs.store(true, Ordering::Relaxed);
    let mut place = FeedPosition {
        node,
        name,
        since: None,
        unacknowledged: Vec::new(),
        alive: None,
        system: None,
        timeline: None,
    };
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

/// How far this node has read.
struct FeedPosition {
    node: Uuid,
    name: String,
    /// What was seen already; none before the first round.
    since: Option<Snapshot>,
    /// Take-downs that were applied and are not yet acknowledged.
    unacknowledged: Vec<i64>,
    /// When this node last said that it lives.
    alive: Option<Instant>,
    system: Option<i64>,
    timeline: Option<u32>,
}

/// Reads on over one connection until it fails.
async fn read_on(
    db: &Db,
    cache: &Cache,
    place: &mut FeedPosition,
    told: &mut bool,
) -> anyhow::Result<std::convert::Infallible> {
    let mut conn =
        tokio::time::timeout(db.allow(2 * ANSWER, CONNECTING), db.direct("invalidations"))
            .await
            .context("no connection in time")??;
    let mut listener = listen(db).await?;
    let system = within(db, history::system_identifier(&mut conn)).await?;
    let missed = cache.feed().age().is_none_or(|age| age > REMEMBERED);
    if missed || place.system.is_some_and(|known| Some(known) != system) {
        place.since = None;
    }
    place.system = system;
    if let Some(system) = system {
        remove_foreign(db, cache, &mut conn, system).await?;
    }
    loop {
        let began = Instant::now();
        poll(db, cache, place, &mut conn).await?;
        cache.feed().heard.send_replace(Some(began));
        if std::mem::take(told) {
            tracing::warn!("invalidation feed recovered");
        }
        answer(db, place, &mut conn).await;
        tokio::select! {
            // A channel that broke is opened again by the next call here; until then the clock is enough.
            call = listener.try_recv() => { call.context("the channel of invalidations cannot be opened again")?; }
            () = cache.feed().poll_now.notified() => {}
            () = tokio::time::sleep(jitter::around(POLL, 0.2)) => {}
        }
    }
}

async fn listen(db: &Db) -> anyhow::Result<PgListener> {
    let pool = db.one_connection("listen")?;
    let listener = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    Ok(
        tokio::time::timeout(db.allow(2 * ANSWER, CONNECTING), listener)
            .await
            .context("no channel in time")??,
    )
}

async fn within<T>(
    db: &Db,
    answer: impl Future<Output = crate::db::Result<T>>,
) -> anyhow::Result<T> {
    Ok(tokio::time::timeout(db.allow(ANSWER, 4), answer)
        .await
        .context("no answer in time")??)
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
        if within(
            db,
            queries::acknowledge(conn, place.node, &place.unacknowledged),
        )
        .await
        .is_ok()
        {
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

/// Applies what is new.
async fn poll(
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
        let rows = within(db, queries::remove_future(conn)).await?;
        cache.counters().foreign.add(rows);
        tracing::warn!(
            rows,
            "changes of transactions that have not begun yet are removed: they came with a dump of another cluster"
        );
    }
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
    Ok(())
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
