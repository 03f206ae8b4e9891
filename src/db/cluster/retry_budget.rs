//! How much asking again there may be.

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
    /// `reads` is how many there were so far; two who ask at the same time may come in the other order.
    pub(in crate::db) fn allows(&mut self, reads: u64) -> bool {
        let now = Instant::now();
        if self.since.is_none_or(|since| now - since > BUDGET_OF) {
            *self = RetryBudget {
                since: Some(now),
                reads,
                failovers: 0,
            };
        }
        self.failovers += 1;
        self.failovers <= ALWAYS + reads.saturating_sub(self.reads) / ONE_IN
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
}
