//! Numbers that only grow, for what happens a hundred thousand times a second.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A number that only grows. Each thread counts in a place of its own, on a line of the processor's cache of its own.
#[derive(Debug, Default)]
pub struct Counter([Shard; SHARDS]);

const SHARDS: usize = 8;

#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

static THREADS: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

impl Counter {
    pub fn add(&self, count: u64) {
        self.0[SHARD.with(|shard| *shard)]
            .0
            .fetch_add(count, Ordering::Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    pub fn get(&self) -> u64 {
        self.0
            .iter()
            .map(|shard| shard.0.load(Ordering::Relaxed))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_thread_counted_is_in_the_sum() {
        let counter = Counter::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * SHARDS {
                scope.spawn(|| (0..1000).for_each(|_| counter.one()));
            }
        });
        assert_eq!(counter.get(), 2 * SHARDS as u64 * 1000);
    }
}
