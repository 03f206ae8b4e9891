//! Probes every server twice a second, on a connection of its own: what it is, how far it has come, whether reads may
//! go there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinHandle;

use super::history;
use super::history::HistoryId;
use super::position::Position;
use super::router::Cluster;
use super::server::{Role, Server, ServerState};
use super::switches::ReplicaReads;
use crate::db::diagnostics;
use crate::db::diagnostics::Pooler;
use crate::db::options::with_settings;
use crate::db::{Db, Result};

use crate::jitter;

const PROBE_EVERY: Duration = Duration::from_millis(500);
/// A server that is frozen accepts connections and says nothing.
const ANSWER: Duration = Duration::from_millis(500);
/// For all servers together, at the start. One that does not answer by then counts as down.
const FIRST_PROBE: Duration = Duration::from_secs(2);
/// Connecting, and whatever else takes many round trips, may take so long.
const MOST: Duration = Duration::from_secs(15);
/// A replica may be behind by both of these, and no further.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
const MOST_LAG: Duration = Duration::from_secs(5);
/// And has heard of the primary.
const SILENCE: Duration = Duration::from_secs(10);
/// Probes in a row that take a server out of rotation, and that bring it back.
const BAD: u32 = 2;
const GOOD: u32 = 3;
const BAD_PRIMARY: u32 = 4;
/// One that fell behind again so soon stays out for as long: going in and out costs more than it gives.
const CALM: Duration = Duration::from_secs(30);
const FAR: &str = "it is too far behind";
/// A probe takes a fraction of a millisecond: a server that needs so long keeps readers waiting.
const SLOW: Duration = Duration::from_millis(200);
/// The primary writes a commit this often, so that the time since the last replayed one means something when nothing
/// else is written.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What one probe found.
struct Probe {
    role: Role,
    system: Option<i64>,
    /// None of a replica that hears from no primary.
    timeline: Option<u32>,
    /// Where it last wrote a checkpoint, if that had to be asked for.
    replayed_timeline: u32,
    asked: Instant,
    clock: DateTime<Utc>,
    lsn: Option<u64>,
    lag: Option<Duration>,
    heard: Option<Duration>,
    read_only: bool,
    /// Sessions that begin now may find another value of that than this one.
    read_only_for_others: bool,
}

/// A connection for probes.
struct Prober {
    conn: PgConnection,
    may_identify: bool,
}

/// Watches every server until the tasks are aborted.
pub fn watch(db: &Db) -> Vec<JoinHandle<()>> {
    db.cluster.watched.store(true, Ordering::Release);
    (0..db.cluster.all.len())
        .map(|index| tokio::spawn(follow(db.cluster.clone(), index)))
        .collect()
}

async fn follow(cluster: Arc<Cluster>, index: usize) {
    let server = &cluster.all[index];
    let mut conn = None;
    let mut beaten = Instant::now();
    // The first one was probed before anything was asked of it.
    let mut answers_are_its_own = index == 0;
    let mut checking = Slowly::default();
    while !answers_are_its_own {
        let options = server.options.clone();
        match checking
            .done_within(ANSWER * 4, || async move {
                Ok(diagnostics::pooler(&options).await?)
            })
            .await
        {
            Some(Ok(Pooler::Transaction)) => fail(
                server,
                true,
                "a pooler in transaction mode stands before it (see doctor)",
            ),
            Some(Ok(Pooler::None | Pooler::Session)) => answers_are_its_own = true,
            Some(Err(error)) => fail(server, is_gone(&error), "no connection"),
            None => fail(server, false, "no answer in time"),
        }
        if !answers_are_its_own {
            pause(server).await;
        }
    }
    let mut connecting = Slowly::default();
    // The way there as it was when it was shortest: what comes to it later is slowness and no distance.
    let mut nearest = Duration::ZERO;
    loop {
        if conn.is_none() {
            match connecting
                .done_within(server.round_trip.allow(ANSWER, 4), || {
                    connect(server.clone())
                })
                .await
            {
                Some(Ok((connected, took))) => {
                    conn = Some(connected);
                    nearest = took;
                }
                Some(Err(error)) => {
                    server.doubt_connections();
                    fail(server, is_gone(&error), &format!("{error:#}"));
                    pause(server).await;
                    continue;
                }
                None => {
                    fail(server, false, "no answer in time");
                    pause(server).await;
                    continue;
                }
            }
        }
        let began = Instant::now();
        match tokio::time::timeout(server.round_trip.allow(ANSWER, 4), probe(&mut conn)).await {
            Ok(Ok(probe)) => {
                let took = began.elapsed();
                // The first probe on a connection prepares its question.
                let slow = (took > SLOW + nearest * 2).then_some("it answers slowly");
                nearest = nearest.min(took);
                server.round_trip.measured(took);
                observe(&cluster, &probe).await;
                record(&cluster, index, &probe, slow);
                // What a role or a database sets counts for new sessions only.
                if probe.read_only || probe.read_only_for_others {
                    conn = None;
                }
                if probe.role == Role::Primary
                    && !cluster.is_single()
                    && beaten.elapsed() >= HEARTBEAT
                {
                    beaten = Instant::now();
                    if let Some(prober) = conn.as_mut() {
                        let _ = tokio::time::timeout(
                            server.round_trip.allow(ANSWER, 4),
                            beat(&mut prober.conn),
                        )
                        .await;
                    }
                }
            }
            Ok(Err(error)) => {
                conn = None;
                server.doubt_connections();
                fail(server, is_gone(&error), &format!("{error:#}"));
            }
            Err(_) => {
                conn = None;
                fail(server, false, "no answer in time");
            }
        }
        for pool in server.pools() {
            pool.prune();
        }
        pause(server).await;
    }
}

/// Until the next probe.
async fn pause(server: &Server) {
    tokio::select! {
        () = tokio::time::sleep(jitter::around(PROBE_EVERY, 0.2)) => {}
        () = server.probe.notified() => {}
    }
}

/// The first probe, of all servers at once. Only when all are known is any of them judged: of two that believe to be the
/// primary, the one with the newer timeline is.
pub(in crate::db) async fn probe_all(cluster: &Cluster) {
    let first =
        async |server: &Arc<Server>| probe(&mut Some(connect(server.clone()).await?.0)).await;
    let probes = cluster
        .all
        .iter()
        .map(|server| tokio::time::timeout(FIRST_PROBE, first(server)));
    let probes = join_all(probes).await;
    for role in [Role::Primary, Role::Replica] {
        for probe in probes
            .iter()
            .flatten()
            .flatten()
            .filter(|probe| probe.role == role)
        {
            observe(cluster, probe).await;
        }
    }
    for (index, looked) in probes.iter().enumerate() {
        let server = &cluster.all[index];
        match looked {
            // The monitor decides whether reads may go to a replica; it also finds out what stands before it.
            Ok(Ok(probe)) => record(cluster, index, probe, Some("it is not watched yet")),
            Ok(Err(error)) => fail(server, true, &format!("{error:#}")),
            Err(_) => fail(server, true, "no answer in time"),
        }
    }
}

/// Something that takes many round trips and goes on while it counts as late: what is begun again each time is never done
/// where the server is far away.
struct Slowly<T>(Option<JoinHandle<anyhow::Result<T>>>);

impl<T> Default for Slowly<T> {
    fn default() -> Self {
        Slowly(None)
    }
}

impl<T: Send + 'static> Slowly<T> {
    /// None while it is not done.
    async fn done_within<F>(
        &mut self,
        limit: Duration,
        begin: impl FnOnce() -> F,
    ) -> Option<anyhow::Result<T>>
    where
        F: Future<Output = anyhow::Result<T>> + Send + 'static,
    {
        let task = self.0.get_or_insert_with(|| {
            let work = begin();
            tokio::spawn(async {
                tokio::time::timeout(MOST, work)
                    .await
                    .context("no answer in time")?
            })
        });
        let done = tokio::time::timeout(limit, task).await.ok()?;
        self.0 = None;
        Some(done.context("it broke").flatten())
    }
}

impl<T> Drop for Slowly<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Opens the connection for probes, and measures how far away the server is.
async fn connect(server: Arc<Server>) -> anyhow::Result<(Prober, Duration)> {
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

async fn probe(kept: &mut Option<Prober>) -> anyhow::Result<Probe> {
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

async fn beat(conn: &mut PgConnection) -> Result<()> {
    sqlx::query_scalar!(r#"select pg_logical_emit_message(true, 'masthead', '')::text as "lsn!""#)
        .fetch_one(conn)
        .await?;
    Ok(())
}

impl Probe {
    fn history(&self) -> HistoryId {
        HistoryId {
            system: self.system,
            timeline: self.timeline.unwrap_or(self.replayed_timeline),
        }
    }
}

/// What a probe says of all servers together.
async fn observe(cluster: &Cluster, probe: &Probe) {
    cluster.history.observe(probe.history(), probe.role).await;
    let refused = cluster.history.judge(probe.history(), probe.role).is_some();
    if refused {
        cluster.history.reload();
    } else {
        cluster
            .clock
            .set(probe.asked, probe.clock, probe.role == Role::Primary);
    }
}

/// `unwatched` keeps reads from a replica.
fn record(cluster: &Cluster, index: usize, probe: &Probe, unwatched: Option<&'static str>) {
    let server = &cluster.all[index];
    let refused = cluster.history.judge(probe.history(), probe.role);
    let same_cluster = refused.is_none_or(|refusal| !refusal.is_of_another_system());
    let primary = cluster
        .primary()
        .filter(|other| !Arc::ptr_eq(other, server))
        .map(|other| other.state());
    let before = server.state();
    // A receiver that is down has no timeline: then it is the one that it had.
    let same_role = before.role == Some(probe.role);
    let had = before
        .position
        .filter(|_| same_role)
        .map_or(0, |at| at.timeline);
    let timeline = probe.timeline.unwrap_or(had.max(probe.replayed_timeline));
    // One that hears from no primary may be on the newest and not have written that down yet; without a primary it is asked.
    let told = probe.timeline.is_some() || primary.is_some();
    let newest = cluster.newest_timeline();
    let position = probe.lsn.map(|lsn| Position { timeline, lsn });
    let behind = position
        .zip(primary.and_then(|known| known.position))
        .map(|(here, end)| end.lsn.saturating_sub(here.lsn));
    let fault = match probe.role {
        _ if !same_cluster => Some("it belongs to another database"),
        Role::Primary => None,
        Role::Replica if told && newest != 0 && timeline != newest => {
            Some("it is on an old timeline")
        }
        Role::Replica if unwatched.is_some() => unwatched,
        // No server is ahead of it any more.
        Role::Replica if cluster.primary().is_none() => None,
        Role::Replica => unfit(cluster, probe, behind, &before),
    };
    server.learn(
        |known| {
            known.role = same_cluster.then_some(probe.role);
            known.refused = refused;
            known.position = position;
            known.behind = behind;
            known.lag = probe.lag;
            known.reachable = true;
            known.read_only = same_cluster && probe.role == Role::Primary && probe.read_only;
            admit(known, probe.role, fault);
        },
        fault.unwrap_or_default(),
    );
}

/// Why a replica should not be read from, if so.
fn unfit(
    cluster: &Cluster,
    probe: &Probe,
    behind: Option<u64>,
    before: &ServerState,
) -> Option<&'static str> {
    if probe.lsn.is_none() {
        return Some("it has not replayed anything yet");
    }
    let replica_reads = cluster.switches().replica_reads;
    if replica_reads == ReplicaReads::Any {
        return None;
    }
    if probe.heard.is_some_and(|heard| heard > SILENCE) {
        return Some("it does not hear from the primary");
    }
    // Coming back takes less than staying, so that one at the limit does not go in and out.
    let share = if before.in_rotation { 1.0 } else { 0.5 };
    let factor = if replica_reads == ReplicaReads::Relaxed {
        2.0 * share
    } else {
        share
    };
    let late = probe.lag.is_none_or(|lag| lag > MOST_LAG.mul_f64(factor));
    let far = behind.is_none_or(|bytes| bytes as f64 > MOST_BYTES as f64 * factor);
    (behind != Some(0) && (late || far)).then_some(FAR)
}

fn admit(known: &mut ServerState, role: Role, fault: Option<&'static str>) {
    let now = Instant::now();
    if role == Role::Primary || fault.is_some() {
        known.good = 0;
        known.bad += 1;
        if known.in_rotation && (known.bad >= BAD || role == Role::Primary) {
            known.in_rotation = false;
            if fault == Some(FAR) && known.in_rotation_since.is_some_and(|at| now - at < CALM) {
                known.kept_out_until = Some(now + CALM);
            }
        }
        return;
    }
    known.bad = 0;
    known.good += 1;
    let calm = known.kept_out_until.is_none_or(|until| now >= until);
    // The first time there is nothing to wait for.
    if !known.in_rotation && calm && (known.good >= GOOD || known.transitions == 0) {
        known.in_rotation = true;
    }
}

/// Nothing listens there, or it says itself that it ends or starts: no need to ask twice.
fn is_gone(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
        .any(|error| match error {
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("57P"))
            }
            _ => true,
        })
}

fn fail(server: &Server, gone: bool, why: &str) {
    server.learn(
        |known| {
            known.good = 0;
            known.bad += 1;
            if gone || known.bad >= BAD {
                known.in_rotation = false;
            }
            // A replica that is left costs little. Without a primary nothing can be saved, so that must not happen because a
            // machine was busy for a second.
            let enough = if known.role == Some(Role::Replica) {
                BAD
            } else {
                BAD_PRIMARY
            };
            if gone || known.bad >= enough {
                known.reachable = false;
            }
        },
        why,
    );
}
