//! What goes on besides answering requests: following other nodes, telling them, and sharing this version's files.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::cache::invalidation_feed;
use crate::db::{self, Db};
use crate::features::site;
use crate::state::AppState;
use crate::web::assets;

/// What goes on besides answering requests.
pub(super) struct Background(Vec<JoinHandle<()>>);

impl Background {
    /// Begins to follow other nodes before the first page is served.
    pub(super) async fn start(app: &AppState, preparation: Option<JoinHandle<()>>) -> Self {
        let (db, cache, node) = (app.db.clone(), app.cache.clone(), app.node.clone());
        let mut tasks = db::watch(&db);
        tasks.extend(preparation);
        tasks.extend([
            tokio::spawn(invalidation_feed::run(
                db.clone(),
                cache,
                node.id,
                node.name,
            )),
            tokio::spawn(db::notify_peers(db.clone())),
            tokio::spawn(share_assets(db)),
        ]);
        app.cache.feed().established(Duration::from_secs(2)).await;
        Background(tasks)
    }

    pub(super) async fn stop(self, app: &AppState) {
        for task in self.0 {
            task.abort();
        }
        // Both only save the others a wait.
        let _ = db::notify_peers_now(&app.db).await;
        let _ = invalidation_feed::leave(&app.db, app.node.id).await;
    }
}

/// At the start, and again for as long as this version runs: what no node marks as used is forgotten after a month.
async fn share_assets(db: Db) {
    loop {
        let shared = async {
            assets::share(&db).await?;
            site::share_accent(&db).await
        }
        .await;
        if let Err(error) = &shared {
            tracing::warn!(%error, "nodes of other versions cannot get this one's files");
        }
        tokio::time::sleep(if shared.is_ok() {
            Duration::from_secs(24 * 3600)
        } else {
            Duration::from_secs(60)
        })
        .await;
    }
}
