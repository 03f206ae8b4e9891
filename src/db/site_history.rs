//! The history of the database that the site is on, as operators ask for it and change it.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::cluster::first_probe::probe_all;
use super::cluster::history::{self, HistoryId, Refusal, SiteHistory};
use super::cluster::role::Role;
use super::cluster::server::Server;
use super::{Db, Result};

impl Db {
    /// Whether the server that `options` lead to is a primary that the site must not write to.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn refusal_of(&self, options: &PgConnectOptions) -> Result<Option<Refusal>> {
        let mut conn = options.connect().await?;
        let (found, role) = history::identify(&mut conn).await?;
        conn.close().await?;
        Ok(if role == Role::Primary {
            self.cluster.history.judge(found, role)
        } else {
            None
        })
    }

    /// Primaries that are refused for their history, with their names.
    pub fn refused_primaries(&self) -> Vec<(String, Refusal)> {
        let refused = |server: &Arc<Server>| Some((server.name.clone(), server.state().refused?));
        self.cluster
            .all
            .iter()
            .filter_map(refused)
            .filter(|(_, refusal)| refusal.role == Role::Primary)
            .collect()
    }

    /// What is known of the site's history.
    pub fn history(&self) -> SiteHistory {
        self.cluster.history.known()
    }

    /// Goes on with a history, whatever was before, and probes all servers again.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub async fn accept_history(&self, id: HistoryId) -> std::io::Result<()> {
        self.cluster.history.accept(id)?;
        probe_all(&self.cluster).await;
        Ok(())
    }

    /// Takes that back.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub fn put_history_back(&self, history: SiteHistory) -> std::io::Result<()> {
        self.cluster.history.put(history)
    }
}
