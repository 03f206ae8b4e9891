//! How long something took, by how often: fixed buckets, no lock.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// With the sum and the bucket of what is longer than all, a histogram takes two lines of the processor's cache.
const MOST_BUCKETS: usize = 14;

/// Counts of durations, each in the first bucket that is long enough.
#[derive(Debug)]
pub struct Histogram {
    buckets: &'static [f64],
    /// In nanoseconds. The first that is not used is longer than anything.
    bounds: Bounds,
    shared: Counts,
    locals: Mutex<Vec<Arc<Counts>>>,
}

type Bounds = [u64; MOST_BUCKETS];

#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    nanoseconds: AtomicU64,
    of: [AtomicU64; MOST_BUCKETS + 1],
}

impl Histogram {
    /// The upper bounds of the buckets in seconds, from the shortest. One for everything longer is added.
    pub fn new(buckets: &'static [f64]) -> Histogram {
        assert!(buckets.len() <= MOST_BUCKETS && buckets.is_sorted());
        let mut bounds = [u64::MAX; MOST_BUCKETS];
        for (bound, seconds) in bounds.iter_mut().zip(buckets) {
            *bound = nanoseconds(Duration::from_secs_f64(*seconds));
        }
        Histogram {
            buckets,
            bounds,
            shared: Counts::default(),
            locals: Mutex::default(),
        }
    }

    pub fn observe(&self, took: Duration) {
        let took = nanoseconds(took);
        let (count, sum) = self.shared.places(&self.bounds, took);
        count.fetch_add(1, Ordering::Relaxed);
        sum.fetch_add(took, Ordering::Relaxed);
    }

    /// Observes the time until the timer is dropped, also where what is measured fails or is given up.
    pub fn timer(&self) -> Timer<'_> {
        Timer {
            histogram: self,
            began: Instant::now(),
        }
    }

    /// A part of this histogram in which one thread observes.
    pub fn local(&self) -> LocalHistogram {
        let counts = Arc::<Counts>::default();
        self.locals().push(counts.clone());
        LocalHistogram {
            bounds: self.bounds,
            counts,
            not_sync: PhantomData,
        }
    }

    /// How many are in each bucket, and the sum in seconds.
    pub(super) fn values(&self) -> (Vec<(f64, u64)>, f64) {
        let locals = self.locals();
        let all = || locals.iter().map(|local| &**local).chain([&self.shared]);
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let seconds = self.buckets.iter().copied().chain([f64::INFINITY]);
        let of = |place: usize| all().map(|counts| load(&counts.of[place])).sum();
        let buckets = seconds.zip((0..=self.buckets.len()).map(of)).collect();
        let sum: u64 = all().map(|counts| load(&counts.nanoseconds)).sum();
        (buckets, Duration::from_nanos(sum).as_secs_f64())
    }

    fn locals(&self) -> MutexGuard<'_, Vec<Arc<Counts>>> {
        self.locals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Where one of this duration is counted, and the sum.
    fn places(&self, bounds: &Bounds, nanoseconds: u64) -> (&AtomicU64, &AtomicU64) {
        let bucket = bounds.iter().position(|bound| nanoseconds <= *bound);
        (&self.of[bucket.unwrap_or(MOST_BUCKETS)], &self.nanoseconds)
    }
}

/// A histogram's part for one thread, which need not agree with any other: what it counts is stored and not added.
#[derive(Debug)]
pub struct LocalHistogram {
    bounds: Bounds,
    counts: Arc<Counts>,
    /// May move to another thread and not be shared with one.
    not_sync: PhantomData<Cell<()>>,
}

impl LocalHistogram {
    pub fn observe(&self, took: Duration) {
        let took = nanoseconds(took);
        let (count, sum) = self.counts.places(&self.bounds, took);
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        sum.store(sum.load(Ordering::Relaxed) + took, Ordering::Relaxed);
    }
}

/// See [`Histogram::timer`].
#[derive(Debug)]
#[must_use = "it measures until it is dropped"]
pub struct Timer<'a> {
    histogram: &'a Histogram,
    began: Instant,
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.histogram.observe(self.began.elapsed());
    }
}

/// 584 years at most.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKETS: &[f64] = &[0.001, 0.01, 2.5];

    fn counts(histogram: &Histogram) -> Vec<u64> {
        histogram
            .values()
            .0
            .iter()
            .map(|(_, count)| *count)
            .collect()
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::new(BUCKETS);
        for micros in [0, 1000, 1001, 10_000, 2_500_000, 2_500_001, 60_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        assert_eq!(counts(&histogram), [2, 2, 1, 2]);
        histogram.observe(Duration::MAX);
        assert_eq!(counts(&histogram), [2, 2, 1, 3]);
    }

    #[test]
    fn parts_of_threads_are_in_the_sum_also_when_their_threads_are_gone() {
        let histogram = Histogram::new(BUCKETS);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let local = histogram.local();
                scope.spawn(move || {
                    for _ in 0..1000 {
                        local.observe(Duration::from_millis(2));
                    }
                });
            }
        });
        histogram.observe(Duration::from_secs(4));
        assert_eq!(counts(&histogram), [0, 3000, 0, 1]);
        assert_eq!(histogram.values().1, 10.0);
    }

    #[test]
    fn a_timer_observes_when_it_is_dropped() {
        let histogram = Histogram::new(BUCKETS);
        let timer = histogram.timer();
        assert_eq!(counts(&histogram), [0; 4]);
        drop(timer);
        assert_eq!(counts(&histogram).iter().sum::<u64>(), 1);
    }
}
