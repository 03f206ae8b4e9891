//! The servers of the database: which is the primary, which replicas are new enough, and which of them a read is sent to.
//!
//! [`router`] chooses, [`checkout`] hands out connections, [`monitor`] sends a [`probe`] to every server twice a second,
//! [`rotation`] judges what it found, [`server`] holds what is known of one and its pools ([`pool`]), [`freshness`] says how
//! new a read must be, as a [`position`] in the log. [`history`] keeps the site from a server that has left its history. Reads
//! that no replica can answer go to the primary in a bounded number (a bulkhead), and reads that move to another server take
//! from a [`retry_budget`]. [`waits`] measures how long each request waited for its connection.

pub(super) mod checkout;
pub(super) mod clock;
pub(super) mod freshness;
pub mod history;
pub(super) mod metrics;
pub(super) mod monitor;
pub(super) mod pool;
pub mod position;
pub(super) mod probe;
pub(super) mod retry_budget;
pub(super) mod rotation;
pub(super) mod round_trip;
pub(super) mod router;
pub(super) mod server;
pub(super) mod switches;
pub(super) mod waits;
