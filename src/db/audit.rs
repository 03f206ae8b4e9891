//! The audit log: one row for each business or privileged act, written in the transaction that acts, so
//! that no act is without its row and no row without its act. The serving role may only insert and read.

use serde_json::Value;
use uuid::Uuid;

use super::{Result, Tx};

/// Who acts, in which request and which business action.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Database key of the person; `None` when nobody signed in acted (set-up, command line).
    pub actor_id: Option<i64>,
    /// Name at the time, readable after the account is gone.
    pub actor: String,
    /// The network of the client that asked, as it is shown; `None` for commands and jobs.
    pub client: Option<String>,
    pub correlation_id: Uuid,
    pub transaction_id: Uuid,
}

/// What happened to what. Texts are cut to 500 characters: the log is a record, not an archive.
#[derive(Default)]
pub struct Entry<'a> {
    /// `noun.verb`, for example `post.publish`.
    pub act: &'a str,
    pub object_kind: &'a str,
    pub object_id: Option<Uuid>,
    /// A name a person recognises: title, handle.
    pub object: &'a str,
    pub reason: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Writes the row and the log line of one act.
pub async fn record(tx: &mut Tx, origin: &Origin, entry: Entry<'_>) -> Result<()> {
    tx.belongs_to(origin);
    let object: String = entry.object.chars().take(500).collect();
    let reason: String = entry.reason.chars().take(500).collect();
    sqlx::query!(
        "insert into audit_log (actor_id, actor, act, object_kind, object_id, object, reason, before, after,
                                correlation_id, transaction_id, client)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        origin.actor_id,
        origin.actor,
        entry.act,
        entry.object_kind,
        entry.object_id,
        object,
        reason,
        entry.before,
        entry.after,
        origin.correlation_id,
        origin.transaction_id,
        origin.client,
    )
    .execute(&mut **tx)
    .await?;
    tracing::info!(
        act = entry.act,
        object.kind = entry.object_kind,
        object.id = entry.object_id.map(tracing::field::display),
        actor = origin.actor,
        client = origin.client,
        correlation_id = %origin.correlation_id,
        transaction_id = %origin.transaction_id,
        "act"
    );
    Ok(())
}
