//! Circuit breaker: while the database is down as a whole, loads are refused at once instead of being tried one by one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::LoadError;

/// Loads of so many different pages fail in a row before the others are spared the wait. One page that is slow by itself
/// is no outage.
const FAILURES: usize = 5;
/// After this one load tries again.
const PROBE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct CircuitBreaker {
    state: Mutex<State>,
    /// Whether the lock is worth taking.
    failing: AtomicU64,
    closings: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Pages that failed since the last one that did not.
    keys: Vec<String>,
    /// Set while the breaker is open: what to answer, and when to try again.
    open: Option<(LoadError, Instant)>,
}

impl CircuitBreaker {
    /// The error to answer with while the breaker is open. Every half a second one caller gets through to try.
    pub(super) fn check(&self) -> Option<LoadError> {
        if self.failing.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut state = self.lock();
        let (fault, probe_at) = state.open.as_mut()?;
        let now = Instant::now();
        if now >= *probe_at {
            *probe_at = now + PROBE;
            return None;
        }
        Some(fault.clone())
    }

    /// How many times the breaker has closed again.
    pub(super) fn closings(&self) -> u64 {
        self.closings.load(Ordering::Relaxed)
    }

    pub(super) fn is_open(&self) -> bool {
        self.failing.load(Ordering::Relaxed) > 0 && self.lock().open.is_some()
    }

    /// A page was made.
    pub(super) fn record_success(&self) {
        if self.failing.load(Ordering::Relaxed) == 0 {
            return;
        }
        let state = std::mem::take(&mut *self.lock());
        self.failing.store(0, Ordering::Relaxed);
        if state.open.is_some() {
            self.closings.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("pages can be rendered again");
        }
    }

    /// A page could not be made.
    pub(super) fn record_failure(&self, key: &str, fault: &LoadError) {
        if !fault.unavailable {
            return;
        }
        let mut state = self.lock();
        self.failing.store(1, Ordering::Relaxed);
        if state.open.is_none() {
            if !state.keys.iter().any(|known| known == key) {
                state.keys.push(key.to_owned());
            }
            if state.keys.len() < FAILURES {
                return;
            }
            state.keys.clear();
            tracing::error!(
                error = format!("{:#}", fault.cause),
                "pages cannot be rendered; copies are shown where there are any"
            );
        }
        state.open = Some((fault.clone(), Instant::now() + PROBE));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn many_pages_make_an_outage_and_one_does_not() {
        let (breaker, fault) = (
            CircuitBreaker::default(),
            LoadError {
                unavailable: true,
                cause: Arc::new(anyhow::anyhow!("away")),
            },
        );
        for _ in 0..100 {
            breaker.record_failure("/slow", &fault);
        }
        assert!(breaker.check().is_none());
        for page in 0..FAILURES {
            breaker.record_failure(&format!("/{page}"), &fault);
        }
        assert!(breaker.is_open() && breaker.check().is_some());
        breaker.record_success();
        assert!(breaker.check().is_none());
        assert_eq!(breaker.closings(), 1);
    }
}
