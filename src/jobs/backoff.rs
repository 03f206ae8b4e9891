use std::time::Duration;

/// How long a failed job waits: a random time up to a bound that doubles with each attempt. The chance is over the
/// whole span ("full jitter"), because jobs that failed together, when a CDN went away, would otherwise all come back
/// in the same second.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The bound after the first attempt.
    pub base: Duration,
    /// The bound never grows beyond.
    pub cap: Duration,
}

impl Backoff {
    pub const DEFAULT: Backoff = Backoff {
        base: Duration::from_secs(2),
        cap: Duration::from_secs(3600),
    };

    /// The wait after so many attempts; `chance` is from 0 to 1.
    pub(super) fn wait(&self, attempts: i16, chance: f64) -> Duration {
        let doublings = u32::try_from(attempts.saturating_sub(1))
            .unwrap_or(0)
            .min(31);
        self.base
            .saturating_mul(1 << doublings)
            .min(self.cap)
            .mul_f64(chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let bounds: Vec<u64> = [1, 2, 3, 11, 12, 25, i16::MAX]
            .map(|n| Backoff::DEFAULT.wait(n, 1.0).as_secs())
            .into();
        assert_eq!(bounds, [2, 4, 8, 2048, 3600, 3600, 3600]);
        assert_eq!(Backoff::DEFAULT.wait(0, 1.0).as_secs(), 2);
    }

    #[test]
    fn chance_covers_the_whole_span() {
        assert_eq!(Backoff::DEFAULT.wait(3, 0.0), Duration::ZERO);
        assert_eq!(Backoff::DEFAULT.wait(3, 0.5), Duration::from_secs(4));
    }
}
