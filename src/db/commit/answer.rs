//! How the server answers a COMMIT: it happened, it did not, or nothing was heard.

use futures_util::TryStreamExt;
use sqlx::Either;

use super::token::CommitToken;
use crate::db::cluster::pool::Conn;
use crate::db::cluster::position::{self, Position};
use crate::db::is_away;

/// How a COMMIT was answered.
pub(in crate::db) enum Committed {
    /// With the position behind it, where that was asked for and is known.
    Yes(Option<Position>),
    No(sqlx::Error),
    /// Not at all.
    Lost(sqlx::Error),
}

/// What goes to the server in the message that commits: a round trip less while a request waits and rows are locked.
#[derive(Clone, Copy)]
pub(in crate::db) enum LastMessage {
    Commit,
    /// A position from another connection may come late, when everything else waits too.
    CommitAndPosition,
    /// The token, where the transaction wrote something and left nothing else that it could go along with.
    TokenAndCommit(CommitToken),
}

impl LastMessage {
    /// The statements, and how many come before the commit.
    fn statements(self) -> (String, usize) {
        match self {
            LastMessage::Commit => ("commit".to_owned(), 0),
            LastMessage::CommitAndPosition => (position::COMMIT_AND_NOW.to_owned(), 0),
            LastMessage::TokenAndCommit(token) => {
                let leave = "select where pg_current_xact_id_if_assigned() is not null";
                let id = token.id();
                let statements = format!(
                    "insert into commit_marks (id) select '{id}'::uuid from ({leave}) writes; commit"
                );
                (statements, 1)
            }
        }
    }
}

/// Commits, and tells how that was answered.
pub(in crate::db) async fn commit_on(mut conn: Conn, last: LastMessage) -> Committed {
    let (statements, before) = last.statements();
    let mut done = 0;
    let mut found = None;
    let failed = {
        let statements = sqlx::AssertSqlSafe(statements);
        let mut answers = sqlx::raw_sql(statements).fetch_many(&mut *conn);
        loop {
            match answers.try_next().await {
                Ok(Some(Either::Left(_))) => done += 1,
                Ok(Some(Either::Right(row))) => found = position::of(&row).ok(),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        }
    };
    match failed {
        None => {
            conn.release();
            Committed::Yes(found)
        }
        Some(_) if done > before => Committed::Yes(None),
        Some(error) if is_away(&error) => Committed::Lost(error),
        Some(error) => Committed::No(error),
    }
}
