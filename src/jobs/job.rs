//! What a job is, and how it is stored.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{DbError, Result};
use crate::jobs::Backoff;

/// What one job has to know. Its fields are stored as JSON, together with [`Ids`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// One for the kind. Rows keep only its name and its number of attempts; the rest is as the process that works
    /// has it.
    const SPEC: JobSpec;

    /// Of the waiting jobs of a kind, the one with the lowest number is done first.
    fn priority(&self) -> i16 {
        0
    }
}

/// How a kind of job is treated.
#[derive(Clone, Copy, Debug)]
pub struct JobSpec {
    /// `noun.verb`. Stands in stored rows: a renamed kind orphans what waits under the old name.
    pub name: &'static str,
    /// How many of them one process does at the same time.
    pub concurrency: usize,
    /// After so many failures the job is a dead letter. Counted at the claim, so an attempt that kills its process
    /// counts.
    pub max_attempts: i16,
    /// The wait after a failure.
    pub backoff: Backoff,
    /// Longer than this counts as failed.
    pub time_limit: Duration,
}

impl JobSpec {
    /// One at a time, twelve attempts, a minute each.
    pub const fn named(name: &'static str) -> JobSpec {
        JobSpec {
            name,
            concurrency: 1,
            max_attempts: 12,
            backoff: Backoff::DEFAULT,
            time_limit: Duration::from_secs(60),
        }
    }
}

/// The request and the business action that a job belongs to.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Ids {
    /// The request; `None` for what the schedule enqueued.
    pub correlation_id: Option<Uuid>,
    /// The business action, the same in the audit log.
    pub transaction_id: Option<Uuid>,
}

/// Job and ids as they are stored.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope<J> {
    #[serde(flatten)]
    pub(super) job: J,
    #[serde(flatten)]
    pub(super) ids: Ids,
}

/// A job as it is stored.
pub(super) struct NewJob {
    pub(super) spec: JobSpec,
    pub(super) priority: i16,
    pub(super) payload: serde_json::Value,
}

impl NewJob {
    pub(super) fn of<J: Job>(job: &J, ids: Ids) -> Result<NewJob> {
        let payload = serde_json::to_value(Envelope { job, ids })
            .map_err(|error| DbError::Refused(sqlx::Error::Encode(error.into())))?;
        Ok(NewJob {
            spec: J::SPEC,
            priority: job.priority(),
            payload,
        })
    }
}
