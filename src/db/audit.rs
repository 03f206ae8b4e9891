//! The audit log: one row for each business or privileged act, written in the transaction that acts, so
//! that no act is without its row and no row without its act. The serving role may only insert and read.
//!
//! Rows are kept until [`Tx::commit`], which writes them together with what else every transaction leaves behind: one
//! round trip for all of it.

use serde_json::Value;
use uuid::Uuid;

use super::{DbError, Result, Tx};
use crate::access::Actor;

/// What happened to what. Texts are cut to 500 characters: the log is a record, not an archive.
#[derive(Default)]
pub struct Entry<'a> {
    /// `noun.verb`, for example `post.publish`.
    pub act: &'a str,
    /// A noun: `post`, `comment`, `user`.
    pub object_kind: &'a str,
    /// Its public id; `None` for what has none, such as the site.
    pub object_id: Option<Uuid>,
    /// A name a person recognises: title, handle.
    pub object: &'a str,
    /// As the actor gave it; empty where none is asked for.
    pub reason: &'a str,
    /// What the act took away, as far as the log should hold it: no passwords, no bodies.
    pub before: Option<Value>,
    /// What the act put there.
    pub after: Option<Value>,
}

/// The rows of one transaction, by columns: that is how one statement takes any number of them.
#[derive(Default)]
pub(super) struct Acts {
    pub(super) actor_ids: Vec<Option<i64>>,
    pub(super) actors: Vec<String>,
    pub(super) acts: Vec<String>,
    pub(super) object_kinds: Vec<String>,
    pub(super) object_ids: Vec<Option<Uuid>>,
    pub(super) objects: Vec<String>,
    pub(super) reasons: Vec<String>,
    pub(super) before: Vec<Option<Value>>,
    pub(super) after: Vec<Option<Value>>,
    pub(super) correlation_ids: Vec<Uuid>,
    pub(super) transaction_ids: Vec<Uuid>,
    pub(super) clients: Vec<Option<String>>,
}

impl Acts {
    pub(super) fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    pub(super) fn append(&mut self, mut later: Acts) {
        self.actor_ids.append(&mut later.actor_ids);
        self.actors.append(&mut later.actors);
        self.acts.append(&mut later.acts);
        self.object_kinds.append(&mut later.object_kinds);
        self.object_ids.append(&mut later.object_ids);
        self.objects.append(&mut later.objects);
        self.reasons.append(&mut later.reasons);
        self.before.append(&mut later.before);
        self.after.append(&mut later.after);
        self.correlation_ids.append(&mut later.correlation_ids);
        self.transaction_ids.append(&mut later.transaction_ids);
        self.clients.append(&mut later.clients);
    }

    fn push(&mut self, actor: &Actor, entry: Entry<'_>) {
        self.actor_ids.push(actor.id);
        self.actors.push(actor.name.clone());
        self.acts.push(entry.act.to_owned());
        self.object_kinds.push(entry.object_kind.to_owned());
        self.object_ids.push(entry.object_id);
        self.objects.push(entry.object.chars().take(500).collect());
        self.reasons.push(entry.reason.chars().take(500).collect());
        self.before.push(entry.before);
        self.after.push(entry.after);
        self.correlation_ids.push(actor.correlation_id);
        self.transaction_ids.push(actor.transaction_id());
        self.clients.push(actor.client.clone());
    }
}

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
