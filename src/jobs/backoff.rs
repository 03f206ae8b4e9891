use std::time::Duration;

/// How long a failed job waits: a random time up to a bound that doubles with each attempt. The chance is over the
/// whole span ("full jitter"), because jobs that failed together, when a CDN went away, would otherwise all come back
/// in the same second. The statement that notes a failure computes it (`queries::work::fail`).
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The bound after the first attempt.
    pub base: Duration,
    /// The bound never grows beyond.
    pub cap: Duration,
}

impl Backoff {
    /// From 2 s up to an hour: twelve attempts take 68 minutes of waiting at most, and half of that on average.
    pub const DEFAULT: Backoff = Backoff {
        base: Duration::from_secs(2),
        cap: Duration::from_secs(3600),
    };
}
