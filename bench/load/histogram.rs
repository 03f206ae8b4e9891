//! Times, counted in buckets whose width grows with the time, as in an HDR histogram: any number of them in
//! the same memory, each known to better than one in a hundred.

use std::time::Duration;

use serde_json::{Value, json};

/// Each doubling of time has 2^7 buckets.
const BITS: u32 = 7;
const STEPS: u64 = 1 << BITS;

pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Histogram {
            counts: vec![0; ((64 - BITS as usize) + 1) << BITS],
            total: 0,
            max: 0,
        }
    }

    pub fn record(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos)] += 1;
        self.total += 1;
        self.max = self.max.max(nanos);
    }

    /// The time in microseconds that this share of all did not exceed. `None`: there are no times.
    fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(micros(upper_end(bucket).min(self.max)));
            }
        }
        None
    }

    pub fn report(&self) -> Value {
        json!({
            "count": self.total,
            "p50_us": self.quantile(0.5),
            "p90_us": self.quantile(0.9),
            "p99_us": self.quantile(0.99),
            "p999_us": self.quantile(0.999),
            "max_us": micros(self.max),
        })
    }
}

fn bucket(nanos: u64) -> usize {
    if nanos < STEPS {
        return nanos as usize;
    }
    let shift = nanos.ilog2() - BITS;
    (u64::from(shift + 1) * STEPS + (nanos >> shift) - STEPS) as usize
}

/// The longest time that falls into a bucket.
fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < STEPS {
        return bucket;
    }
    let shift = bucket / STEPS - 1;
    (((bucket % STEPS + STEPS + 1) as u128) << shift)
        .saturating_sub(1)
        .min(u128::from(u64::MAX)) as u64
}

fn micros(nanos: u64) -> f64 {
    (nanos as f64 / 100.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_lies_in_its_bucket() {
        for nanos in [
            0,
            1,
            127,
            128,
            129,
            255,
            256,
            1000,
            123_456,
            987_654_321,
            u64::MAX,
        ] {
            let end = upper_end(bucket(nanos));
            assert!(
                end >= nanos && end - nanos <= nanos / 100,
                "{nanos} became {end}"
            );
        }
    }

    #[test]
    fn quantiles_are_ranks() {
        let mut times = Histogram::new();
        for millis in 1..=100 {
            times.record(Duration::from_millis(millis));
        }
        assert!((times.quantile(0.5).unwrap() - 50_000.0).abs() < 500.0);
        assert!((times.quantile(0.99).unwrap() - 99_000.0).abs() < 990.0);
        assert_eq!(times.quantile(1.0), Some(100_000.0));
        assert_eq!(Histogram::new().quantile(0.5), None);
    }
}
