//! The first probe: nothing is asked of a server before every server has answered or failed one, since the first in the order
//! of the settings may be an old primary that came back after a fail-over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::error::Elapsed;

use super::probe::{self, Probe};
use super::role::Role;
use super::rotation;
use super::router::Cluster;
use super::server::Server;

/// For all servers together. One that does not answer by then counts as down.
const FIRST_PROBE: Duration = Duration::from_secs(2);

/// Probes every server, once in the life of a process, before anything is asked of one: the first in the order of
/// the settings may be an old primary that came back after a fail-over. Where none has answered and no monitor runs,
/// the next caller probes again.
pub(in crate::db) async fn first_probe(cluster: &Cluster) {
    if cluster.has_probed() {
        return;
    }
    let _one = cluster.probing.lock().await;
    if cluster.has_probed() {
        return;
    }
    probe_all(cluster).await;
    let answered = cluster
        .all
        .iter()
        .any(|server| server.state().role.is_some() || server.state().refused.is_some());
    if answered || cluster.watched.load(Ordering::Acquire) {
        cluster.probed.store(true, Ordering::Release);
    }
}

/// What came of the first probe of one server.
type Answer = Result<anyhow::Result<Probe>, Elapsed>;

/// Probes all servers at once, and judges them. Only when all are known is any of them judged: of two that believe to be the
/// primary, the one with the newer timeline is.
pub(in crate::db) async fn probe_all(cluster: &Cluster) {
    let answers = ask_all(cluster).await;
    observe_all(cluster, &answers).await;
    record_all(cluster, &answers);
}

async fn ask_all(cluster: &Cluster) -> Vec<Answer> {
    let first = async |server: &Arc<Server>| {
        probe::probe(&mut Some(probe::connect(server.clone()).await?.0)).await
    };
    let asked = cluster
        .all
        .iter()
        .map(|server| tokio::time::timeout(FIRST_PROBE, first(server)));
    join_all(asked).await
}

/// The primaries first: they say which history is the newest.
async fn observe_all(cluster: &Cluster, answers: &[Answer]) {
    for role in [Role::Primary, Role::Replica] {
        let probes = answers.iter().flatten().flatten();
        for probe in probes.filter(|probe| probe.role == role) {
            rotation::observe(cluster, probe).await;
        }
    }
}

fn record_all(cluster: &Cluster, answers: &[Answer]) {
    for (index, answer) in answers.iter().enumerate() {
        let server = &cluster.all[index];
        match answer {
            // The monitor decides whether reads may go to a replica; it also finds out what stands before it.
            Ok(Ok(probe)) => rotation::record(cluster, index, probe, Some("it is not watched yet")),
            Ok(Err(error)) => rotation::fail(server, true, &format!("{error:#}")),
            Err(_) => rotation::fail(server, true, "no answer in time"),
        }
    }
}
