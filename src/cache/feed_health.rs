//! Whether this process hears of the changes of others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

/// Disconnected for longer, pages live only [`SHORT_LIFE`].
const SILENT: Duration = Duration::from_secs(5);

const SHORT_LIFE: Duration = Duration::from_secs(5);

/// Disconnected for longer, pages are shown only where no new one can be made.
pub(super) const LOST: Duration = Duration::from_secs(60);

/// Whether this process hears of changes that other nodes make, and since when it has not.
pub struct FeedHealth {
    pub(super) runs: AtomicBool,
    /// When the newest round that was answered began.
    pub(super) heard: watch::Sender<Option<Instant>>,
    pub(super) poll_now: Notify,
}

impl Default for FeedHealth {
    fn default() -> Self {
        FeedHealth {
            runs: AtomicBool::new(false),
            heard: watch::Sender::new(None),
            poll_now: Notify::new(),
        }
    }
}

impl FeedHealth {
    /// Whether a page of this age may go out although others may have changed what it shows. A process
    /// without a feed, such as a command, is alone.
    pub(super) fn vouches_for(&self, age: Duration) -> bool {
        if !self.runs.load(Ordering::Relaxed) {
            return true;
        }
        match self.age() {
            Some(silence) if silence <= SILENT => true,
            Some(silence) if silence <= LOST => age <= SHORT_LIFE,
            _ => false,
        }
    }

    /// Since when nothing was heard; none is never.
    pub fn age(&self) -> Option<Duration> {
        self.heard.borrow().map(|at| at.elapsed())
    }

    /// Waits until everything that was committed before this call has been applied. False if that takes too long; true
    /// at once in a process without a feed.
    pub async fn caught_up(&self, limit: Duration) -> bool {
        if !self.runs.load(Ordering::Relaxed) {
            return true;
        }
        let now = Instant::now();
        let mut heard = self.heard.subscribe();
        self.poll_now.notify_one();
        tokio::time::timeout(limit, heard.wait_for(|at| at.is_some_and(|at| at > now)))
            .await
            .is_ok_and(|heard| heard.is_ok())
    }

    /// Waits for the first round.
    pub async fn established(&self, limit: Duration) -> bool {
        let mut heard = self.heard.subscribe();
        tokio::time::timeout(limit, heard.wait_for(Option::is_some))
            .await
            .is_ok_and(|heard| heard.is_ok())
    }
}
