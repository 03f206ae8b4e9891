//! The rows of one transaction that wait for its commit.

use serde_json::Value;
use uuid::Uuid;

use super::entry::Entry;
use crate::access::Actor;

/// The rows of one transaction, by columns: that is how one statement takes any number of them.
#[derive(Default)]
pub(in crate::db) struct Acts {
    pub(in crate::db) actor_ids: Vec<Option<i64>>,
    pub(in crate::db) actors: Vec<String>,
    pub(in crate::db) acts: Vec<String>,
    pub(in crate::db) object_kinds: Vec<String>,
    pub(in crate::db) object_ids: Vec<Option<Uuid>>,
    pub(in crate::db) objects: Vec<String>,
    pub(in crate::db) reasons: Vec<String>,
    pub(in crate::db) before: Vec<Option<Value>>,
    pub(in crate::db) after: Vec<Option<Value>>,
    pub(in crate::db) correlation_ids: Vec<Uuid>,
    pub(in crate::db) transaction_ids: Vec<Uuid>,
    pub(in crate::db) clients: Vec<Option<String>>,
}

impl Acts {
    pub(in crate::db) fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    pub(in crate::db) fn append(&mut self, mut later: Acts) {
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

    pub(super) fn push(&mut self, actor: &Actor, entry: Entry<'_>) {
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
