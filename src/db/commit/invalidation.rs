//! Invalidation: a transaction that changes what readers see says so. The verb that writes names the tags
//! ([`Tx::invalidate`], [`Tx::purge`]), and [`Tx::commit`] does the rest, so that no caller of a verb can forget it.

use std::sync::Arc;

use uuid::Uuid;

use super::answer::{Committed, LastMessage, commit_on};
use super::cache_tag::CacheTag;
use super::invalidated_tags::InvalidatedTags;
use super::invalidations::Invalidations;
use super::late_position::learn_later;
use super::pinned::PinnedCommit;
use super::take_down;
use super::token::{CommitToken, Outcome};
use super::written::wrote;
use crate::access::Actor;
use crate::db::cluster::pool::Conn;
use crate::db::cluster::position::Position;
use crate::db::cluster::router::Cluster;
use crate::db::{DbError, Result, Tx, public_id};

impl Tx {
    /// Names what readers will see differently. Repeating is free.
    pub fn invalidate(&mut self, tags: impl IntoIterator<Item = CacheTag>) {
        self.invalidated.changed.extend(tags);
    }

    /// Names what no reader may see again.
    pub fn purge(&mut self, tags: impl IntoIterator<Item = CacheTag>) {
        self.invalidated.gone.extend(tags);
    }

    /// Names the request and the business action that this transaction is part of: its invalidations, its purges and the
    /// notice about a take-down are found by these ids. Comes before the first [`crate::db::audit::record`].
    pub fn belongs_to(&mut self, actor: &Actor) {
        self.invalidated.transaction_id = Some(actor.transaction_id());
        self.invalidated.correlation_id = Some(actor.correlation_id);
    }

    pub(in crate::db) fn has_origin(&self) -> bool {
        self.invalidated.transaction_id.is_some() && self.invalidated.correlation_id.is_some()
    }

    /// Makes the change last, then invalidates what it changed: on this node before this returns, on others by the
    /// rows that are committed with it. Until this returns, no answer may say that it happened. What was taken down is
    /// waited for: other nodes that are connected have given it up as well, or had a quarter of a second to.
    ///
    /// # Errors
    ///
    /// Nothing happened, or, if the connection was lost and no primary could say in time what became of the commit, it is
    /// not known: verbs are written so that sending the same again does it once.
    pub async fn commit(mut self) -> Result<()> {
        self.join_parts();
        if self.invalidated.gone.is_empty() {
            return self.commit_and_invalidate().await;
        }
        let (cluster, invalidations) = (self.cluster.clone(), self.invalidations.clone());
        let transaction_id = *self
            .invalidated
            .transaction_id
            .get_or_insert_with(public_id);
        self.commit_and_invalidate().await?;
        take_down::wait_for_nodes(&cluster, &invalidations, transaction_id).await;
        Ok(())
    }

    async fn commit_and_invalidate(mut self) -> Result<()> {
        self.fill_outbox().await?;
        let token = CommitToken::new();
        let (last, rows) = if self.acts.is_empty() && self.invalidated.is_empty() {
            (LastMessage::TokenAndCommit(token), Vec::new())
        } else {
            (self.last_message(), self.leave_rows(token).await?)
        };
        let Some(conn) = self.conn.take() else {
            return Err(DbError::Refused(sqlx::Error::PoolClosed));
        };
        self.end_by_itself((conn, last), token, rows).await
    }

    /// After the token was left with other rows.
    fn last_message(&self) -> LastMessage {
        if self.invalidated.is_empty() {
            LastMessage::Commit
        } else {
            LastMessage::CommitAndPosition
        }
    }

    async fn fill_outbox(&mut self) -> Result<()> {
        if !self.invalidated.is_empty()
            && let Some(outbox) = self.outbox
        {
            let invalidated = self.invalidated.clone();
            outbox(self, &invalidated).await?;
        }
        Ok(())
    }

    /// What every transaction leaves besides its own rows, in one statement: the audit log, the invalidations, the token by
    /// which the commit can be recognised. Gives the ids of the invalidations.
    async fn leave_rows(&mut self, token: CommitToken) -> Result<Vec<i64>> {
        let acts = std::mem::take(&mut self.acts);
        let (changed, gone) = (
            CacheTag::to_row(&self.invalidated.changed),
            CacheTag::to_row(&self.invalidated.gone),
        );
        let transaction_id = self.invalidated.transaction_id;
        let left = sqlx::query_scalar!(
            r#"with acts as (
                   insert into audit_log (actor_id, actor, act, object_kind, object_id, object, reason, before, after,
                                          correlation_id, transaction_id, client)
                   select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[],
                                        $8::jsonb[], $9::jsonb[], $10::uuid[], $11::uuid[], $16::text[])),
               changes as (
                   insert into cache_invalidations (tags, gone, transaction_id)
                   select change.tags, change.gone, $14 from (values ($12::text[], false), ($13::text[], true)) change (tags, gone)
                   where cardinality(change.tags) > 0
                   returning id),
               mark as (
                   insert into commit_marks (id) values ($15))
               select array(select id from changes) as "rows!""#,
            &acts.actor_ids as &[Option<i64>],
            &acts.actors,
            &acts.acts,
            &acts.object_kinds,
            &acts.object_ids as &[Option<Uuid>],
            &acts.objects,
            &acts.reasons,
            &acts.before as &[Option<serde_json::Value>],
            &acts.after as &[Option<serde_json::Value>],
            &acts.correlation_ids,
            &acts.transaction_ids,
            &changed,
            &gone,
            transaction_id,
            token.id(),
            &acts.clients as &[Option<String>],
        )
        .fetch_one(&mut **self)
        .await?;
        Ok(left)
    }

    /// On its own: a browser that hangs up between COMMIT and the tag versions would leave old pages until the feed
    /// reads the row.
    async fn end_by_itself(
        mut self,
        last: (Conn, LastMessage),
        token: CommitToken,
        rows: Vec<i64>,
    ) -> Result<()> {
        let invalidated = std::mem::take(&mut self.invalidated);
        let (cluster, invalidations) = (self.cluster.clone(), self.invalidations.clone());
        let (enqueued, wakes_workers) = (self.enqueued.clone(), self.wakes_workers);
        let ended = tokio::spawn(async move {
            let ended = end(&cluster, &invalidations, last, token, invalidated, rows).await;
            if wakes_workers && ended.is_ok() {
                enqueued.notify_one();
            }
            ended
        });
        match ended.await {
            Ok(result) => {
                if let Some(position) = result? {
                    wrote(position);
                }
                Ok(())
            }
            Err(error) => Err(DbError::Refused(sqlx::Error::Io(std::io::Error::other(
                error,
            )))),
        }
    }
}

/// Commits, and bumps the tag versions of what is then known to have changed. Gives the position behind the change.
async fn end(
    cluster: &Arc<Cluster>,
    invalidations: &Arc<Invalidations>,
    (conn, last): (Conn, LastMessage),
    token: CommitToken,
    invalidated: InvalidatedTags,
    rows: Vec<i64>,
) -> Result<Option<Position>> {
    let (position, lost) = match commit_on(conn, last).await {
        Committed::Yes(position) => (position, None),
        Committed::No(error) => return Err(error.into()),
        Committed::Lost(error) => match token.outcome(cluster).await {
            Outcome::Committed => (None, None),
            Outcome::Undone => return Err(DbError::Unavailable(error)),
            Outcome::Unknown => (None, Some(error)),
        },
    };
    if invalidated.is_empty() {
        return lost.map_or(Ok(None), |error| Err(DbError::Unavailable(error)));
    }
    // Where the server may commit only now, the tag versions are bumped, and bumped again when the row is read in the table.
    let rows = if lost.is_none() { rows } else { Vec::new() };
    invalidations.bump(&invalidated, rows, position.unwrap_or(Position::UNKNOWN));
    invalidations.notify();
    if position.is_none() {
        let token = lost.is_some().then_some(token);
        let pinned = PinnedCommit { token, invalidated };
        learn_later(cluster, invalidations, pinned);
    }
    match lost {
        Some(error) => Err(DbError::Unavailable(error)),
        None => Ok(Some(position.unwrap_or(Position::UNKNOWN))),
    }
}
