//! The jobs that this process has leased: each runs as a task of its own, and its end is kept until it stands in the table.

use std::collections::HashMap;

use serde_json::Value;
use tokio::task::{self, JoinError, JoinSet};
use tracing::{Instrument, Span};

use super::handlers::{Handler, Handlers};
use super::queries::work::{Claimed, JobLease};

type Outcome = Result<(), String>;
pub(super) type Ended = Result<(task::Id, Outcome), JoinError>;

pub(super) struct Running {
    pub(super) handlers: Vec<Handler>,
    tasks: JoinSet<Outcome>,
    held: HashMap<task::Id, Held>,
    /// Ended well.
    pub(super) done: Vec<JobLease>,
    /// Ended otherwise, with the reason.
    pub(super) failed: Vec<(Held, String)>,
}

/// A job with its lease.
pub(super) struct Held {
    pub(super) lease: JobLease,
    /// Place of its kind in the handlers.
    pub(super) kind: usize,
    pub(super) span: Span,
}

impl Running {
    pub(super) fn new(handlers: Handlers) -> Running {
        Running {
            handlers: handlers.all,
            tasks: JoinSet::new(),
            held: HashMap::new(),
            done: Vec::new(),
            failed: Vec::new(),
        }
    }

    pub(super) fn begin(&mut self, job: Claimed) {
        let Some(held) = self.held(&job) else { return };
        let attempt = self.handlers[held.kind].attempt(job.payload);
        let task = self.tasks.spawn(attempt.instrument(held.span.clone()));
        self.held.insert(task.id(), held);
    }

    /// Nothing where this process does not know the kind.
    pub(super) fn held(&self, job: &Claimed) -> Option<Held> {
        let mut kinds = self.handlers.iter();
        Some(Held {
            lease: job.lease(),
            kind: kinds.position(|handler| handler.spec.name == job.kind)?,
            span: span(job),
        })
    }

    /// The next one that ends; nothing where none runs.
    pub(super) async fn next_end(&mut self) -> Option<Ended> {
        self.tasks.join_next_with_id().await
    }

    pub(super) fn note(&mut self, ended: Ended) {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(words(error))),
        };
        match (self.held.remove(&id), outcome) {
            (None, _) => {}
            (Some(held), Ok(())) => self.done.push(held.lease),
            (Some(held), Err(error)) => self.failed.push((held, error)),
        }
    }

    /// Notes all that have ended meanwhile.
    pub(super) fn note_ends(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.note(ended);
        }
    }

    /// Whether it is one of this process, under way or ended.
    pub(super) fn knows(&self, lease: JobLease) -> bool {
        let held = self.held.values().map(|held| &held.lease);
        let failed = self.failed.iter().map(|(held, _)| &held.lease);
        held.chain(&self.done)
            .chain(failed)
            .any(|known| known.id == lease.id && known.attempt == lease.attempt)
    }

    /// Ids of the jobs under way.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.held.values().map(|held| held.lease.id).collect()
    }

    /// Kinds of which more can be done, and how many.
    pub(super) fn free(&self) -> (Vec<String>, Vec<i64>) {
        let concurrency =
            |handler: &Handler| i64::try_from(handler.spec.concurrency).unwrap_or(i64::MAX);
        let mut slots: Vec<i64> = self.handlers.iter().map(concurrency).collect();
        for held in self.held.values() {
            slots[held.kind] -= 1;
        }
        let kinds = self.names().into_iter().zip(slots);
        kinds.filter(|(_, slots)| *slots > 0).unzip()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let name = |handler: &Handler| handler.spec.name.to_owned();
        self.handlers.iter().map(name).collect()
    }

    /// Breaks off what is under way and waits until its tasks have ended, so that no other worker begins a
    /// job whose task still runs here; gives the ids of these jobs. One that ended by itself meanwhile is noted like any other.
    pub(super) async fn abort(&mut self) -> Vec<i64> {
        self.tasks.abort_all();
        let mut broken_off = Vec::new();
        while let Some(ended) = self.next_end().await {
            match ended {
                Err(error) if error.is_cancelled() => {
                    broken_off.extend(self.held.remove(&error.id()).map(|held| held.lease.id));
                }
                ended => self.note(ended),
            }
        }
        broken_off
    }
}

/// What all log lines of an attempt have in common.
fn span(job: &Claimed) -> Span {
    let id = |name: &str| {
        let id = job.payload.get(name).and_then(Value::as_str);
        id.map(tracing::field::display)
    };
    tracing::info_span!(
        "job",
        job.kind = job.kind,
        job.id = job.id,
        job.attempt = job.attempts,
        correlation_id = id("correlation_id"),
        transaction_id = id("transaction_id"),
    )
}

fn words(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "was broken off".to_owned();
    };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_default())
}
