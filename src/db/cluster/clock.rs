//! The time by the database, for everything that nodes must agree on. The clock of a node may be minutes off; the one of
//! the primary is shared by all, and its rows are written by it.

use std::sync::RwLock;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// What a server's clock said, and when.
#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    said: DateTime<Utc>,
    by_primary: bool,
}

#[derive(Default)]
pub(in crate::db) struct Clock(RwLock<Option<Reading>>);

impl Clock {
    /// A server answered `said` to what was asked at `asked`. A replica counts only while no primary was ever heard.
    pub(in crate::db) fn set(&self, asked: Instant, said: DateTime<Utc>, by_primary: bool) {
        // It read its clock somewhere between the question and the answer.
        let at = asked + asked.elapsed() / 2;
        let mut reading = self.0.write().unwrap_or_else(|e| e.into_inner());
        if by_primary || reading.is_none_or(|known| !known.by_primary) {
            *reading = Some(Reading {
                at,
                said,
                by_primary,
            });
        }
    }

    /// This node's own clock only until a server has answered.
    pub(in crate::db) fn now(&self) -> DateTime<Utc> {
        match *self.0.read().unwrap_or_else(|e| e.into_inner()) {
            Some(reading) => {
                reading.said + TimeDelta::from_std(reading.at.elapsed()).unwrap_or_default()
            }
            #[expect(clippy::disallowed_methods, reason = "nothing better is known yet")]
            None => Utc::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_decides_and_replicas_stand_in_for_it() {
        let clock = Clock::default();
        let near =
            |expected: DateTime<Utc>| (clock.now() - expected).abs() < TimeDelta::seconds(30);
        let hour = TimeDelta::hours(1);
        assert!(near(Utc::now()));
        clock.set(Instant::now(), Utc::now() + hour, false);
        assert!(near(Utc::now() + hour));
        clock.set(Instant::now(), Utc::now() - hour, true);
        clock.set(Instant::now(), Utc::now() + hour, false);
        assert!(near(Utc::now() - hour));
    }
}
