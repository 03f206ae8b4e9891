//! The servers of the database: which is the primary, which replicas are new enough, and which of them a read is sent to.
//!
//! [`router`] chooses. Connections for reading come from [`checkout`] and [`checkout_fresh`], those for changes from [`begin`];
//! [`acquire`] is how each waits, [`fail_over`] what becomes of a read that broke. Before anything is asked of a server comes
//! the [`first_probe`]; then [`monitor`] sends a [`probe`] to each twice a second, and [`rotation`] judges what it found.
//! [`server`] holds the pools of one ([`pool`], [`pool_options`]) and what is known of it ([`server_state`]); [`freshness`] says
//! how new a read must be, as a [`position`] in the log. [`history`] keeps the site from a server that has left its history.
//! Reads that no replica can answer go to the primary in a bounded number (a bulkhead), and reads that move to another server
//! take from a [`retry_budget`]. [`waits`] measures how long each request waited for its connection.

mod acquire;
mod begin;
pub(super) mod checkout;
mod checkout_fresh;
pub(super) mod clock;
pub(super) mod counters;
mod direct;
pub(super) mod fail_over;
pub(super) mod first_probe;
pub(super) mod freshness;
pub mod history;
pub(super) mod metrics;
pub(super) mod monitor;
pub(super) mod pool;
mod pool_options;
pub mod position;
pub(super) mod probe;
pub(super) mod retry_budget;
pub(super) mod role;
pub(super) mod rotation;
pub(super) mod round_trip;
pub(super) mod router;
pub(super) mod server;
pub(super) mod server_state;
pub(super) mod switches;
pub(super) mod waits;
