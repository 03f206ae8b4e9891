//! The process's part in the work: a dispatcher of jobs, and the candidate for the lead.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::dispatcher::Dispatcher;
use super::handlers::Handlers;
use super::leader::{self, Schedule, Scheduled};

/// Database connections that a [`Worker`] keeps at most: the dispatcher's, the leader's and the one of a lease.
pub const CONNECTIONS: u32 = 3;
/// How soon a job is noticed that another process enqueued, or whose time has come.
const POLL: Duration = Duration::from_millis(500);

/// Does jobs until it is stopped. Dropped instead, it breaks off, as a killed process would.
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Begins to do jobs, as the serving role. Needs no database yet: it waits for one, and goes on after a break.
    /// `enqueued` is rung after commits of this process that enqueue ([`crate::db::Db::enqueued`]). Must be called inside an
    /// async runtime.
    pub fn start(
        database: &PgConnectOptions,
        enqueued: Arc<Notify>,
        handlers: Handlers,
        schedule: Vec<Scheduled>,
    ) -> Worker {
        Worker::start_polling(POLL, database, enqueued, handlers, schedule)
    }

    /// As [`Worker::start`], with another time between two looks that nothing has asked for.
    pub fn start_polling(
        poll: Duration,
        database: &PgConnectOptions,
        enqueued: Arc<Notify>,
        handlers: Handlers,
        schedule: Vec<Scheduled>,
    ) -> Worker {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let dispatcher = Dispatcher::new(database, handlers, enqueued.clone(), poll);
        tasks.spawn(dispatcher.run(stopped.clone()));
        let schedule = Schedule {
            jobs: schedule,
            enqueued,
        };
        tasks.spawn(leader::keep_leading(database.clone(), schedule, stopped));
        Worker { stop, tasks }
    }

    /// Takes no more jobs, lets those under way finish or gives them back, and hands over the lead.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
