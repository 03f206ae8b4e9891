//! The retry budget: how many reads may be asked again on another server.

use std::time::{Duration, Instant};

/// How many reads may move to another server: where most fail, asking twice as much would only finish the others off.
#[derive(Default)]
pub(in crate::db) struct RetryBudget {
    since: Option<Instant>,
    reads: u64,
    failovers: u64,
}

const BUDGET_OF: Duration = Duration::from_secs(10);
/// One in so many reads, and always some: those under way when a server dies all move at once.
const ONE_IN: u64 = 10;
const ALWAYS: u64 = 50;

impl RetryBudget {
    /// `reads` is how many there were so far; two that ask at the same time may come in the other order.
    pub(in crate::db) fn allows(&mut self, reads: u64) -> bool {
        let now = Instant::now();
        if self.since.is_none_or(|since| now - since > BUDGET_OF) {
            *self = RetryBudget {
                since: Some(now),
                reads,
                failovers: 0,
            };
        }
        let allowed = self.failovers < ALWAYS + reads.saturating_sub(self.reads) / ONE_IN;
        // A move that is refused costs nothing: counted, it would use up what later reads bring.
        self.failovers += u64::from(allowed);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_all_reads_fail_few_are_asked_again() {
        let mut budget = RetryBudget::default();
        let moves = (0..10_000).filter(|reads| budget.allows(*reads)).count() as u64;
        assert!(
            (ALWAYS..=ALWAYS + 10_000 / ONE_IN).contains(&moves),
            "{moves}"
        );
        // Reads that do not fail make room again.
        assert!(budget.allows(1_000_000));
    }

    #[test]
    fn refused_moves_take_nothing_from_those_that_come_later() {
        let mut budget = RetryBudget::default();
        let moves = (0..1_000).filter(|_| budget.allows(0)).count() as u64;
        assert_eq!(moves, ALWAYS);
        // Ten reads later there is room for one more.
        assert!(budget.allows(ONE_IN) && !budget.allows(ONE_IN));
    }
}
