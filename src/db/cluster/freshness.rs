//! How fresh a read must be, and where it was answered: goes along with one page from its first query to its storing.

use std::sync::Mutex;

use super::position::Position;
use crate::db::admission::{self, Priority};

/// Where a read was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// Shows everything that was committed before it began.
    Primary,
    /// Shows at least everything up to here.
    Replica(Position),
}

/// One page's reads. They may be several, and go to one server if that goes well.
#[derive(Default)]
pub struct ReadRequirement {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None`: that of the request.
    priority: Option<Priority>,
    needed: Option<Position>,
    /// Servers that broke under this read already.
    avoided: Vec<usize>,
    failovers: u32,
    tried_again: bool,
    at: Option<ReadFrom>,
    server: Option<usize>,
}

impl ReadRequirement {
    /// From any replica in rotation: at most some seconds old.
    pub fn any() -> Self {
        ReadRequirement::default()
    }

    /// From a server that shows everything up to `needed`.
    pub fn at_least(needed: Option<Position>) -> Self {
        ReadRequirement {
            state: Mutex::new(State {
                needed,
                ..State::default()
            }),
        }
    }

    /// The same read again, after it turned out to be too old for what it shows.
    pub fn again(&self, needed: Position) {
        let mut state = self.lock();
        let needed = state.needed.map_or(needed, |known| known.max(needed));
        state.needed = Some(needed);
        state.at = None;
        state.server = None;
    }

    /// The oldest state that any of the queries saw; the primary's where none was asked.
    pub fn at(&self) -> ReadFrom {
        self.lock().at.unwrap_or(ReadFrom::Primary)
    }

    /// The class in which its queries wait for a connection; without it, that of the request whose task this is.
    pub fn set_priority(&self, priority: Priority) {
        self.lock().priority = Some(priority);
    }

    pub(in crate::db) fn priority(&self) -> Priority {
        let own = self.lock().priority;
        own.or_else(admission::priority_of_request)
            .unwrap_or(Priority::Anonymous)
    }

    /// The position that a server must have come to; `None` where any in rotation will do.
    pub fn needed(&self) -> Option<Position> {
        self.lock().needed
    }

    /// Whether a replica was read, whose answer may be older than a tag of the page.
    pub fn is_on_replica(&self) -> bool {
        self.replica().is_some()
    }

    /// Whether a failure may be the replica's and not the database's.
    pub(in crate::db) fn replica(&self) -> Option<usize> {
        let state = self.lock();
        state
            .server
            .filter(|_| matches!(state.at, Some(ReadFrom::Replica(_))))
    }

    pub(in crate::db) fn answered(&self, server: usize, at: ReadFrom) {
        let mut state = self.lock();
        state.server = Some(server);
        state.at = Some(match (state.at, at) {
            (Some(ReadFrom::Replica(before)), ReadFrom::Replica(now)) => {
                ReadFrom::Replica(before.min(now))
            }
            (Some(ReadFrom::Replica(before)), ReadFrom::Primary) => ReadFrom::Replica(before),
            (_, at) => at,
        });
    }

    pub(in crate::db) fn avoid(&self, server: usize) {
        let mut state = self.lock();
        if !state.avoided.contains(&server) {
            state.avoided.push(server);
        }
        state.failovers += 1;
    }

    pub(in crate::db) fn avoids(&self, server: usize) -> bool {
        self.lock().avoided.contains(&server)
    }

    /// Whether the primary was asked, and only once.
    pub(in crate::db) fn tries_primary_again(&self) -> bool {
        let mut state = self.lock();
        state.at == Some(ReadFrom::Primary) && !std::mem::replace(&mut state.tried_again, true)
    }

    /// The server broke: forget what it showed, and go elsewhere.
    pub(in crate::db) fn failed_over_from(&self, server: usize) {
        self.avoid(server);
        let mut state = self.lock();
        state.at = None;
        state.server = None;
    }

    pub(in crate::db) fn failovers(&self) -> u32 {
        self.lock().failovers
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}
