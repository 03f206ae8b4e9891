//! A place in the write-ahead log: how new a read must be, or is.

use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use crate::db::Result;

/// Timeline and log sequence number. Two are comparable only on one timeline: after a fail-over the same number may
/// stand for other changes, so a raw comparison of numbers would call a lost write found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Which history `lsn` counts in; it grows with each promotion.
    pub timeline: u32,
    /// Bytes of write-ahead log since the cluster was made (`pg_lsn`).
    pub lsn: u64,
}

impl Position {
    /// Of a change whose place could not be learned: no replica is ever known to have it.
    pub const UNKNOWN: Position = Position {
        timeline: u32::MAX,
        lsn: u64::MAX,
    };

    /// Whether a server that has come to here shows everything up to `other`.
    pub fn covers(self, other: Position) -> bool {
        self.timeline == other.timeline && self.lsn >= other.lsn
    }
}

/// Where the primary's log ends now: at or behind every commit that was acknowledged before the call. Ask after COMMIT
/// only: inside the transaction the commit record has no place yet. Of the three ends of the log only the one of
/// insertion is right where `synchronous_commit` is off.
///
/// # Errors
///
/// Refused with 55000 by a server in recovery, which has no end of its own.
pub async fn now(conn: &mut PgConnection) -> Result<Position> {
    let row = sqlx::query!(
        r#"select (pg_current_wal_insert_lsn() - '0/0')::bigint as "lsn!",
                  ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as "timeline!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(Position {
        timeline: row.timeline.cast_unsigned(),
        lsn: row.lsn.cast_unsigned(),
    })
}

/// Ends a transaction and asks the same, in one message.
pub(in crate::db) const COMMIT_AND_NOW: &str =
    "commit; select (pg_current_wal_insert_lsn() - '0/0')::bigint,
    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int";

/// The answer of [`COMMIT_AND_NOW`].
pub(in crate::db) fn of(row: &PgRow) -> sqlx::Result<Position> {
    let (lsn, timeline): (i64, i32) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Position {
        timeline: timeline.cast_unsigned(),
        lsn: lsn.cast_unsigned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_two_timelines_say_nothing_of_each_other() {
        let at = |timeline, lsn| Position { timeline, lsn };
        assert!(at(1, 7).covers(at(1, 7)) && at(1, 8).covers(at(1, 7)));
        assert!(!at(1, 6).covers(at(1, 7)));
        assert!(!at(2, 9).covers(at(1, 7)) && !at(1, 9).covers(at(2, 7)));
        assert!(!at(1, u64::MAX - 1).covers(Position::UNKNOWN));
    }
}
