//! The jobs room: work that is done outside the request that asked for it. Table: `jobs`, a queue in the same database.
//!
//! **To add a kind of job**: a struct with what it needs to know, `impl Job` with its [`JobSpec`], a line in
//! `app/worker.rs` that says which function does it. Ask for it with [`enqueue()`] inside the transaction that causes it: the
//! job is there if and only if that transaction commits (a **transactional outbox**). It may run twice (a process can die
//! after the work and before it says so: delivery is **at least once**), so doing it again must do no harm. For a schedule,
//! add a line to `schedule` in `app/worker.rs` as well.
//!
//! **How a job is claimed**: `for update skip locked`, so that workers do not wait for each other, by [`Job::priority`] and
//! then by time, as many of a kind as a process may do at once ([`JobSpec::concurrency`]): a slow kind holds up no other. The
//! claim counts an attempt and writes a **lease** of a minute into the row, during which no other worker sees it (a visibility
//! timeout); a heartbeat renews it. A job that is done is deleted by the statement that claims the next ones. A job whose
//! process died comes back when its lease is over and has lost an attempt, so that one which kills its process does not do so
//! for ever.
//!
//! **What happens to a job that fails** (error, panic, or longer than [`JobSpec::time_limit`]): it is tried again after a
//! random time between nothing and 2 s, 4 s, 8 s … up to 1 h ([`Backoff`]). After [`JobSpec::max_attempts`] (12) the row
//! stays as a **dead letter** with its last error: `/admin/jobs` or `masthead jobs failed`, and `masthead jobs retry` to begin again.
//!
//! **How soon a job is noticed**: at once in the process that enqueued it, whose commit wakes the worker
//! ([`Tx::wake_workers`](crate::db::Tx::wake_workers)); elsewhere, and after a delay, by a look each half second. `NOTIFY`
//! would tell all, but commits with a notification wait for each other (`make prove` measures it).
//!
//! **Which process runs what**: every process with a [`Worker`] takes jobs. Scheduled jobs are enqueued by one process only,
//! the leader (`leader.rs`). Work that takes hours is a chain of short jobs, each of which asks for the next ([`enqueue_once`]), so that
//! a stop waits for seconds; where only one process may do it at a time, it holds a [`Lease`].
//!
//! **Beside an earlier release**, which has a queue of its own in the schema `graphile_worker`, a worker drains both: once a
//! second it moves to `jobs` what no worker of that release will do (`take_over_graphile_jobs` in the migrations).
//!
//! **What is measured**: every attempt by kind and outcome, and every quarter of a minute the dead letters and how long the next
//! job waits ([`Metrics`]).
//!
//! The payload carries correlation id and transaction id of the request that asked ([`Ids`]); the log lines of the job
//! have them in their span.

#![warn(missing_docs)]

mod backoff;
mod dead_letters;
mod dispatcher;
mod enqueue;
mod handlers;
mod job;
mod leader;
mod lease;
mod metrics;
mod purge;
mod queries;
mod running;
mod worker;

pub use backoff::Backoff;
pub use dead_letters::{failed, health, pending, retry, retry_all};
pub use enqueue::{enqueue, enqueue_once, is_waiting};
pub use handlers::Handlers;
pub use job::{Ids, Job, JobSpec};
pub use leader::Scheduled;
pub use lease::Lease;
pub use metrics::Metrics;
pub use purge::{PurgeCdn, enqueue_purge, purges_left};
pub use queries::dead_letters::{DeadLetter, Health, PendingJobs};
pub use queries::{PurgesLeft, release_all};
pub use worker::{CONNECTIONS, Worker};
