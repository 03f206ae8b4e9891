//! What is known of one server, and which work it is fit for.

use std::time::{Duration, Instant};

use super::history::Refusal;
use super::position::Position;
use super::role::Role;

/// What the monitor and the traffic found out.
#[derive(Clone, Copy, Debug)]
pub(in crate::db) struct ServerState {
    /// None before the first probe, and where it is of another cluster.
    pub(in crate::db) role: Option<Role>,
    /// It holds a history that the site has left.
    pub(in crate::db) refused: Option<Refusal>,
    /// The end of the log of a primary, the place up to which a replica has replayed.
    pub(in crate::db) position: Option<Position>,
    /// It answered when it was last asked.
    pub(in crate::db) reachable: bool,
    /// It is a primary on which `default_transaction_read_only` is on: an operator wants nothing to be written.
    pub(in crate::db) read_only: bool,
    /// Reads may go there.
    pub(in crate::db) in_rotation: bool,
    /// Bytes and time behind the primary, for replicas.
    pub(in crate::db) behind: Option<u64>,
    pub(in crate::db) lag: Option<Duration>,
    /// Probes in a row that went well, and that did not.
    pub(in crate::db) good: u32,
    pub(in crate::db) bad: u32,
    /// When it last entered the rotation.
    pub(in crate::db) in_rotation_since: Option<Instant>,
    /// Not before this.
    pub(in crate::db) kept_out_until: Option<Instant>,
    pub(in crate::db) transitions: u64,
}

impl Default for ServerState {
    fn default() -> Self {
        ServerState {
            role: None,
            refused: None,
            position: None,
            // Until the first probe.
            reachable: true,
            read_only: false,
            in_rotation: false,
            behind: None,
            lag: None,
            good: 0,
            bad: 0,
            in_rotation_since: None,
            kept_out_until: None,
            transitions: 0,
        }
    }
}

impl ServerState {
    /// Whether it shows everything up to `needed`.
    pub(in crate::db) fn covers(&self, needed: Position) -> bool {
        self.position.is_some_and(|here| here.covers(needed))
    }

    /// Whether it may be asked for what must never be old.
    pub(in crate::db) fn answers_fresh(&self) -> bool {
        self.reachable && self.role == Some(Role::Primary) && self.refused.is_none()
    }

    /// Whether it is a replica that answers readers.
    pub(in crate::db) fn serves_readers(&self) -> bool {
        self.in_rotation && self.role == Some(Role::Replica) && self.position.is_some()
    }

    /// Whether it lets something be written.
    pub(in crate::db) fn takes_changes(&self) -> bool {
        self.answers_fresh() && !self.read_only
    }

    /// It was asked how far it has replayed. On which timeline only a whole probe tells: one that has not followed a
    /// fail-over may have come as far in another history.
    pub(in crate::db) fn has_replayed(&mut self, lsn: u64) {
        if let Some(here) = &mut self.position {
            here.lsn = here.lsn.max(lsn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_another_history_covers_nothing() {
        let at = |timeline, lsn| Position { timeline, lsn };
        let mut known = ServerState {
            position: Some(at(1, 5)),
            ..ServerState::default()
        };
        known.has_replayed(9);
        assert!(known.covers(at(1, 9)) && !known.covers(at(1, 10)) && !known.covers(at(2, 7)));
        known.has_replayed(3);
        assert!(
            known.covers(at(1, 9)),
            "an older answer that comes late takes nothing back"
        );
        let mut unknown = ServerState::default();
        unknown.has_replayed(9);
        assert!(!unknown.covers(at(1, 1)));
    }
}
