//! Making a page that is missing or old, once for everybody who waits.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use moka::ops::compute::Op;

use super::load::{LIMIT, Loaded};
use super::{Cache, Entry, Fault, How, Load, Origin, Public, Served, Slot, Verdict};
use crate::db::{At, Position, Standing};
use crate::jitter;

/// Who has an old copy to show waits no longer; the page is made all the same, for the next one.
const PATIENCE: Duration = Duration::from_millis(1500);
/// After a failure a key is left alone for this long, doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// The number of failures is remembered for so long beyond that.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Before the first answer of a page that a CDN keeps for an hour.
const PRESSED_WITHIN: Duration = Duration::from_millis(500);

/// When a request came, and what had been changed by then: a page that was read later is new enough for it, whatever
/// is changed while it waits. Without this a page that changes all the time would be made once for each who
/// waits, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    at: Instant,
    generation: u64,
}

/// A key whose page could not be made.
pub(super) struct Failed {
    copy: Option<Arc<Entry>>,
    fault: Fault,
    attempts: u32,
    at: Instant,
    until: Instant,
    /// From before the attempt. What changes afterwards is a reason to try again at once.
    generation: u64,
    /// Number of the outage during which it failed. When that is over, so is the waiting.
    outage: u64,
    weight: u64,
}

impl Failed {
    pub(super) fn bytes(&self) -> u64 {
        self.weight
    }

    pub(super) fn has_copy(&self) -> bool {
        self.copy.is_some()
    }

    pub(super) fn keep_until(&self) -> Instant {
        self.copy
            .as_ref()
            .map_or(self.until + REMEMBERED, |copy| copy.hard_at)
    }
}

impl Cache {
    pub(super) fn arrival(&self) -> Arrival {
        Arrival {
            generation: self.0.db.changes().fences.generation(),
            at: Instant::now(),
        }
    }

    /// Makes the page without storing it, from a database that shows everything up to `needed`.
    ///
    /// # Errors
    ///
    /// The fault of the load.
    pub async fn make(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        needed: Option<Position>,
    ) -> Result<Served, Fault> {
        let arrival = self.arrival();
        self.0.counters.misses.one();
        let Loaded { public, at } = self.load(key, &load, needed).await?;
        let public = public.not_kept();
        let origin = Origin {
            key,
            route,
            load,
            generation: arrival.generation,
            at,
            began: arrival.at,
            before: None,
        };
        let entry = Arc::new(self.entry(public, origin));
        Ok(Served {
            how: How::Miss {
                cost: entry.cost,
                stored: false,
            },
            entry,
        })
    }

    /// Waits for the page, or for so long as there is patience. The making goes on without anybody who waits: a reader
    /// who leaves does not take it along.
    pub(super) async fn wait_for(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
    ) -> Result<Served, Fault> {
        let copy = match self.0.map.get(key).await {
            Some(Slot::Page(entry)) => Some(entry),
            Some(Slot::Failed(failed)) => failed.copy.clone(),
            None => None,
        };
        let arrival = self.arrival();
        let making = tokio::spawn(self.clone().fill(key.into(), route, load, arrival));
        let limit = if copy.is_some() {
            PATIENCE
        } else {
            LIMIT + PRESSED_WITHIN
        };
        match tokio::time::timeout(limit, making).await {
            Ok(Ok(served)) => served,
            Ok(Err(panicked)) => Err(Fault {
                unavailable: false,
                cause: Arc::new(panicked.into()),
            }),
            Err(_) => self.fall_back(copy.as_ref(), &Fault::too_slow(limit.as_secs_f64())),
        }
    }

    /// Makes the page under the key's lock. Whoever comes second finds what the first one made.
    async fn fill(
        self,
        key: Arc<str>,
        route: &'static str,
        load: Load,
        arrival: Arrival,
    ) -> Result<Served, Fault> {
        let mut outcome = None;
        let result = &mut outcome;
        let this = &self;
        let name = key.clone();
        this.0
            .map
            .entry(key.clone())
            .and_compute_with(move |present| async move {
                let (op, served) = this
                    .settle(present.map(|e| e.into_value()), &name, route, load, arrival)
                    .await;
                *result = Some(served);
                op
            })
            .await;
        let served = outcome.expect("the computation ran: moka calls it exactly once")?;
        if self.0.compress_first && matches!(served.how, How::Miss { .. }) && !served.entry.pressed
        {
            return Ok(self.press_first(key, served).await);
        }
        Ok(served)
    }

    /// What to do about a key, now that nobody else can do it: what to store, and what to answer.
    async fn settle(
        &self,
        slot: Option<Slot>,
        key: &str,
        route: &'static str,
        load: Load,
        arrival: Arrival,
    ) -> (Op<Slot>, Result<Served, Fault>) {
        let (copy, attempts) = match &slot {
            Some(Slot::Page(entry)) => match self.judge(entry, Instant::now()) {
                Verdict::Good | Verdict::Due => return (Op::Nop, Ok(self.collapsed(entry))),
                Verdict::Old if is_new_enough(entry, arrival) => {
                    return (Op::Nop, Ok(self.collapsed(entry)));
                }
                Verdict::Old => (Some(entry.clone()), 0),
                Verdict::Gone => (None, 0),
            },
            Some(Slot::Failed(failed)) => {
                if failed.at >= arrival.at || self.is_backing_off(failed) {
                    return (Op::Nop, self.fall_back(failed.copy.as_ref(), &failed.fault));
                }
                (failed.copy.clone(), failed.attempts)
            }
            None => (None, 0),
        };
        if let Some(fault) = self.0.outage.now() {
            // Refused without a try, so it does not count as one.
            return (Op::Nop, self.fall_back(copy.as_ref(), &fault));
        }
        match self.try_to_make(key, route, load, copy.as_deref()).await {
            Ok(entry) => {
                let op = self.store(&entry, slot.as_ref()).await;
                let how = How::Miss {
                    cost: entry.cost,
                    stored: matches!(op, Op::Put(_)),
                };
                (
                    op,
                    Ok(Served {
                        how: self.in_time(&entry, how),
                        entry,
                    }),
                )
            }
            Err(fault) => {
                let answer = self.fall_back(copy.as_ref(), &fault);
                (
                    Op::Put(Slot::Failed(Arc::new(
                        self.failed(key, copy, fault, attempts, arrival),
                    ))),
                    answer,
                )
            }
        }
    }

    fn collapsed(&self, entry: &Arc<Entry>) -> Served {
        self.0.counters.collapsed.one();
        Served {
            how: self.in_time(entry, How::Collapsed),
            entry: entry.clone(),
        }
    }

    /// A page that was overtaken while it was made is right for those who asked before, and for nobody else: a shared
    /// cache whose purge has gone by must not keep it.
    fn in_time(&self, entry: &Entry, how: How) -> How {
        match self
            .0
            .db
            .changes()
            .fences
            .standing(&entry.tags, entry.generation)
        {
            Standing::Good => how,
            _ => How::Overtaken,
        }
    }

    fn is_backing_off(&self, failed: &Failed) -> bool {
        let changed = failed.copy.as_ref().is_some_and(|copy| {
            self.0
                .db
                .changes()
                .fences
                .standing(&copy.tags, failed.generation)
                != Standing::Good
        });
        Instant::now() < failed.until && !changed && failed.outage == self.0.outage.number()
    }

    fn failed(
        &self,
        key: &str,
        copy: Option<Arc<Entry>>,
        fault: Fault,
        attempts: u32,
        arrival: Arrival,
    ) -> Failed {
        let now = Instant::now();
        // Who waited gets the same answer; who comes now may be luckier.
        let (attempts, until) = if fault.is_overrun() {
            (0, now)
        } else {
            (attempts + 1, now + back_off(attempts))
        };
        Failed {
            weight: 512 + 3 * key.len() as u64 + copy.as_ref().map_or(0, |copy| copy.bytes()),
            copy,
            fault,
            attempts,
            at: now,
            until,
            generation: arrival.generation,
            outage: self.0.outage.number(),
        }
    }

    async fn try_to_make(
        &self,
        key: &str,
        route: &'static str,
        load: Load,
        before: Option<&Entry>,
    ) -> Result<Arc<Entry>, Fault> {
        self.0.counters.misses.one();
        let began = Instant::now();
        let generation = self.0.db.changes().fences.generation();
        let Loaded { public, at } = self.load(key, &load, self.since(before)).await?;
        Ok(Arc::new(self.entry(
            public,
            Origin {
                key,
                route,
                load,
                generation,
                at,
                began,
                before,
            },
        )))
    }

    /// A page never goes back behind the one that it follows, nor behind what was changed of it since.
    pub(super) fn since(&self, before: Option<&Entry>) -> Option<Position> {
        let before = before?;
        let shown = match before.at {
            At::Replica(position) => Some(position),
            At::Primary => None,
        };
        shown.max(self.0.db.changes().fences.newest(&before.tags))
    }

    pub(super) fn entry(&self, public: Public, origin: Origin<'_>) -> Entry {
        Entry::new(
            public,
            origin,
            &self.0.lifetimes,
            &(self.0.missing)(),
            &self.0.resident,
            self.0.db.now().into(),
        )
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
                Ok(Served {
                    entry: copy.clone(),
                    how: How::Stale,
                })
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
        if before.is_some() {
            Op::Remove
        } else {
            Op::Nop
        }
    }

    /// Whether what is resident now, with the page to be stored and without what it replaces, is inside the limit.
    async fn has_room(&self, leaves: u64) -> bool {
        let fits = || self.resident().saturating_sub(leaves) <= self.0.limit;
        if !fits() {
            self.0.map.run_pending_tasks().await;
        }
        fits()
    }

    async fn press_first(&self, key: Arc<str>, served: Served) -> Served {
        let pressing = async {
            let _turn = self.0.compressions.acquire().await.ok()?;
            self.replace_compressed(key, served.entry.clone()).await
        };
        match tokio::time::timeout(PRESSED_WITHIN, pressing).await {
            Ok(Some(entry)) => Served {
                how: self.in_time(&entry, served.how),
                entry,
            },
            _ => served,
        }
    }

    /// Begins to compress a page that is asked for again: of those that are asked for once, a crawler's, nothing would
    /// be gained. Few at a time, since the cores belong to the readers; the others get their turn at a later hit.
    pub(super) fn press(&self, key: &str, entry: &Arc<Entry>) {
        if entry.pressing.swap(true, Ordering::AcqRel) {
            return;
        }
        let Ok(turn) = self.0.compressions.clone().try_acquire_owned() else {
            entry.pressing.store(false, Ordering::Release);
            return;
        };
        let (this, key, entry) = (self.clone(), Arc::<str>::from(key), entry.clone());
        tokio::spawn(async move {
            this.replace_compressed(key, entry).await;
            drop(turn);
        });
    }

    /// Puts the compressed forms beside the plain one. Takes some milliseconds.
    pub(super) async fn replace_compressed(
        &self,
        key: Arc<str>,
        entry: Arc<Entry>,
    ) -> Option<Arc<Entry>> {
        let (plain, resident, name) = (entry.clone(), self.0.resident.clone(), key.clone());
        let pressed = tokio::task::spawn_blocking(move || plain.compressed(&name, &resident))
            .await
            .ok()?;
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

/// Whether a page was read after the request came, or after everything that was changed by then.
fn is_new_enough(entry: &Entry, arrival: Arrival) -> bool {
    let began = entry
        .loaded_at
        .checked_sub(entry.took)
        .unwrap_or(entry.loaded_at);
    began >= arrival.at || entry.generation >= arrival.generation && entry.loaded_at >= arrival.at
}

fn back_off(attempts: u32) -> Duration {
    let (least, most) = BACK_OFF;
    let wait = (least * 2u32.saturating_pow(attempts.min(10))).min(most);
    jitter::around(wait, 0.25)
}
