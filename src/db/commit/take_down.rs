//! A take-down is answered when the other nodes have carried it out: an author who takes words back, and looks again at
//! another node, must not find them.

use std::time::Duration;

use uuid::Uuid;

use super::invalidations::Invalidations;
use super::notify_peers::notify_peers;
use crate::db::cluster::router::Cluster;
use crate::db::{DbError, Result};

/// Connected nodes hear of it within milliseconds; one that does not must not hold up the author.
const PATIENCE: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until every connected node has acknowledged the newest take-down of a business action. A node that has not by
/// then is named on the page that follows.
pub(in crate::db) async fn wait_for_nodes(
    cluster: &Cluster,
    invalidations: &Invalidations,
    transaction_id: Uuid,
) {
    let acknowledged = async {
        // Not with the next round of wake-ups, which may be a moment away.
        notify_peers(cluster, invalidations).await?;
        while nodes_left(cluster, transaction_id).await? > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok::<(), DbError>(())
    };
    if !matches!(
        tokio::time::timeout(PATIENCE, acknowledged).await,
        Ok(Ok(()))
    ) {
        tracing::warn!(%transaction_id, "not every node has acknowledged a take-down yet");
    }
}

async fn nodes_left(cluster: &Cluster, transaction_id: Uuid) -> Result<i64> {
    let (mut conn, _permit) = cluster.checkout_fresh().await?;
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from cache_nodes n
           where n.seen_at > now() - interval '10 seconds'
             and not exists (select 1 from cache_acknowledgements a
                             where a.node = n.node
                               and a.invalidation_id = (select max(i.id) from cache_invalidations i
                                                        where i.transaction_id = $1 and i.gone))"#,
        transaction_id,
    )
    .fetch_one(&mut *conn)
    .await?)
}
