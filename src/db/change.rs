//! A transaction that changes what readers see says so: the verb that writes names the tags ([`Tx::touch`],
//! [`Tx::touch_gone`]), and [`Tx::commit`] does the rest, so that no door of a verb can forget it.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::Either;
use sqlx::postgres::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use super::audit::Origin;
use super::fence::Fences;
use super::mark::{Fate, Mark};
use super::pool::Conn;
use super::position::{self, Position};
use super::tag::Tag;
use super::unplaced::{self, Unplaced};
use super::{Db, DbError, Result, Tx, is_away, public_id, take_down};

/// The channel on which nodes wake each other. Only a shortcut: they also look by themselves.
pub const CHANNEL: &str = "masthead_invalidations";

/// At most so many wake-ups a second leave this process, however much it writes. A NOTIFY takes a lock of the whole
/// cluster while its transaction commits, so it never travels in the writing transaction itself.
const WAKE_UPS: Duration = Duration::from_millis(50);

/// The tags that a transaction has touched so far.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Edited: copies are old.
    pub changed: BTreeSet<Tag>,
    /// Taken down: copies must not be shown again.
    pub gone: BTreeSet<Tag>,
    /// Business action and request, for the receipt and for jobs.
    pub transaction_id: Option<Uuid>,
    pub correlation_id: Option<Uuid>,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }

    pub(super) fn add(&mut self, other: Touched) {
        self.changed.extend(other.changed);
        self.gone.extend(other.gone);
    }

    /// The tags; what they belong to stays.
    pub(super) fn take_tags(&mut self) -> Touched {
        let (changed, gone) = (
            std::mem::take(&mut self.changed),
            std::mem::take(&mut self.gone),
        );
        Touched {
            changed,
            gone,
            ..Touched::default()
        }
    }
}

/// Work that goes into every transaction that touched something, before it commits: the purge of shared caches.
pub type Outbox = for<'a> fn(&'a mut PgConnection, &'a Touched) -> BoxFuture<'a, Result<()>>;

/// What this process knows of changes: its own, at once, and those of other nodes as they are read.
#[derive(Default)]
pub struct Changes {
    pub fences: Fences,
    /// Rows of this process whose fences are raised already.
    raised: Mutex<HashSet<i64>>,
    unannounced: AtomicBool,
    announce: Notify,
    pub(super) unplaced: unplaced::Waiting,
}

impl Changes {
    /// Whether this process wrote a row of the table and has raised its fences; asked once for each row. False while a
    /// commit is still under way: then whoever reads the row raises them first.
    pub fn was_raised(&self, id: i64) -> bool {
        self.raised
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .remove(&id)
    }

    /// Gives everything up: what happened before `position` is not known.
    pub fn forget(&self, position: Option<Position>) {
        self.raised
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .clear();
        self.fences.raise_all(position);
    }

    /// In the text format of Prometheus.
    pub(super) fn metrics(&self) -> String {
        self.unplaced.metrics(self.fences.unplaced())
    }

    fn raise(&self, touched: &Touched, rows: Vec<i64>, position: Position) {
        self.fences
            .raise(touched.changed.iter(), touched.gone.iter(), Some(position));
        self.raised
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .extend(rows);
    }

    fn announce(&self) {
        self.unannounced.store(true, Ordering::Release);
        self.announce.notify_one();
    }
}

tokio::task_local! {
    /// The newest position that a request has written up to.
    static WRITTEN: Cell<Option<Position>>;
}

/// Runs the work of a request, and says up to where it has changed what readers see, if it has.
pub async fn noting_writes<F: Future>(work: F) -> (F::Output, Option<Position>) {
    WRITTEN
        .scope(Cell::new(None), async {
            let output = work.await;
            (output, WRITTEN.with(Cell::get))
        })
        .await
}

/// Commands and jobs have nobody who reads on.
fn wrote(position: Position) {
    let _ = WRITTEN.try_with(|written| written.set(written.get().max(Some(position))));
}

impl Tx {
    /// Names what readers will see differently. Repeating is free.
    pub fn touch(&mut self, tags: impl IntoIterator<Item = Tag>) {
        self.touched.changed.extend(tags);
    }

    /// Names what nobody may see again.
    pub fn touch_gone(&mut self, tags: impl IntoIterator<Item = Tag>) {
        self.touched.gone.extend(tags);
    }

    /// Names the request and the business action that this transaction is part of: its invalidations, its purges and the
    /// notice about a take-down are found by these ids. Comes before the first [`super::audit::record`].
    pub fn belongs_to(&mut self, origin: &Origin) {
        self.touched.transaction_id = Some(origin.transaction_id);
        self.touched.correlation_id = Some(origin.correlation_id);
    }

    pub(super) fn has_origin(&self) -> bool {
        self.touched.transaction_id.is_some() && self.touched.correlation_id.is_some()
    }

    /// Makes the change last, then invalidates what it touched: on this node before this returns, on others by the
    /// rows that are committed with it. Until this returns, nobody may be told that it happened. What was taken down is
    /// waited for: other nodes that are in touch have given it up as well, or had a quarter of a second to.
    ///
    /// # Errors
    ///
    /// Nothing happened, or, if the connection was lost and no primary could say in time what became of the commit, it is
    /// not known: verbs are written so that sending the same again does it once.
    pub async fn commit(mut self) -> Result<()> {
        self.join_parts();
        if self.touched.gone.is_empty() {
            return self.commit_and_invalidate().await;
        }
        let db = self.db.clone();
        let transaction_id = *self.touched.transaction_id.get_or_insert_with(public_id);
        self.commit_and_invalidate().await?;
        take_down::wait_for_nodes(&db, transaction_id).await;
        Ok(())
    }

    async fn commit_and_invalidate(mut self) -> Result<()> {
        if !self.touched.is_empty()
            && let Some(outbox) = self.db.outbox
        {
            let touched = self.touched.clone();
            outbox(&mut self, &touched).await?;
        }
        let mark = Mark::new();
        let left = self.leave_rows(mark).await?;
        let Some(conn) = self.conn.take() else {
            return Err(DbError::Refused(sqlx::Error::PoolClosed));
        };
        let (db, touched) = (self.db.clone(), std::mem::take(&mut self.touched));
        let Some(rows) = left else {
            // It has only read.
            return commit_on(conn, false).await.into_result();
        };
        // On its own: a browser that hangs up between COMMIT and the fences would leave old pages until the tail
        // of the table is read.
        match tokio::spawn(end(db, conn, mark, touched, rows)).await {
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

    /// What every transaction leaves besides its own rows, in one statement: the audit log, the invalidations, the mark by
    /// which the commit can be recognised. Gives the ids of the invalidations; nothing where nothing was written.
    async fn leave_rows(&mut self, mark: Mark) -> Result<Option<Vec<i64>>> {
        let acts = std::mem::take(&mut self.acts);
        let (changed, gone) = (
            Tag::to_row(&self.touched.changed),
            Tag::to_row(&self.touched.gone),
        );
        let writes = !acts.is_empty() || !self.touched.is_empty();
        let transaction_id = self.touched.transaction_id;
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
            mark.id(),
            writes,
            &acts.clients as &[Option<String>],
        )
        .fetch_one(&mut **self)
        .await?;
        Ok(left.marked.then_some(left.rows))
    }
}

/// Commits, and raises the fences of what is then known to have changed. Gives the position behind the change.
async fn end(
    db: Db,
    conn: Conn,
    mark: Mark,
    touched: Touched,
    rows: Vec<i64>,
) -> Result<Option<Position>> {
    let (position, lost) = match commit_on(conn, !touched.is_empty()).await {
        Committed::Yes(position) => (position, None),
        Committed::No(error) => return Err(error.into()),
        Committed::Lost(error) => match mark.fate(&db).await {
            Fate::Committed => (None, None),
            Fate::Undone => return Err(DbError::Unavailable(error)),
            Fate::Unknown => (None, Some(error)),
        },
    };
    if touched.is_empty() {
        return lost.map_or(Ok(None), |error| Err(DbError::Unavailable(error)));
    }
    // Where the server may commit only now, the fences are raised, and raised again when the row is read in the table.
    let rows = if lost.is_none() { rows } else { Vec::new() };
    db.changes
        .raise(&touched, rows, position.unwrap_or(Position::UNKNOWN));
    db.changes.announce();
    if position.is_none() {
        unplaced::learn_later(
            &db,
            Unplaced {
                mark: lost.is_some().then_some(mark),
                touched,
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
pub async fn announce_changes(db: Db) {
    loop {
        db.changes.announce.notified().await;
        if announce_now(&db).await.is_err() {
            // They look by themselves within a second; the flag stays for the next try.
            tracing::debug!("other nodes could not be woken");
        }
        tokio::time::sleep(WAKE_UPS).await;
    }
}

/// Wakes the other nodes if something was committed since the last time: for commands, before they end.
pub async fn announce_now(db: &Db) -> Result<()> {
    if !db.changes.unannounced.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let sent = async {
        let (mut conn, _) = db.hosts.begin().await?;
        sqlx::query!("select pg_notify($1, '')", CHANNEL)
            .execute(&mut *conn)
            .await?;
        sqlx::raw_sql("commit").execute(&mut *conn).await?;
        conn.release();
        Ok(())
    };
    sent.await
        .inspect_err(|_| db.changes.unannounced.store(true, Ordering::Release))
}
