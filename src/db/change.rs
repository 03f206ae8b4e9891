//! A transaction that changes what readers see says so: the verb that writes names the tags ([`Tx::touch`],
//! [`Tx::touch_gone`]), and [`Tx::commit`] does the rest, so that no door of a verb can forget it.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::postgres::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use super::audit::Origin;
use super::fence::Fences;
use super::mark::Mark;
use super::position::Position;
use super::tag::Tag;
use super::{Db, DbError, Result, Tx, is_away};

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
}

impl Changes {
    /// Whether this process wrote a row of the table and has raised its fences; asked once for each row. False while a
    /// commit is still under way: then whoever reads the row raises them first.
    pub fn was_raised(&self, id: i64) -> bool {
        self.raised.lock().unwrap_or_else(|e| e.into_inner()).remove(&id)
    }

    /// Gives everything up: what happened before `position` is not known.
    pub fn forget(&self, position: Option<Position>) {
        self.raised.lock().unwrap_or_else(|e| e.into_inner()).clear();
        self.fences.raise_all(position);
    }

    fn raise(&self, touched: &Touched, rows: Vec<i64>, position: Position) {
        self.fences.raise(touched.changed.iter(), touched.gone.iter(), Some(position));
        self.raised.lock().unwrap_or_else(|e| e.into_inner()).extend(rows);
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

    /// For what was undone inside the transaction.
    pub fn touch_nothing(&mut self) {
        self.touched = Touched::default();
    }

    pub(super) fn belongs_to(&mut self, origin: &Origin) {
        self.touched.transaction_id = Some(origin.transaction_id);
        self.touched.correlation_id = Some(origin.correlation_id);
    }

    /// Makes the change last, then invalidates what it touched: on this node before this returns, on others by the
    /// rows that are committed with it. Until this returns, nobody may be told that it happened.
    ///
    /// # Errors
    ///
    /// Nothing happened, or, if the connection was lost and no primary could say in time what became of the commit, it is
    /// not known (rule A9): verbs are written so that sending the same again does it once.
    pub async fn commit(mut self) -> Result<()> {
        let rows = if self.touched.is_empty() { Vec::new() } else { self.write_invalidations().await? };
        if !self.touched.is_empty()
            && let Some(outbox) = self.db.outbox
        {
            outbox(&mut self.tx, &self.touched).await?;
        }
        let Some(mark) = Mark::leave(&mut self.tx).await? else {
            // It has only read.
            return Ok(self.tx.commit().await?);
        };
        // On its own: a browser that hangs up between COMMIT and the fences would leave old pages until the tail
        // of the table is read.
        let committed = tokio::spawn(async move {
            let committed = match self.tx.commit().await {
                Err(error) if is_away(&error) => mark.fate(&self.db, error).await,
                committed => committed.map_err(DbError::from),
            };
            if self.touched.is_empty() {
                return committed.map(|()| None);
            }
            // An answer that was lost may mean that the server commits only now. So the fences are raised, and raised
            // again when the row is read in the table.
            let rows = if committed.is_ok() { rows } else { Vec::new() };
            let position = match committed {
                Ok(()) => self.db.position(self.host).await,
                Err(_) => Position::UNKNOWN,
            };
            self.db.changes.raise(&self.touched, rows, position);
            self.db.changes.announce();
            committed.map(|()| Some(position))
        });
        match committed.await {
            Ok(result) => {
                if let Some(position) = result? {
                    wrote(position);
                }
                Ok(())
            }
            Err(error) => Err(DbError::Refused(sqlx::Error::Io(std::io::Error::other(error)))),
        }
    }

    async fn write_invalidations(&mut self) -> Result<Vec<i64>> {
        let mut rows = Vec::new();
        for (tags, gone) in [(&self.touched.changed, false), (&self.touched.gone, true)] {
            if tags.is_empty() {
                continue;
            }
            let tags: Vec<String> = tags.iter().map(|tag| tag.as_str().to_owned()).collect();
            let row = sqlx::query_scalar!(
                "insert into cache_invalidations (tags, gone, transaction_id) values ($1, $2, $3) returning id",
                &tags,
                gone,
                self.touched.transaction_id,
            )
            .fetch_one(&mut *self.tx)
            .await?;
            rows.push(row);
        }
        Ok(rows)
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
        let mut conn = db.hosts.primary_or_fail()?.write.acquire().await?;
        sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(&mut *conn).await?;
        Ok(())
    };
    sent.await.inspect_err(|_| db.changes.unannounced.store(true, Ordering::Release))
}
