//! Making a page that is missing or old, once for everybody who waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::ops::compute::Op;

use super::{Cache, Entry, Fault, How, Load, Origin, Public, Served, Slot, Verdict};

/// A page must be there by then (rule C1, less what its request needs besides).
const LIMIT: Duration = Duration::from_millis(4500);
/// The same where an old copy could be shown instead.
const LIMIT_WITH_COPY: Duration = Duration::from_millis(1500);
/// After a failure a key is left alone for this long, doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A key whose page could not be made.
pub(super) struct Failed {
    copy: Option<Arc<Entry>>,
    fault: Fault,
    attempts: u32,
    until: Instant,
}

impl Failed {
    pub(super) fn bytes(&self) -> u64 {
        self.copy.as_ref().map_or(256, |copy| copy.bytes())
    }

    pub(super) fn keep_until(&self) -> Instant {
        self.copy.as_ref().map_or(self.until, |copy| copy.hard_at)
    }
}

impl Cache {
    /// Makes the page without storing it.
    ///
    /// # Errors
    ///
    /// The fault of the load.
    pub async fn make(&self, key: &str, route: &'static str, load: Load) -> Result<Served, Fault> {
        self.0.counters.misses.one();
        let began = Instant::now();
        let generation = self.0.db.changes().fences.generation();
        let public = self.load(&load, LIMIT).await?.not_kept();
        let entry = self.entry(public, Origin { key, route, load, generation, began, before: None });
        Ok(Served { how: How::Miss { cost: entry.cost }, entry: Arc::new(entry) })
    }

    /// Makes the page under the key's lock. Whoever comes second finds what the first one made.
    pub(super) async fn fill(self, key: Arc<str>, route: &'static str, load: Load) -> Result<Served, Fault> {
        let mut outcome = None;
        let result = &mut outcome;
        let this = &self;
        let name = key.clone();
        this.0
            .map
            .entry(key.clone())
            .and_compute_with(move |present| async move {
                let (op, served) = this.settle(present.map(|e| e.into_value()), &name, route, load).await;
                *result = Some(served);
                op
            })
            .await;
        let served = outcome.unwrap_or_else(|| Err(Fault::too_slow(0.0)))?;
        if matches!(served.how, How::Miss { .. }) && served.entry.is_compressible() {
            return Ok(self.press(key, served).await);
        }
        Ok(served)
    }

    async fn settle(&self, slot: Option<Slot>, key: &str, route: &'static str, load: Load) -> (Op<Slot>, Result<Served, Fault>) {
        let copy = match &slot {
            Some(Slot::Page(entry)) => match self.judge(entry, Instant::now()) {
                Verdict::Good | Verdict::Due => {
                    self.0.counters.collapsed.one();
                    return (Op::Nop, Ok(Served { entry: entry.clone(), how: How::Collapsed }));
                }
                Verdict::Old => Some(entry.clone()),
                Verdict::Gone => None,
            },
            Some(Slot::Failed(failed)) => {
                if Instant::now() < failed.until {
                    return (Op::Nop, self.fall_back(failed.copy.as_ref(), &failed.fault));
                }
                failed.copy.clone()
            }
            None => None,
        };
        let attempts = if let Some(Slot::Failed(failed)) = &slot { failed.attempts } else { 0 };
        match self.try_to_make(key, route, load, copy.as_deref()).await {
            Ok(entry) => {
                let served = Served { how: How::Miss { cost: entry.cost }, entry };
                (self.store(&served.entry, slot.as_ref()).await, Ok(served))
            }
            Err(fault) => {
                let answer = self.fall_back(copy.as_ref(), &fault);
                let until = Instant::now() + back_off(attempts);
                (Op::Put(Slot::Failed(Arc::new(Failed { copy, fault, attempts: attempts + 1, until }))), answer)
            }
        }
    }

    async fn try_to_make(&self, key: &str, route: &'static str, load: Load, before: Option<&Entry>) -> Result<Arc<Entry>, Fault> {
        if let Some(fault) = self.0.outage.now() {
            return Err(fault);
        }
        self.0.counters.misses.one();
        let began = Instant::now();
        let generation = self.0.db.changes().fences.generation();
        let limit = if before.is_some() { LIMIT_WITH_COPY } else { LIMIT };
        let public = self.load(&load, limit).await?;
        Ok(Arc::new(self.entry(public, Origin { key, route, load, generation, began, before })))
    }

    /// Runs the handler, within `limit`.
    pub(super) async fn load(&self, load: &Load, limit: Duration) -> Result<Public, Fault> {
        let loaded = match tokio::time::timeout(limit, load()).await {
            Ok(loaded) => loaded,
            Err(_) => Err(Fault::too_slow(limit.as_secs_f64())),
        };
        match &loaded {
            Ok(_) => self.0.outage.over(),
            Err(fault) => self.0.outage.note(fault),
        }
        loaded
    }

    pub(super) fn entry(&self, public: Public, origin: Origin<'_>) -> Entry {
        Entry::new(public, origin, &self.0.lifetimes, &self.0.missing, &self.0.resident)
    }

    /// The old copy, unless what it shows was taken down or it is past its time.
    fn fall_back(&self, copy: Option<&Arc<Entry>>, fault: &Fault) -> Result<Served, Fault> {
        let showable = copy.filter(|copy| {
            let now = Instant::now();
            now < copy.hard_at && !matches!(self.judge(copy, now), Verdict::Gone)
        });
        match showable {
            Some(copy) => {
                self.0.counters.stale.one();
                Ok(Served { entry: copy.clone(), how: How::Stale })
            }
            None => {
                self.0.counters.failed.one();
                Err(fault.clone())
            }
        }
    }

    pub(super) async fn store(&self, entry: &Arc<Entry>, before: Option<&Slot>) -> Op<Slot> {
        let leaves = before.map_or(0, Slot::bytes);
        if entry.kept && self.has_room(leaves).await {
            return Op::Put(Slot::Page(entry.clone()));
        }
        if entry.kept {
            self.0.counters.refused.one();
        }
        if before.is_some() { Op::Remove } else { Op::Nop }
    }

    /// Whether what is resident now, with the page to be stored and without what it replaces, is inside the limit.
    async fn has_room(&self, leaves: u64) -> bool {
        let fits = || self.resident().saturating_sub(leaves) <= self.0.limit;
        if !fits() {
            self.0.map.run_pending_tasks().await;
        }
        fits()
    }

    /// Compresses a page that was just made: before its answer goes out, or behind it.
    async fn press(self, key: Arc<str>, served: Served) -> Served {
        if !self.0.compress_first {
            let entry = served.entry.clone();
            tokio::spawn(async move { self.replace_compressed(key, entry).await });
            return served;
        }
        match self.replace_compressed(key, served.entry.clone()).await {
            Some(entry) => Served { entry, ..served },
            None => served,
        }
    }

    pub(super) async fn replace_compressed(&self, key: Arc<str>, entry: Arc<Entry>) -> Option<Arc<Entry>> {
        // One at a time: the cores belong to the readers.
        let _turn = self.0.compressions.acquire().await.ok()?;
        let (plain, resident, name) = (entry.clone(), self.0.resident.clone(), key.clone());
        let pressed = tokio::task::spawn_blocking(move || plain.compressed(&name, &resident)).await.ok()?;
        let pressed = Arc::new(pressed);
        let stored = pressed.clone();
        self.0
            .map
            .entry(key)
            .and_compute_with(|present| async move {
                match present.map(|e| e.into_value()) {
                    Some(Slot::Page(now)) if Arc::ptr_eq(&now, &entry) => {
                        let before = Slot::Page(now);
                        self.store(&stored, Some(&before)).await
                    }
                    // Replaced or evicted meanwhile.
                    _ => Op::Nop,
                }
            })
            .await;
        Some(pressed)
    }
}

fn back_off(attempts: u32) -> Duration {
    let (least, most) = BACK_OFF;
    (least * 2u32.saturating_pow(attempts.min(10))).min(most).mul_f64(0.75 + 0.5 * rand::random::<f64>())
}

/// Whether the database is away as a whole. While it is, pages are not tried one by one.
#[derive(Default)]
pub(super) struct Outage {
    state: std::sync::Mutex<Option<(Fault, Instant)>>,
    failures: AtomicU64,
}

/// So many loads in a row fail before the others are spared the wait.
const FAILURES: u64 = 5;
/// After this one load tries again.
const PROBE: Duration = Duration::from_millis(500);

impl Outage {
    /// The fault to answer with, while it lasts. Every half a second one caller gets through to try.
    fn now(&self) -> Option<Fault> {
        if self.failures.load(Ordering::Relaxed) < FAILURES {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let (fault, probe_at) = state.as_mut()?;
        let now = Instant::now();
        if now >= *probe_at {
            *probe_at = now + PROBE;
            return None;
        }
        Some(fault.clone())
    }

    fn over(&self) {
        if self.failures.swap(0, Ordering::Relaxed) >= FAILURES {
            tracing::warn!("pages can be made again");
        }
    }

    fn note(&self, fault: &Fault) {
        if !fault.unavailable {
            return;
        }
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 == FAILURES {
            tracing::error!(error = format!("{:#}", fault.cause), "pages cannot be made; copies are shown where there are any");
        }
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        *state = Some((fault.clone(), Instant::now() + PROBE));
    }
}
