//! Which servers are in rotation: what probes found is judged here, with some patience in both directions, so that one late answer
//! moves no reads. Their histories and clocks are judged here, too.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::position::Position;
use super::probe::Probe;
use super::role::Role;
use super::router::Cluster;
use super::server::Server;
use super::server_state::ServerState;
use super::switches::ReplicaReads;

/// A replica that lacks more than this is too far behind.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// One whose newest change is older than this is, too, unless it lacks nothing.
const MOST_LAG: Duration = Duration::from_secs(5);
/// A replica that has heard nothing of its primary for so long is not read from.
const SILENCE: Duration = Duration::from_secs(10);

/// Probes in a row that take a server out of rotation, and that bring it back.
const BAD: u32 = 2;
const GOOD: u32 = 3;
const BAD_PRIMARY: u32 = 4;

/// One that fell behind again so soon stays out for as long: going in and out costs more than it gives.
const CALM: Duration = Duration::from_secs(30);

const FAR: &str = "it is too far behind";

/// A probe takes a fraction of a millisecond: a server that needs so long keeps readers waiting.
pub(super) const SLOW: Duration = Duration::from_millis(200);

/// What a probe says of all servers together.
pub(super) async fn observe(cluster: &Cluster, probe: &Probe) {
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

/// Judges one server by what a probe found there; `unwatched` keeps reads from a replica.
pub(super) fn record(
    cluster: &Cluster,
    index: usize,
    probe: &Probe,
    unwatched: Option<&'static str>,
) {
    let server = &cluster.all[index];
    let refused = cluster.history.judge(probe.history(), probe.role);
    let same_cluster = refused.is_none_or(|refusal| !refusal.is_of_another_system());
    let before = server.state();
    let primary = cluster
        .primary()
        .filter(|other| !Arc::ptr_eq(other, server))
        .map(|other| other.state());
    let timeline = timeline_of(probe, &before);
    let position = probe.lsn.map(|lsn| Position { timeline, lsn });
    let behind = position
        .zip(primary.and_then(|known| known.position))
        .map(|(here, end)| end.lsn.saturating_sub(here.lsn));
    // One that hears from no primary may be on the newest and not have written that down yet; without a primary it is asked.
    let told = probe.timeline.is_some() || primary.is_some();
    let newest = cluster.newest_timeline();
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

/// A receiver that is down has no timeline: then it is the one that it had.
fn timeline_of(probe: &Probe, before: &ServerState) -> u32 {
    let same_role = before.role == Some(probe.role);
    let had = before
        .position
        .filter(|_| same_role)
        .map_or(0, |at| at.timeline);
    probe.timeline.unwrap_or(had.max(probe.replayed_timeline))
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
pub(super) fn is_gone(error: &anyhow::Error) -> bool {
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

pub(super) fn fail(server: &Server, gone: bool, why: &str) {
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
