//! What a commit does besides storing rows: it says what readers will see differently, and everything that follows from
//! that happens by itself.
//!
//! A verb names the cache tags that it changes ([`Tx::invalidate`](super::Tx::invalidate)) or takes down
//! ([`Tx::purge`](super::Tx::purge)); [`Tx::commit`](super::Tx::commit) writes them to `cache_invalidations` in the same
//! transaction, bumps their versions on this node ([`versions`]), notifies the other nodes ([`notify_peers`](mod@notify_peers)), and waits for take-downs
//! ([`take_down`]); [`invalidation`] has these steps. A commit whose answer was lost is recognised by its token ([`token`]);
//! tags of one whose position is not known are read on the primary until it is ([`pinned`], [`late_position`]).

mod answer;
mod cache_tag;
mod invalidated_tags;
mod invalidation;
mod invalidations;
mod late_position;
mod notify_peers;
mod pinned;
mod savepoint;
mod take_down;
mod token;
mod versions;
mod written;

pub use cache_tag::CacheTag;
pub use invalidated_tags::InvalidatedTags;
pub use invalidations::Invalidations;
pub use notify_peers::CHANNEL;
pub(super) use notify_peers::notify_peers;
pub use versions::{TagVersions, Validity};
pub use written::tracking_writes;
