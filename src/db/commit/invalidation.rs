//! Invalidation: a transaction that changes what readers see says so. The verb that writes names the tags
//! ([`Tx::invalidate`], [`Tx::purge`]), and [`Tx::commit`] does the rest, so that no caller of a verb can forget it.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::Either;
use tokio::sync::Notify;
use uuid::Uuid;

use super::cache_tag::CacheTag;
use super::pinned;
use super::pinned::PinnedCommit;
use super::take_down;
use super::token::{CommitToken, Outcome};
use super::versions::TagVersions;
use crate::access::Actor;
use crate::db::cluster::pool::Conn;
use crate::db::cluster::position;
use crate::db::cluster::position::Position;
use crate::db::{Db, DbError, Result, Tx, is_away, public_id};
use crate::metrics::Scrape;

/// The channel on which nodes wake each other. Only a shortcut: they also poll by themselves.
pub const CHANNEL: &str = "masthead_invalidations";

/// At most so many wake-ups a second leave this process, however much it writes. A NOTIFY takes a lock of the whole
/// cluster while its transaction commits, so it never travels in the writing transaction itself.
const WAKE_UPS: Duration = Duration::from_millis(50);

/// The cache tags that a transaction has invalidated so far.
#[derive(Clone, Debug, Default)]
pub struct InvalidatedTags {
    /// Edited: copies are old.
    pub changed: BTreeSet<CacheTag>,
    /// Taken down: copies must not be shown again.
    pub gone: BTreeSet<CacheTag>,
    /// Business action and request, for the purge status and for jobs.
    pub transaction_id: Option<Uuid>,
    /// The request that caused it.
    pub correlation_id: Option<Uuid>,
}

impl InvalidatedTags {
    /// Whether readers see nothing differently.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }

    pub(in crate::db) fn add(&mut self, other: InvalidatedTags) {
        self.changed.extend(other.changed);
        self.gone.extend(other.gone);
    }

    /// The tags; what they belong to stays.
    pub(in crate::db) fn take_tags(&mut self) -> InvalidatedTags {
        let (changed, gone) = (
            std::mem::take(&mut self.changed),
            std::mem::take(&mut self.gone),
        );
        InvalidatedTags {
            changed,
            gone,
            ..InvalidatedTags::default()
        }
    }
}

/// Work that goes into every transaction that invalidated something, before it commits: the purge of shared caches.
pub type Outbox = for<'a> fn(&'a mut Tx, &'a InvalidatedTags) -> BoxFuture<'a, Result<()>>;

/// The invalidations that this process knows: its own at once, those of other nodes as the feed reads them.
#[derive(Default)]
pub struct Invalidations {
    /// When each tag was last changed.
    pub versions: TagVersions,
    /// Rows of this process whose tag versions are bumped already.
    bumped: Mutex<HashSet<i64>>,
    unnotified: AtomicBool,
    notify: Notify,
    pub(in crate::db) pinned: pinned::Waiting,
}

impl Invalidations {
    /// Whether this process wrote a row of the table and has bumped its tag versions; asked once for each row. False while a
    /// commit is still under way: then the reader of the row bumps them first.
    pub fn was_bumped(&self, id: i64) -> bool {
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .remove(&id)
    }

    /// Gives everything up: what happened before `position` is not known.
    pub fn reset(&self, position: Option<Position>) {
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .clear();
        self.versions.bump_all(position);
    }

    pub(in crate::db) fn collect(&self, scrape: &mut Scrape<'_>) {
        self.pinned.collect(self.versions.pinned(), scrape);
    }

    fn bump(&self, invalidated: &InvalidatedTags, rows: Vec<i64>, position: Position) {
        self.versions.bump(
            invalidated.changed.iter(),
            invalidated.gone.iter(),
            Some(position),
        );
        self.bumped
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .extend(rows);
    }

    fn notify(&self) {
        self.unnotified.store(true, Ordering::Release);
        self.notify.notify_one();
    }
}

tokio::task_local! {
    /// The newest position that a request has written up to.
    static WRITTEN: Cell<Option<Position>>;
}

/// Runs the work of a request, and says up to where it has changed what readers see, if it has.
pub async fn tracking_writes<F: Future>(work: F) -> (F::Output, Option<Position>) {
    WRITTEN
        .scope(Cell::new(None), async {
            let output = work.await;
            (output, WRITTEN.with(Cell::get))
        })
        .await
}

/// Commands and jobs have no reader who comes back.
fn wrote(position: Position) {
    let _ = WRITTEN.try_with(|written| written.set(written.get().max(Some(position))));
}

impl Tx {
    /// Names what readers will see differently. Repeating is free.
    pub fn invalidate(&mut self, tags: impl IntoIterator<Item = CacheTag>) {
        self.invalidated.changed.extend(tags);
    }

    /// Names what no reader may see again.
    pub fn purge(&mut self, tags: impl IntoIterator<Item = CacheTag>) {
        self.invalidated.gone.extend(tags);
    }

    /// Names the request and the business action that this transaction is part of: its invalidations, its purges and the
    /// notice about a take-down are found by these ids. Comes before the first [`crate::db::audit::record`].
    pub fn belongs_to(&mut self, actor: &Actor) {
        self.invalidated.transaction_id = Some(actor.transaction_id());
        self.invalidated.correlation_id = Some(actor.correlation_id);
    }

    pub(in crate::db) fn has_origin(&self) -> bool {
        self.invalidated.transaction_id.is_some() && self.invalidated.correlation_id.is_some()
    }

    /// Makes the change last, then invalidates what it changed: on this node before this returns, on others by the
    /// rows that are committed with it. Until this returns, no answer may say that it happened. What was taken down is
    /// waited for: other nodes that are connected have given it up as well, or had a quarter of a second to.
    ///
    /// # Errors
    ///
    /// Nothing happened, or, if the connection was lost and no primary could say in time what became of the commit, it is
    /// not known: verbs are written so that sending the same again does it once.
    pub async fn commit(mut self) -> Result<()> {
        self.join_parts();
        if self.invalidated.gone.is_empty() {
            return self.commit_and_invalidate().await;
        }
        let db = self.db.clone();
        let transaction_id = *self
            .invalidated
            .transaction_id
            .get_or_insert_with(public_id);
        self.commit_and_invalidate().await?;
        take_down::wait_for_nodes(&db, transaction_id).await;
        Ok(())
    }

    async fn commit_and_invalidate(mut self) -> Result<()> {
        if !self.invalidated.is_empty()
            && let Some(outbox) = self.db.outbox
        {
            let invalidated = self.invalidated.clone();
            outbox(&mut self, &invalidated).await?;
        }
        let token = CommitToken::new();
        let left = self.leave_rows(token).await?;
        let Some(conn) = self.conn.take() else {
            return Err(DbError::Refused(sqlx::Error::PoolClosed));
        };
        let (db, invalidated) = (self.db.clone(), std::mem::take(&mut self.invalidated));
        let Some(rows) = left else {
            // It has only read.
            return commit_on(conn, false).await.into_result();
        };
        let wakes_workers = self.wakes_workers;
        // On its own: a browser that hangs up between COMMIT and the tag versions would leave old pages until the feed
        // reads the row.
        let ended = tokio::spawn(async move {
            let enqueued = db.enqueued();
            let ended = end(db, conn, token, invalidated, rows).await;
            if wakes_workers && ended.is_ok() {
                enqueued.notify_one();
            }
            ended
        });
        match ended.await {
            Ok(result) => {
                if let Some(position) = result? {
                    wrote(position);
                }
                Ok(())
            }
            Err(error) => Err(DbError::Refused(sqlx::Error::Io(std::io::Error::other(
                error,
            )))),
        }
    }

    /// What every transaction leaves besides its own rows, in one statement: the audit log, the invalidations, the token by
    /// which the commit can be recognised. Gives the ids of the invalidations; nothing where nothing was written.
    async fn leave_rows(&mut self, token: CommitToken) -> Result<Option<Vec<i64>>> {
        let acts = std::mem::take(&mut self.acts);
        let (changed, gone) = (
            CacheTag::to_row(&self.invalidated.changed),
            CacheTag::to_row(&self.invalidated.gone),
        );
        let writes = !acts.is_empty() || !self.invalidated.is_empty();
        let transaction_id = self.invalidated.transaction_id;
        let left = sqlx::query!(
            r#"with acts as (
                   insert into audit_log (actor_id, actor, act, object_kind, object_id, object, reason, before, after,
                                          correlation_id, transaction_id, client)
                   select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[],
                                        $8::jsonb[], $9::jsonb[], $10::uuid[], $11::uuid[], $17::text[])),
               changes as (
                   insert into cache_invalidations (tags, gone, transaction_id)
                   select change.tags, change.gone, $14 from (values ($12::text[], false), ($13::text[], true)) change (tags, gone)
                   where cardinality(change.tags) > 0
                   returning id),
               mark as (
                   insert into commit_marks (id) select $15 where $16 or pg_current_xact_id_if_assigned() is not null
                   returning id)
               select exists (select from mark) as "marked!", array(select id from changes) as "rows!""#,
            &acts.actor_ids as &[Option<i64>],
            &acts.actors,
            &acts.acts,
            &acts.object_kinds,
            &acts.object_ids as &[Option<Uuid>],
            &acts.objects,
            &acts.reasons,
            &acts.before as &[Option<serde_json::Value>],
            &acts.after as &[Option<serde_json::Value>],
            &acts.correlation_ids,
            &acts.transaction_ids,
            &changed,
            &gone,
            transaction_id,
            token.id(),
            writes,
            &acts.clients as &[Option<String>],
        )
        .fetch_one(&mut **self)
        .await?;
        Ok(left.marked.then_some(left.rows))
    }
}

/// Commits, and bumps the tag versions of what is then known to have changed. Gives the position behind the change.
async fn end(
    db: Db,
    conn: Conn,
    token: CommitToken,
    invalidated: InvalidatedTags,
    rows: Vec<i64>,
) -> Result<Option<Position>> {
    let (position, lost) = match commit_on(conn, !invalidated.is_empty()).await {
        Committed::Yes(position) => (position, None),
        Committed::No(error) => return Err(error.into()),
        Committed::Lost(error) => match token.outcome(&db).await {
            Outcome::Committed => (None, None),
            Outcome::Undone => return Err(DbError::Unavailable(error)),
            Outcome::Unknown => (None, Some(error)),
        },
    };
    if invalidated.is_empty() {
        return lost.map_or(Ok(None), |error| Err(DbError::Unavailable(error)));
    }
    // Where the server may commit only now, the tag versions are bumped, and bumped again when the row is read in the table.
    let rows = if lost.is_none() { rows } else { Vec::new() };
    db.invalidations
        .bump(&invalidated, rows, position.unwrap_or(Position::UNKNOWN));
    db.invalidations.notify();
    if position.is_none() {
        pinned::learn_later(
            &db,
            PinnedCommit {
                token: lost.is_some().then_some(token),
                invalidated,
            },
        );
    }
    match lost {
        Some(error) => Err(DbError::Unavailable(error)),
        None => Ok(Some(position.unwrap_or(Position::UNKNOWN))),
    }
}

/// How a COMMIT was answered.
enum Committed {
    /// With the position behind it, where that was asked for and is known.
    Yes(Option<Position>),
    No(sqlx::Error),
    /// Not at all.
    Lost(sqlx::Error),
}

impl Committed {
    fn into_result(self) -> Result<()> {
        match self {
            Committed::Yes(_) => Ok(()),
            Committed::No(error) | Committed::Lost(error) => Err(error.into()),
        }
    }
}

/// Commits and asks for the position in the same message: a position from another connection takes a round trip more and
/// may come late, when everything else waits too.
async fn commit_on(mut conn: Conn, wants_position: bool) -> Committed {
    let statements = if wants_position {
        position::COMMIT_AND_NOW
    } else {
        "commit"
    };
    let mut committed = false;
    let mut found = None;
    let failed = {
        let mut answers = sqlx::raw_sql(statements).fetch_many(&mut *conn);
        loop {
            match answers.try_next().await {
                Ok(Some(Either::Left(_))) => committed = true,
                Ok(Some(Either::Right(row))) => found = position::of(&row).ok(),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        }
    };
    match failed {
        None => {
            conn.release();
            Committed::Yes(found)
        }
        Some(_) if committed => Committed::Yes(None),
        Some(error) if is_away(&error) => Committed::Lost(error),
        Some(error) => Committed::No(error),
    }
}

/// Wakes the other nodes after commits, some milliseconds after the last of a burst at the latest. Runs for as
/// long as the process serves.
pub async fn notify_peers(db: Db) {
    loop {
        db.invalidations.notify.notified().await;
        if notify_peers_now(&db).await.is_err() {
            // They poll within a second anyway; the flag stays for the next try.
            tracing::debug!("other nodes could not be woken");
        }
        tokio::time::sleep(WAKE_UPS).await;
    }
}

/// Wakes the other nodes if something was committed since the last time: for commands, before they end.
pub async fn notify_peers_now(db: &Db) -> Result<()> {
    if !db.invalidations.unnotified.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let sent = async {
        let (mut conn, _) = db.cluster.begin().await?;
        sqlx::query!("select pg_notify($1, '')", CHANNEL)
            .execute(&mut *conn)
            .await?;
        sqlx::raw_sql("commit").execute(&mut *conn).await?;
        conn.release();
        Ok(())
    };
    sent.await
        .inspect_err(|_| db.invalidations.unnotified.store(true, Ordering::Release))
}
