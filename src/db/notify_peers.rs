//! Notifies the other nodes of commits of this process, bundled.

use std::time::Duration;

use super::{Db, Result, commit};

/// At most so many wake-ups a second leave this process, however much it writes. A NOTIFY takes a lock of the whole
/// cluster while its transaction commits, so it never travels in the writing transaction itself.
const WAKE_UPS: Duration = Duration::from_millis(50);

/// Notifies the other nodes after commits, some milliseconds after the last of a burst at the latest. Runs for as
/// long as the process serves.
pub async fn notify_peers(db: Db) {
    loop {
        db.invalidations().notify.notified().await;
        if notify_peers_now(&db).await.is_err() {
            // They poll within a second anyway; the flag stays for the next try.
            tracing::debug!("other nodes could not be notified");
        }
        tokio::time::sleep(WAKE_UPS).await;
    }
}

/// Notifies the other nodes if something was committed since the last time: for commands, before they end.
pub async fn notify_peers_now(db: &Db) -> Result<()> {
    commit::notify_peers(&db.cluster, &db.invalidations).await
}
