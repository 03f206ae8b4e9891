//! Counts round trips: how often a server said that it is ready for the next question, on the connections of the pools.
//! Everything counts that a request causes, also what goes on behind its answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{PATIENCE, until};

/// By the name of the pool. Connections that watch the server, hear of changes or do jobs are not counted.
#[derive(Clone, Default)]
pub struct RoundTrips(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    answered: BTreeMap<String, u64>,
    /// Questions whose answers are not through yet.
    open: u64,
}

/// One connection.
pub struct Talk {
    trips: RoundTrips,
    state: Mutex<TalkState>,
}

#[derive(Default)]
struct TalkState {
    /// None before the first message; empty for one that is not counted.
    pool: Option<String>,
    asked: Messages,
    answered: Messages,
    /// The server is ready for the first time after connecting: nobody asked for that by a message of its own.
    connected: bool,
    open: u64,
}

impl RoundTrips {
    pub fn talk(&self) -> Talk {
        Talk {
            trips: self.clone(),
            state: Mutex::default(),
        }
    }

    /// How many there were, once nothing is under way any more.
    pub async fn so_far(&self) -> u64 {
        until("every question is answered", PATIENCE, async || {
            self.0.lock().unwrap().open == 0
        })
        .await;
        self.0.lock().unwrap().answered.values().sum()
    }
}

impl Talk {
    pub fn asked(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        let Some(pool) = &state.pool else {
            state.pool = Some(pool_of(bytes));
            return;
        };
        if !pool.is_empty() {
            // Sync, and a simple query: each is answered by one "ready for query".
            let count = state.asked.count(bytes, b"SQ");
            state.open += count;
            self.trips.0.lock().unwrap().open += count;
        }
    }

    pub fn answered(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        let Some(pool) = state.pool.clone().filter(|pool| !pool.is_empty()) else {
            return;
        };
        let mut count = state.answered.count(bytes, b"Z");
        if count > 0 && !state.connected {
            state.connected = true;
            count -= 1;
        }
        state.open -= count;
        let mut counts = self.trips.0.lock().unwrap();
        counts.open -= count;
        *counts.answered.entry(pool).or_default() += count;
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.trips.0.lock().unwrap().open -= self.state.lock().unwrap().open;
    }
}

/// The pool that a connection belongs to, by the name in its first message; nothing for all others.
fn pool_of(startup: &[u8]) -> String {
    let mut parts = startup
        .get(8..)
        .unwrap_or_default()
        .split(|byte| *byte == 0);
    let name = parts
        .by_ref()
        .find(|part| *part == b"application_name")
        .and_then(|_| parts.next())
        .unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    if ["masthead/read", "masthead/fresh", "masthead/write"].contains(&name.as_str()) {
        name
    } else {
        String::new()
    }
}

/// A stream of messages: a byte of kind, four of length (which counts itself), the rest.
#[derive(Default)]
struct Messages {
    head: Vec<u8>,
    left: usize,
}

impl Messages {
    /// How many messages of these kinds begin in `bytes`.
    fn count(&mut self, mut bytes: &[u8], kinds: &[u8]) -> u64 {
        let mut found = 0;
        while let [first, rest @ ..] = bytes {
            if self.left > 0 {
                let skipped = self.left.min(bytes.len());
                self.left -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            bytes = rest;
            self.head.push(*first);
            if let [kind, length @ ..] = self.head.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                found += u64::from(kinds.contains(kind));
                self.left = u32::from_be_bytes(length) as usize - 4;
                self.head.clear();
            }
        }
        found
    }
}
