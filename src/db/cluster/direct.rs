//! A connection to the primary outside the pools, for work that keeps it: listening, the lock of the leader.

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::first_probe::first_probe;
use super::router::Cluster;
use crate::db::Result;

impl Cluster {
    /// Opens it with these options of the primary's.
    pub(in crate::db) async fn direct(
        &self,
        options: impl Fn(&PgConnectOptions) -> PgConnectOptions,
    ) -> Result<PgConnection> {
        first_probe(self).await;
        Ok(options(&self.primary_or_fail()?.options).connect().await?)
    }
}
