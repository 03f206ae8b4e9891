//! How long pages live.

use std::time::Duration;

use super::http::policy::{CachePolicy, UNPURGED_SECONDS};

/// How long pages live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Age from which the next request starts a refresh in the background.
    pub soft: Duration,
    /// Age up to which an old page is served while no new one can be rendered.
    pub hard: Duration,
    /// The same two for what is missing or moved. With what shared caches add it stays near ten seconds.
    pub brief: Duration,
    /// What shared caches are told, in seconds.
    pub shared_seconds: u32,
}

impl Lifetimes {
    /// The soft and the hard one of a page with this policy.
    pub(super) fn of(&self, policy: CachePolicy) -> (Duration, Duration) {
        match policy {
            CachePolicy::Shared { .. } => (self.soft, self.hard),
            _ => (self.brief, self.brief),
        }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Lifetimes {
            soft: Duration::from_secs(60),
            hard: Duration::from_secs(24 * 3600),
            brief: Duration::from_secs(5),
            shared_seconds: UNPURGED_SECONDS,
        }
    }
}
