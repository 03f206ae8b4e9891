//! Fail-over of reads: after a failure, whether the read is tried again, and where.

use super::acquire::is_broken_connection;
use super::counters::Counters;
use super::freshness::ReadRequirement;
use super::router::Cluster;

impl Cluster {
    /// After a read failed with `error`: whether it is worth trying again. On another server, if it was a replica's; what
    /// broke its connection takes it out of rotation for all reads. Once more on the primary, whose connection may have been
    /// a dead one of before a restart.
    pub(in crate::db) fn fails_over(
        &self,
        reading: &ReadRequirement,
        error: &(dyn std::error::Error + 'static),
    ) -> bool {
        let Some(error) = sqlx_error(error) else {
            return false;
        };
        let broken = is_broken_connection(error);
        match reading.replica() {
            Some(server) => self.leaves_replica(server, reading, error, broken),
            None => self.tries_primary_again(reading, broken),
        }
    }

    fn leaves_replica(
        &self,
        server: usize,
        reading: &ReadRequirement,
        error: &sqlx::Error,
        broken: bool,
    ) -> bool {
        let code = error
            .as_database_error()
            .and_then(|e| e.code())
            .unwrap_or_default();
        let conflict = code.starts_with("40");
        let broken = broken || matches!(error, sqlx::Error::PoolTimedOut);
        if conflict {
            Counters::one(&self.counters.conflicts);
        }
        if broken {
            self.all[server].eject(&error.to_string());
        }
        (conflict || broken) && self.moves_from(server, reading)
    }

    fn tries_primary_again(&self, reading: &ReadRequirement, broken: bool) -> bool {
        if broken && let Some(primary) = self.primary() {
            primary.doubt_connections();
        }
        broken && reading.tries_primary_again()
    }

    /// After a read that did not come back in time: ejects the replica, and says whether the read moves.
    pub(in crate::db) fn fails_over_after_silence(&self, reading: &ReadRequirement) -> bool {
        let Some(server) = reading.replica() else {
            return false;
        };
        self.all[server].eject("a read did not come back in time");
        self.moves_from(server, reading)
    }

    /// While the budget of retries lasts.
    fn moves_from(&self, server: usize, reading: &ReadRequirement) -> bool {
        if !self.may_fail_over() {
            return false;
        }
        Counters::one(&self.counters.failovers);
        reading.failed_over_from(server);
        true
    }
}

/// The database's own error behind ours.
fn sqlx_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a sqlx::Error> {
    let mut error = Some(error);
    while let Some(e) = error {
        if let Some(found) = e.downcast_ref::<sqlx::Error>() {
            return Some(found);
        }
        error = e.source();
    }
    None
}
