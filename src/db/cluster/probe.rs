//! One probe of one server: a connection that is kept for it, and what it asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection};

use super::history;
use super::history::HistoryId;
use super::role::Role;
use super::server::Server;
use crate::db::Result;
use crate::db::options::with_settings;

/// What one probe found.
pub(super) struct Probe {
    pub(super) role: Role,
    pub(super) system: Option<i64>,
    /// None of a replica that hears from no primary.
    pub(super) timeline: Option<u32>,
    /// Where it last wrote a checkpoint, if that had to be asked for.
    pub(super) replayed_timeline: u32,
    pub(super) asked: Instant,
    pub(super) clock: DateTime<Utc>,
    pub(super) lsn: Option<u64>,
    pub(super) lag: Option<Duration>,
    pub(super) heard: Option<Duration>,
    pub(super) read_only: bool,
    /// Sessions that begin now may find another value of that than this one.
    pub(super) read_only_for_others: bool,
}

/// A connection for probes.
pub(super) struct Prober {
    pub(super) conn: PgConnection,
    may_identify: bool,
}

/// Opens the connection for probes, and measures how far away the server is.
pub(super) async fn connect(server: Arc<Server>) -> anyhow::Result<(Prober, Duration)> {
    let options = with_settings(
        &server.options,
        "monitor",
        &[
            ("statement_timeout", "250ms"),
            ("synchronous_commit", "off"),
        ],
    );
    let mut conn = options.connect().await.context("no connection")?;
    let began = Instant::now();
    conn.ping().await.context("no answer")?;
    let took = began.elapsed();
    server.round_trip.measured(took);
    Ok((
        Prober {
            conn,
            may_identify: true,
        },
        took,
    ))
}

pub(super) async fn probe(kept: &mut Option<Prober>) -> anyhow::Result<Probe> {
    let prober = kept.as_mut().context("no connection")?;
    if prober.may_identify {
        match history::permitted(ask(&mut prober.conn).await).context("no answer")? {
            Some(probe) => return Ok(probe),
            None => prober.may_identify = false,
        }
    }
    ask_without_identity(&mut prober.conn)
        .await
        .context("no answer")
}

/// Only for roles with `pg_read_all_stats` is there more than a row of nulls in `pg_stat_wal_receiver`, and a server may keep
/// from its roles which cluster it is of.
macro_rules! ask {
    ($conn:expr, $identity:literal) => {{
        let asked = Instant::now();
        let row = sqlx::query!(
            r#"select pg_is_in_recovery() as "standby!",
                      (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end
                          - '0/0')::bigint as lsn,
                      case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
                           else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end as timeline,
                      clock_timestamp() as "clock!",
                      extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 as lag,
                      extract(epoch from clock_timestamp() - (select last_msg_receipt_time from pg_stat_wal_receiver))::float8 as heard,
                      current_setting('default_transaction_read_only')::bool as "read_only!",
                      exists (select from pg_db_role_setting, unnest(setconfig) as setting
                              where setdatabase in (0, (select oid from pg_database where datname = current_database()))
                                and setrole in (0, to_regrole(quote_ident(current_user)))
                                and setting like 'default_transaction_read_only=%') as "read_only_for_others!", "#
                + $identity
        )
        .fetch_one($conn)
        .await?;
        let seconds = |number: Option<f64>| number.map(|n| Duration::from_secs_f64(n.clamp(0.0, 1e9)));
        Ok(Probe {
            role: if row.standby { Role::Replica } else { Role::Primary },
            system: row.system,
            timeline: row.timeline.map(i32::cast_unsigned),
            replayed_timeline: row.replayed_timeline.unwrap_or(0).cast_unsigned(),
            asked,
            clock: row.clock,
            lsn: row.lsn.map(i64::cast_unsigned),
            lag: seconds(row.lag),
            heard: seconds(row.heard),
            read_only: row.read_only,
            read_only_for_others: row.read_only_for_others,
        })
    }};
}

async fn ask(conn: &mut PgConnection) -> sqlx::Result<Probe> {
    ask!(
        conn,
        "(select system_identifier from pg_control_system()) as system,
         greatest((select timeline_id from pg_control_checkpoint()),
                  (select min_recovery_end_timeline from pg_control_recovery())) as replayed_timeline"
    )
}

async fn ask_without_identity(conn: &mut PgConnection) -> sqlx::Result<Probe> {
    ask!(
        conn,
        "null::bigint as system, null::int as replayed_timeline"
    )
}

/// How far a replica has replayed.
pub(in crate::db) async fn replayed(conn: &mut PgConnection) -> Result<u64> {
    let lsn = sqlx::query_scalar!(
        r#"select coalesce((pg_last_wal_replay_lsn() - '0/0')::bigint, 0) as "lsn!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(lsn.cast_unsigned())
}

/// A server that is frozen accepts connections and says nothing.
pub(super) const ANSWER: Duration = Duration::from_millis(500);

/// Connecting, and whatever else takes many round trips, may take so long.
pub(super) const MOST: Duration = Duration::from_secs(15);

impl Probe {
    pub(super) fn history(&self) -> HistoryId {
        HistoryId {
            system: self.system,
            timeline: self.timeline.unwrap_or(self.replayed_timeline),
        }
    }
}
