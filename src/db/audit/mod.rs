//! The audit log: one row for each business or privileged act, written in the transaction that acts, so
//! that no act is without its row and no row without its act. The serving role may only insert and read.
//!
//! Rows are kept until [`Tx::commit`], which writes them together with what else every transaction leaves behind: one
//! round trip for all of it.

mod acts;
mod entry;

pub use entry::Entry;

pub(super) use acts::Acts;

use super::{DbError, Result, Tx};
use crate::access::Actor;

/// Adds the row of one act to the transaction, and writes its log line. The row itself is written at the commit.
///
/// # Errors
///
/// Where nothing was said with [`Tx::belongs_to`]: what the transaction takes down could not be found by its action
/// afterwards, and no page would say that a copy is left.
pub async fn record(tx: &mut Tx, actor: &Actor, entry: Entry<'_>) -> Result<()> {
    if !tx.has_origin() {
        let fault = format!(
            "{} is recorded in a transaction that belongs to no business action",
            entry.act
        );
        return Err(DbError::Refused(sqlx::Error::Protocol(fault)));
    }
    tracing::info!(
        act = entry.act,
        object.kind = entry.object_kind,
        object.id = entry.object_id.map(tracing::field::display),
        actor = actor.name,
        client = actor.client,
        correlation_id = %actor.correlation_id,
        transaction_id = %actor.transaction_id(),
        "act"
    );
    tx.acts.push(actor, entry);
    Ok(())
}
