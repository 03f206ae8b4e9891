//! What is possible with the database just now, and waiting until that changes.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::cluster::first_probe::first_probe;
use super::{Db, ReadRequirement, diagnostics};

/// What is possible just now, as far as the last probes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// A server takes changes; also before the first probe, when nothing is known to be wrong.
    ReadWrite,
    /// No primary, or switched to reading only: nothing can be saved and no session be read.
    ReadOnly,
    /// No server answers.
    Down,
}

impl Db {
    /// Waits until every server has answered or failed one probe, two seconds at most. Everything that asks a server does
    /// so by itself.
    pub async fn first_probe(&self) {
        first_probe(&self.cluster).await;
    }

    /// Whether there is a server that would take changes.
    pub fn has_primary(&self) -> bool {
        self.cluster.primary().is_some()
    }

    /// Waits until a server takes changes, and says which.
    pub async fn primary_found(&self) -> PgConnectOptions {
        self.first_probe().await;
        loop {
            if let Some(primary) = self
                .cluster
                .primary()
                .filter(|server| server.state().takes_changes())
            {
                return primary.options.clone();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until the server of `options` is not the primary any more.
    pub async fn primary_lost(&self, options: &PgConnectOptions) {
        let place = |options: &PgConnectOptions| {
            (
                options.get_host().to_owned(),
                options.get_port(),
                options.get_socket().cloned(),
            )
        };
        while self
            .cluster
            .primary()
            .is_some_and(|primary| place(&primary.options) == place(options))
        {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Whether some server answers that has every migration of this version.
    pub async fn is_up_to_date(&self) -> bool {
        let asked = async {
            let mut conn = self.read(&ReadRequirement::any()).await?;
            diagnostics::migrations(&mut conn).await
        };
        asked
            .await
            .is_ok_and(|migrations| migrations.waiting.is_empty())
    }

    /// What is possible just now.
    pub fn availability(&self) -> Availability {
        if self.cluster.takes_changes() || !self.cluster.has_probed() {
            Availability::ReadWrite
        } else if self.cluster.any_answers() {
            Availability::ReadOnly
        } else {
            Availability::Down
        }
    }
}
