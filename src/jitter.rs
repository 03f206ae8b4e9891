//! Random spread of times, so that what began together does not come back together: expiries, polls and retries of
//! many nodes would otherwise meet at one database in one moment. The numbers are fast and guessable; whatever must not
//! be guessed (a session's token) has its own source.

// The one place that may ask for it.
#![expect(clippy::disallowed_methods)]

use std::time::Duration;

/// `time`, longer or shorter by at most `share` of it, which lies between 0 and 1.
pub fn around(time: Duration, share: f64) -> Duration {
    time.mul_f64(1.0 + share * (2.0 * fraction() - 1.0))
}

/// At least 0, less than 1.
pub fn fraction() -> f64 {
    rand::random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lie_around_what_is_asked() {
        let (time, least, most) = (Duration::from_secs(100), 75.0, 125.0);
        let times: Vec<_> = (0..1000)
            .map(|_| around(time, 0.25).as_secs_f64())
            .collect();
        assert!(times.iter().all(|time| (least..=most).contains(time)));
        assert!(times.iter().any(|time| *time < 80.0) && times.iter().any(|time| *time > 120.0));
    }
}
