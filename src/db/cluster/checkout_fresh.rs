//! Reads on the primary, which see every commit acknowledged so far.

use sqlx::postgres::PgConnection;

use super::acquire::{FIRST_ANSWER, is_broken_connection, permit, while_known};
use super::first_probe::first_probe;
use super::pool::Conn;
use super::router::Cluster;
use super::server::Server;
use super::server_state::ServerState;
use crate::db::admission::{self, Permit};
use crate::db::{DbError, Result};

impl Cluster {
    /// Sees every commit acknowledged so far.
    pub(in crate::db) async fn checkout_fresh(&self) -> Result<(Conn, Permit)> {
        first_probe(self).await;
        let server = self.primary_or_fail()?;
        let _waiting = self.waits.begin(admission::priority());
        let permit = permit(&server.fresh_queue, admission::priority()).await?;
        let tested = async {
            server
                .fresh
                .acquire(server.fresh_wait())
                .await?
                .tested(server.fresh_wait())
                .await
        };
        Ok((
            while_known(server, ServerState::answers_fresh, Box::pin(tested)).await?,
            permit,
        ))
    }

    /// The same for one question, which is asked again on another connection if that was dead: so nothing is asked
    /// beforehand whether it is alive.
    pub(in crate::db) async fn ask_fresh<T>(
        &self,
        question: impl AsyncFn(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        first_probe(self).await;
        let server = self.primary_or_fail()?;
        let waiting = self.waits.begin(admission::priority());
        let _permit = permit(&server.fresh_queue, admission::priority()).await?;
        let mut conn = while_known(
            server,
            ServerState::answers_fresh,
            Box::pin(server.fresh.acquire(server.fresh_wait())),
        )
        .await?;
        drop(waiting);
        if conn.is_untested() {
            if let Some(answer) = first_answer(server, &mut conn, &question).await {
                conn.release();
                return answer;
            }
            server.doubt_connections();
            conn = while_known(
                server,
                ServerState::answers_fresh,
                Box::pin(conn.another(server.fresh_wait())),
            )
            .await?;
        }
        let answer = question(&mut conn).await;
        if answer.is_ok() {
            conn.release();
        }
        answer
    }
}

/// None where the connection is dead, or silent for too long.
async fn first_answer<T>(
    server: &Server,
    conn: &mut PgConnection,
    question: &impl AsyncFn(&mut PgConnection) -> Result<T>,
) -> Option<Result<T>> {
    let limit = server.round_trip.allow(FIRST_ANSWER, 4);
    match tokio::time::timeout(limit, question(conn)).await {
        Ok(Err(error)) if is_broken(&error) => None,
        Ok(answer) => Some(answer),
        Err(_) => None,
    }
}

fn is_broken(error: &DbError) -> bool {
    match error {
        DbError::Unavailable(error) | DbError::Refused(error) => is_broken_connection(error),
        DbError::Overloaded => false,
    }
}
