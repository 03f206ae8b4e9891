//! What operators see of the servers: the state of each and where reads went, for a scrape.

use std::sync::atomic::{AtomicU64, Ordering};

use super::counters::Counters;
use super::role::Role;
use super::router::Cluster;
use super::server_state::ServerState;
use super::switches::ReplicaReads;
use crate::db::admission::AdmissionQueue;
use crate::metrics::{Family, Scrape};

/// The state of all servers, for a scrape.
pub(in crate::db) fn collect(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    collect_servers(cluster, scrape);
    collect_switches(cluster, scrape);
    collect_replicas(cluster, scrape);
    collect_connections(cluster, scrape);
    collect_queues(cluster, scrape);
    collect_admission(cluster, scrape);
    cluster.waits.collect(scrape);
    collect_reads(&cluster.counters, scrape);
    collect_broken_reads(&cluster.counters, scrape);
}

/// A gauge of every server of which something is known.
fn of_each(
    cluster: &Cluster,
    value: impl Fn(&ServerState) -> Option<f64>,
) -> impl FnOnce(&mut Family<'_, '_, f64>) {
    move |family| {
        for server in &cluster.all {
            if let Some(value) = value(&server.state()) {
                family.add(&[("server", &server.name)], value);
            }
        }
    }
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

fn collect_servers(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    scrape.gauges(
        "masthead_db_reachable",
        "The server answered its last probe.",
        of_each(cluster, |known| Some(flag(known.reachable))),
    );
    scrape.gauges(
        "masthead_db_primary",
        "The server takes changes.",
        of_each(cluster, |known| {
            Some(flag(known.role == Some(Role::Primary)))
        }),
    );
    scrape.gauges(
        "masthead_db_read_only",
        "The primary is switched to reading only (default_transaction_read_only).",
        of_each(cluster, |known| Some(flag(known.read_only))),
    );
    scrape.counters(
        "masthead_db_history_refused_total",
        "Times that a server was refused for an older timeline, or for being of another system.",
        |family| {
            for server in &cluster.all {
                for (reason, count) in ["timeline", "system"].into_iter().zip(&server.refusals) {
                    family.add(
                        &[("server", &server.name), ("reason", reason)],
                        count.load(Ordering::Relaxed),
                    );
                }
            }
        },
    );
}

fn collect_switches(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    let switches = cluster.switches();
    scrape.gauge(
        "masthead_read_only",
        "The setting read_only is on.",
        flag(switches.read_only),
    );
    scrape.gauges(
        "masthead_replica_reads",
        "The setting replica_reads has this value.",
        |family| {
            for mode in ReplicaReads::ALL {
                family.add(
                    &[("mode", mode.name())],
                    flag(mode == switches.replica_reads),
                );
            }
        },
    );
}

fn collect_replicas(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    scrape.gauges(
        "masthead_db_in_rotation",
        "Reads go to this replica.",
        of_each(cluster, |known| Some(flag(known.in_rotation))),
    );
    scrape.counters(
        "masthead_db_transitions_total",
        "Times that a replica entered or left the rotation.",
        |family| {
            for server in &cluster.all {
                family.add(&[("server", &server.name)], server.state().transitions);
            }
        },
    );
    scrape.gauges(
        "masthead_db_behind_bytes",
        "How far the replica is behind.",
        of_each(cluster, |known| known.behind.map(|bytes| bytes as f64)),
    );
    scrape.gauges(
        "masthead_db_lag_seconds",
        "Age of the last change that the replica has replayed.",
        of_each(cluster, |known| known.lag.map(|lag| lag.as_secs_f64())),
    );
}

fn collect_connections(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    scrape.gauges(
        "masthead_db_connections",
        "Connections of a pool.",
        |family| {
            for server in &cluster.all {
                for (pool, (size, idle)) in [
                    ("read", server.read.size()),
                    ("fresh", server.fresh.size()),
                    ("write", server.write.size()),
                ] {
                    let in_use = size.saturating_sub(idle);
                    for (state, count) in [("idle", idle), ("in_use", in_use)] {
                        let labels = [("server", &*server.name), ("pool", pool), ("state", state)];
                        family.add(&labels, count as f64);
                    }
                }
            }
        },
    );
}

fn collect_queues(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    scrape.counters(
        "masthead_db_refused_total",
        "Requests that got no connection since too many waited for one, or for too long.",
        |family| {
            for (server, pool, queue) in queues(cluster) {
                family.add(&[("server", server), ("pool", pool)], queue.refused());
            }
        },
    );
    scrape.gauges(
        "masthead_db_waiting",
        "Requests that wait for a connection.",
        |family| {
            for (server, pool, queue) in queues(cluster) {
                family.add(
                    &[("server", server), ("pool", pool)],
                    queue.waiting() as f64,
                );
            }
        },
    );
}

fn collect_admission(cluster: &Cluster, scrape: &mut Scrape<'_>) {
    scrape.counter(
        "masthead_admission_refused_total",
        "Requests for pages that were refused before they were looked at, since too many waited for connections.",
        cluster.front.rejected(),
    );
    scrape.gauge(
        "masthead_admission_waiting",
        "Requests for pages that wait until fewer wait for connections.",
        cluster.front.waiting() as f64,
    );
}

fn queues(cluster: &Cluster) -> impl Iterator<Item = (&str, &str, &AdmissionQueue)> {
    cluster.all.iter().flat_map(|server| {
        [("read", &server.read_queue), ("fresh", &server.fresh_queue)]
            .map(|(pool, queue)| (&*server.name, pool, queue))
    })
}

fn collect_reads(counters: &Counters, scrape: &mut Scrape<'_>) {
    let total = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    scrape.counters(
        "masthead_db_reads_total",
        "Reads by the role of the server that was asked.",
        |family| {
            family.add(&[("role", "replica")], total(&counters.replica));
            family.add(&[("role", "primary")], total(&counters.primary));
        },
    );
    scrape.counters(
        "masthead_db_read_your_writes_total",
        "Reads that needed a position, by which server had it.",
        |family| {
            for (by, counter) in [
                ("replica", &counters.position_on_replica),
                ("replica_after_wait", &counters.position_after_wait),
                ("primary", &counters.position_on_primary),
            ] {
                family.add(&[("by", by)], total(counter));
            }
        },
    );
}

fn collect_broken_reads(counters: &Counters, scrape: &mut Scrape<'_>) {
    for (name, help, counter) in [
        (
            "masthead_db_timeline_mismatches_total",
            "Positions from before a fail-over.",
            &counters.timeline_mismatches,
        ),
        (
            "masthead_db_read_failovers_total",
            "Reads that went to another server after a failure.",
            &counters.failovers,
        ),
        (
            "masthead_db_conflicts_total",
            "Reads that a replica cancelled because of recovery.",
            &counters.conflicts,
        ),
        (
            "masthead_db_commits_unknown_total",
            "Commits whose outcome is not known.",
            &counters.commits_unknown,
        ),
        (
            "masthead_db_fallback_rejected_total",
            "Reads refused because all fallback permits of the primary were taken.",
            &counters.fallback_rejected,
        ),
    ] {
        scrape.counter(name, help, counter.load(Ordering::Relaxed));
    }
}
