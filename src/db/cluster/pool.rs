//! Connections of one kind to one server, of which the next request gets one without a question to the server.
//!
//! The pool of the driver opens, counts and closes them. But it pings each one that comes back, and a ping before use
//! would be a second one: on a line of 40 ms that is two more waits for every small question. So a connection on which
//! nothing is under way ([`Conn::release`]) stays here and goes out again as it is. Should the server have closed it
//! meanwhile, the first statement on it fails before anything is done, and is asked again on another one, which the
//! driver has tested or opened ([`Pool::forget_idle`]). One that rested for long is tested first: firewalls drop idle
//! connections in silence.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Error, PgConnection, PgPool, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One that rested for longer is tested before it is used.
const RESTED: Duration = Duration::from_secs(60);
/// One that is older goes back to the driver, which closes it when its time is over.
const OLD: Duration = Duration::from_secs(5 * 60);

/// Sizes of the pools of one process for each server, in connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    /// For changes, on the primary.
    pub write: u32,
    /// For reads that must see the newest state, on the primary.
    pub fresh: u32,
    /// For public pages, on each server.
    pub read: u32,
}

pub(in crate::db) struct Pool {
    driver: PgPool,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    conn: PoolConnection<Postgres>,
    taken: Instant,
    since: Instant,
}

/// A connection in use. Dropped without [`Conn::release`], it is tested before another request gets it.
pub(in crate::db) struct Conn {
    conn: Option<PoolConnection<Postgres>>,
    pool: Arc<Pool>,
    /// When it came from the driver.
    taken: Instant,
    untested: bool,
    /// Given back after the connection.
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(in crate::db) fn new(driver: PgPool) -> Arc<Pool> {
        let size = driver.options().get_max_connections() as usize;
        Arc::new(Pool {
            driver,
            permits: Arc::new(Semaphore::new(size)),
            idle: Mutex::default(),
        })
    }

    /// Waits for as long as `wait` says.
    pub(in crate::db) async fn acquire(self: &Arc<Self>, wait: Duration) -> Result<Conn, Error> {
        let acquired = async {
            let permit = self
                .permits
                .clone()
                .acquire_owned()
                .await
                .map_err(|_| Error::PoolClosed)?;
            if let Some(Idle { conn, taken, .. }) = self.pop() {
                return Ok(Conn {
                    conn: Some(conn),
                    pool: self.clone(),
                    taken,
                    untested: true,
                    _permit: permit,
                });
            }
            // On its own: a connection that is there only after the wait is for the next request and not thrown away,
            // or on a long line there would never be one.
            let driver = self.driver.clone();
            let opened = tokio::spawn(async move { driver.acquire().await });
            let conn = opened.await.map_err(|_| Error::PoolClosed)??;
            Ok(Conn {
                conn: Some(conn),
                pool: self.clone(),
                taken: Instant::now(),
                untested: false,
                _permit: permit,
            })
        };
        tokio::time::timeout(wait, acquired)
            .await
            .unwrap_or(Err(Error::PoolTimedOut))
    }

    /// The one that rested for the shortest time.
    fn pop(&self) -> Option<Idle> {
        let mut idle = self.lock();
        match idle.pop() {
            Some(last) if last.since.elapsed() < RESTED => Some(last),
            Some(last) => {
                // All others rested for longer.
                let old: Vec<Idle> = idle.drain(..).chain([last]).collect();
                drop(idle);
                drop(old);
                None
            }
            None => None,
        }
    }

    /// Something broke: every connection that rests here is tested before it is used.
    pub(in crate::db) fn forget_idle(&self) {
        let forgotten = std::mem::take(&mut *self.lock());
        drop(forgotten);
    }

    /// Leaves those that were not needed for long to the driver, which closes them.
    pub(in crate::db) fn prune(&self) {
        let mut idle = self.lock();
        let old = idle
            .iter()
            .take_while(|conn| conn.since.elapsed() > RESTED)
            .count();
        let old: Vec<Idle> = idle.drain(..old).collect();
        drop(idle);
        drop(old);
    }

    /// Connections that are there, and how many of them are idle.
    pub(in crate::db) fn size(&self) -> (usize, usize) {
        (
            self.driver.size() as usize,
            self.driver.num_idle() + self.lock().len(),
        )
    }

    pub(in crate::db) async fn close(&self) {
        let closed = self.driver.close();
        self.permits.close();
        self.forget_idle();
        closed.await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Conn {
    /// It was not asked whether it is still alive: a first statement that fails may be the connection's fault.
    pub(in crate::db) fn is_untested(&self) -> bool {
        self.untested
    }

    /// Asks whether it is alive, and takes another one if not.
    pub(in crate::db) async fn tested(mut self, wait: Duration) -> Result<Conn, Error> {
        if !self.untested {
            return Ok(self);
        }
        match tokio::time::timeout(wait, self.ping()).await {
            Ok(Ok(())) => {
                self.untested = false;
                Ok(self)
            }
            _ => self.another(wait).await,
        }
    }

    /// Instead of this one, which is broken: none that rested, since the others may be broken too.
    pub(in crate::db) async fn another(self, wait: Duration) -> Result<Conn, Error> {
        let pool = self.pool.clone();
        self.discard();
        pool.forget_idle();
        pool.acquire(wait).await
    }

    /// Gives it back as it is: everything that was asked on it was answered.
    pub(in crate::db) fn release(mut self) {
        if self.taken.elapsed() < OLD
            && !self.pool.driver.is_closed()
            && let Some(conn) = self.conn.take()
        {
            self.pool.lock().push(Idle {
                conn,
                taken: self.taken,
                since: Instant::now(),
            });
        }
    }

    /// Closes it.
    pub(in crate::db) fn discard(mut self) {
        if let Some(conn) = &mut self.conn {
            conn.close_on_drop();
        }
    }
}

const THERE: &str = "a connection is only taken out when its owner is consumed";

impl Deref for Conn {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.conn.as_ref().expect(THERE)
    }
}

impl DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect(THERE)
    }
}
