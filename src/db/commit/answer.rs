//! How the server answers a COMMIT: it happened, it did not, or nothing was heard.

use futures_util::TryStreamExt;
use sqlx::Either;

use crate::db::cluster::pool::Conn;
use crate::db::cluster::position::{self, Position};
use crate::db::{Result, is_away};

/// How a COMMIT was answered.
pub(in crate::db) enum Committed {
    /// With the position behind it, where that was asked for and is known.
    Yes(Option<Position>),
    No(sqlx::Error),
    /// Not at all.
    Lost(sqlx::Error),
}

impl Committed {
    pub(in crate::db) fn into_result(self) -> Result<()> {
        match self {
            Committed::Yes(_) => Ok(()),
            Committed::No(error) | Committed::Lost(error) => Err(error.into()),
        }
    }
}

/// Commits and asks for the position in the same message: a position from another connection takes a round trip more and
/// may come late, when everything else waits too.
pub(in crate::db) async fn commit_on(mut conn: Conn, wants_position: bool) -> Committed {
    let statements = if wants_position {
        position::COMMIT_AND_NOW
    } else {
        "commit"
    };
    let mut committed = false;
    let mut found = None;
    let failed = {
        let mut answers = sqlx::raw_sql(statements).fetch_many(&mut *conn);
        loop {
            match answers.try_next().await {
                Ok(Some(Either::Left(_))) => committed = true,
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
        Some(_) if committed => Committed::Yes(None),
        Some(error) if is_away(&error) => Committed::Lost(error),
        Some(error) => Committed::No(error),
    }
}
