//! Which history of the database this site is on: the system identifier of the cluster and its newest timeline,
//! remembered in the data directory.
//!
//! A server of another cluster, or a primary of an older timeline, holds a history that the site has left: what is saved
//! there is lost as soon as the other one is back. It is refused until an operator accepts it with
//! `masthead database accept-history`, which replaces what is remembered.
//!
//! [`SiteHistory`] judges servers (`site_history`), [`History`] is what this process knows (`known`), kept in a `file`.

mod file;
mod known;
mod queries;
mod site_history;

pub use file::read;
pub(in crate::db) use known::History;
pub(in crate::db) use queries::permitted;
pub use queries::{identify, system_identifier};
pub use site_history::{HistoryId, Refusal, SiteHistory};
