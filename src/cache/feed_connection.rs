//! The connections of the invalidation feed, with a bound on each wait.

use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::{PgConnection, PgListener};

use crate::db::{CHANNEL, Db};

/// An answer that takes longer is none.
const ANSWER: Duration = Duration::from_millis(500);

/// Round trips of a new connection and of what is asked first on it.
const CONNECTING: u32 = 16;

pub(super) async fn connect(db: &Db) -> anyhow::Result<PgConnection> {
    Ok(
        tokio::time::timeout(db.allow(2 * ANSWER, CONNECTING), db.direct("invalidations"))
            .await
            .context("no connection in time")??,
    )
}

pub(super) async fn listen(db: &Db) -> anyhow::Result<PgListener> {
    let pool = db.one_connection("listen")?;
    let listener = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    Ok(
        tokio::time::timeout(db.allow(2 * ANSWER, CONNECTING), listener)
            .await
            .context("no channel in time")??,
    )
}

pub(super) async fn within<T>(
    db: &Db,
    answer: impl Future<Output = crate::db::Result<T>>,
) -> anyhow::Result<T> {
    Ok(tokio::time::timeout(db.allow(ANSWER, 4), answer)
        .await
        .context("no answer in time")??)
}
