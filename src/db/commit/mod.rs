//! What a commit does besides storing rows: it says what readers will see differently, and everything that follows from
//! that happens by itself.
//!
//! A verb names the cache tags that it changes ([`Tx::invalidate`](super::Tx::invalidate)) or takes down
//! ([`Tx::purge`](super::Tx::purge)); [`Tx::commit`](super::Tx::commit) writes them to `cache_invalidations` in the same
//! transaction, bumps their versions on this node ([`versions`]), wakes the other nodes, and waits for take-downs
//! ([`take_down`]). A commit whose answer was lost is recognised by its token ([`token`]); tags of one whose position
//! is not known are read on the primary meanwhile ([`pinned`]).

mod cache_tag;
mod invalidation;
mod pinned;
pub(super) mod savepoint;
mod take_down;
mod token;
mod versions;

pub use cache_tag::CacheTag;
pub use invalidation::{
    CHANNEL, InvalidatedTags, Invalidations, Outbox, notify_peers, notify_peers_now,
    tracking_writes,
};
pub use token::prune_commit_tokens;
pub use versions::{TagVersions, Validity};
