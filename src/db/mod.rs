//! The database room: connections, transactions, migrations, ids, keyset cursors, the audit log and the
//! private Postgres of the default run.
//!
//! Ask [`Db`] for what the work needs: [`Db::read`] for public pages (a connection that cannot write, of a replica
//! where there is one that is new enough), [`Db::fresh`] for reads that must see the newest state (sessions,
//! permissions, the editor), [`Db::begin`] for every change, which names what readers will see differently
//! ([`Tx::invalidate`]). Reading queries take `&mut PgConnection`, writing ones take `&mut Tx`, so a write on a read
//! connection does not compile, and the server refuses it besides.
//!
//! [`Db`] itself stands in `database`, [`Tx`] in `tx`. [`cluster`] knows the servers and sends each read to one, `commit`
//! invalidates what a transaction changed, a [`Position`] says how new something is.

#![warn(missing_docs)]
// The one room that may hold a driver's pool.
#![expect(clippy::disallowed_types)]

mod admission;
pub mod audit;
mod availability;
pub mod cluster;
mod commit;
mod conn;
mod constraint;
pub mod cursor;
mod database;
pub mod diagnostics;
pub mod embedded;
mod error;
pub mod grants;
pub mod migrate;
mod notify_peers;
mod options;
mod prune_commit_tokens;
mod site_history;
mod tx;

pub use crate::ids::{fast_id, public_id};
pub use admission::{Priority, Rejected, with_priority};
pub use availability::Availability;
pub use cluster::freshness::{ReadFrom, ReadRequirement};
pub use cluster::monitor::watch;
pub use cluster::pool::PoolSizes;
pub use cluster::position::Position;
pub use cluster::role::Role;
pub use cluster::switches::{ReplicaReads, Switches};
pub use commit::{
    CHANNEL, CacheTag, InvalidatedTags, Invalidations, TagVersions, Validity, tracking_writes,
};
pub use conn::{FreshConn, ReadConn};
pub use constraint::OnConstraint;
pub use database::{DIRECT_CONNECTIONS, Db};
pub use error::{DbError, Result, is_away};
pub use notify_peers::{notify_peers, notify_peers_now};
pub use options::parse_url;
pub use prune_commit_tokens::prune_commit_tokens;
pub use tx::{Outbox, Tx};
