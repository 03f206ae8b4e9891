//! How fresh a read must be, and what became of it: goes along with one page from its first query to its storing.

use std::sync::Mutex;

use super::position::Position;
use super::turns::Priority;

/// Where a read was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Shows everything that was committed before it began.
    Primary,
    /// Shows at least everything up to here.
    Replica(Position),
}

/// One page's reads. They may be several, and go to one server if that goes well.
#[derive(Default)]
pub struct Reading {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    priority: Priority,
    needed: Option<Position>,
    /// Servers that broke under this read already.
    avoided: Vec<usize>,
    moves: u32,
    tried_again: bool,
    at: Option<At>,
    host: Option<usize>,
}

impl Reading {
    /// From any replica that is let in: at most some seconds old.
    pub fn any() -> Self {
        Reading::default()
    }

    /// From a server that shows everything up to `needed`.
    pub fn at_least(needed: Option<Position>) -> Self {
        Reading {
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
        state.host = None;
    }

    /// The oldest state that any of the queries saw; the primary's where none was asked.
    pub fn at(&self) -> At {
        self.lock().at.unwrap_or(At::Primary)
    }

    /// For the row of those who wait.
    pub fn matters(&self, priority: Priority) {
        self.lock().priority = priority;
    }

    pub(super) fn priority(&self) -> Priority {
        self.lock().priority
    }

    pub fn needed(&self) -> Option<Position> {
        self.lock().needed
    }

    pub fn is_on_replica(&self) -> bool {
        self.replica().is_some()
    }

    /// Whether a failure may be the replica's and not the database's.
    pub(super) fn replica(&self) -> Option<usize> {
        let state = self.lock();
        state
            .host
            .filter(|_| matches!(state.at, Some(At::Replica(_))))
    }

    pub(super) fn answered(&self, host: usize, at: At) {
        let mut state = self.lock();
        state.host = Some(host);
        state.at = Some(match (state.at, at) {
            (Some(At::Replica(before)), At::Replica(now)) => At::Replica(before.min(now)),
            (Some(At::Replica(before)), At::Primary) => At::Replica(before),
            (_, at) => at,
        });
    }

    pub(super) fn avoid(&self, host: usize) {
        let mut state = self.lock();
        if !state.avoided.contains(&host) {
            state.avoided.push(host);
        }
        state.moves += 1;
    }

    pub(super) fn avoids(&self, host: usize) -> bool {
        self.lock().avoided.contains(&host)
    }

    /// Whether the primary was asked, and only once.
    pub(super) fn tries_primary_again(&self) -> bool {
        let mut state = self.lock();
        state.at == Some(At::Primary) && !std::mem::replace(&mut state.tried_again, true)
    }

    /// The server broke: forget what it showed, and go elsewhere.
    pub(super) fn moved_from(&self, host: usize) {
        self.avoid(host);
        let mut state = self.lock();
        state.at = None;
        state.host = None;
    }

    pub(super) fn moves(&self) -> u32 {
        self.lock().moves
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}
