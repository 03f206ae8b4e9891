//! What operators see of the servers: counters of where reads went, and the state of each for a scrape.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::router::Cluster;
use super::server::{Role, Server, ServerState};
use super::switches::ReplicaReads;

/// Where reads went, since the start.
#[derive(Default)]
pub(in crate::db) struct Counters {
    pub(in crate::db) replica: AtomicU64,
    pub(in crate::db) primary: AtomicU64,
    /// Of those that needed a position: answered by a replica that was there, that came there while it was waited for, or
    /// by the primary.
    pub(in crate::db) position_on_replica: AtomicU64,
    pub(in crate::db) position_after_wait: AtomicU64,
    pub(in crate::db) position_on_primary: AtomicU64,
    pub(in crate::db) timeline_mismatches: AtomicU64,
    /// Reads that broke on one server and moved to another.
    pub(in crate::db) failovers: AtomicU64,
    pub(in crate::db) conflicts: AtomicU64,
    pub(in crate::db) fallback_rejected: AtomicU64,
    /// Commits whose outcome is not known.
    pub(in crate::db) commits_unknown: AtomicU64,
}

impl Counters {
    pub(in crate::db) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// The state of all servers in the text format of Prometheus.
pub(in crate::db) fn metrics(cluster: &Cluster) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let mut write = |name: &str, kind: &str, help: &str, values: Vec<(String, f64)>| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let each = |value: &dyn Fn(&Server, &ServerState) -> Option<f64>| {
        let of = |server: &Arc<Server>| {
            Some((
                format!("{{server=\"{}\"}}", server.name),
                value(server, &server.state())?,
            ))
        };
        cluster.all.iter().filter_map(of).collect::<Vec<_>>()
    };
    let flag = |on: bool| Some(f64::from(u8::from(on)));
    write(
        "masthead_db_reachable",
        "gauge",
        "The server answered its last probe.",
        each(&|_, known| flag(known.reachable)),
    );
    write(
        "masthead_db_primary",
        "gauge",
        "The server takes changes.",
        each(&|_, known| flag(known.role == Some(Role::Primary))),
    );
    write(
        "masthead_db_read_only",
        "gauge",
        "The primary is switched to reading only (default_transaction_read_only).",
        each(&|_, known| flag(known.read_only)),
    );
    let refusals = |server: &Arc<Server>| {
        ["timeline", "system"]
            .into_iter()
            .zip(&server.refusals)
            .map(|(reason, count)| {
                (
                    format!("{{server=\"{}\",reason=\"{reason}\"}}", server.name),
                    count.load(Ordering::Relaxed) as f64,
                )
            })
            .collect::<Vec<_>>()
    };
    write(
        "masthead_db_history_refused_total",
        "counter",
        "Times that a server was refused for an older timeline, or for being of another system.",
        cluster.all.iter().flat_map(refusals).collect(),
    );
    let switches = cluster.switches();
    write(
        "masthead_read_only",
        "gauge",
        "The setting read_only is on.",
        vec![(String::new(), f64::from(u8::from(switches.read_only)))],
    );
    let mode = |mode: ReplicaReads| {
        let on = f64::from(u8::from(mode == switches.replica_reads));
        (format!("{{mode=\"{}\"}}", mode.name()), on)
    };
    write(
        "masthead_replica_reads",
        "gauge",
        "The setting replica_reads has this value.",
        ReplicaReads::ALL.map(mode).into(),
    );
    write(
        "masthead_db_in_rotation",
        "gauge",
        "Reads go to this replica.",
        each(&|_, known| flag(known.in_rotation)),
    );
    write(
        "masthead_db_transitions_total",
        "counter",
        "Times that a replica entered or left the rotation.",
        each(&|_, known| Some(known.transitions as f64)),
    );
    write(
        "masthead_db_behind_bytes",
        "gauge",
        "How far the replica is behind.",
        each(&|_, known| known.behind.map(|bytes| bytes as f64)),
    );
    write(
        "masthead_db_lag_seconds",
        "gauge",
        "Age of the last change that the replica has replayed.",
        each(&|_, known| known.lag.map(|lag| lag.as_secs_f64())),
    );
    let pools = |server: &Arc<Server>| {
        let sizes = [
            ("read", server.read.size()),
            ("fresh", server.fresh.size()),
            ("write", server.write.size()),
        ];
        sizes.into_iter().flat_map({
            let server = server.name.clone();
            move |(name, (size, idle))| {
                let label = |state: &str| {
                    format!("{{server=\"{server}\",pool=\"{name}\",state=\"{state}\"}}")
                };
                [
                    (label("idle"), idle as f64),
                    (label("in_use"), size.saturating_sub(idle) as f64),
                ]
            }
        })
    };
    write(
        "masthead_db_connections",
        "gauge",
        "Connections of a pool.",
        cluster.all.iter().flat_map(pools).collect(),
    );
    let refused = |server: &Arc<Server>| {
        [
            ("read", server.read_queue.refused()),
            ("fresh", server.fresh_queue.refused()),
        ]
        .map(|(pool, count)| {
            (
                format!("{{server=\"{}\",pool=\"{pool}\"}}", server.name),
                count as f64,
            )
        })
    };
    write(
        "masthead_db_refused_total",
        "counter",
        "Requests that got no connection since too many waited for one, or for too long.",
        cluster.all.iter().flat_map(refused).collect(),
    );
    let waiting = |server: &Arc<Server>| {
        [
            ("read", server.read_queue.waiting()),
            ("fresh", server.fresh_queue.waiting()),
        ]
        .map(|(pool, count)| {
            (
                format!("{{server=\"{}\",pool=\"{pool}\"}}", server.name),
                count as f64,
            )
        })
    };
    write(
        "masthead_db_waiting",
        "gauge",
        "Requests that wait for a connection.",
        cluster.all.iter().flat_map(waiting).collect(),
    );
    let admission = &cluster.admission;
    write(
        "masthead_admission_refused_total",
        "counter",
        "Requests for pages that were refused before they were looked at, since too many waited for connections.",
        vec![(String::new(), admission.rejected() as f64)],
    );
    write(
        "masthead_admission_waiting",
        "gauge",
        "Requests for pages that wait until fewer wait for connections.",
        vec![(String::new(), admission.waiting() as f64)],
    );
    let counters = &cluster.counters;
    let total = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
    write(
        "masthead_db_reads_total",
        "counter",
        "Reads by the role of the server that was asked.",
        vec![
            ("{role=\"replica\"}".into(), total(&counters.replica)),
            ("{role=\"primary\"}".into(), total(&counters.primary)),
        ],
    );
    write(
        "masthead_db_read_your_writes_total",
        "counter",
        "Reads that needed a position, by which server had it.",
        vec![
            (
                "{by=\"replica\"}".into(),
                total(&counters.position_on_replica),
            ),
            (
                "{by=\"replica_after_wait\"}".into(),
                total(&counters.position_after_wait),
            ),
            (
                "{by=\"primary\"}".into(),
                total(&counters.position_on_primary),
            ),
        ],
    );
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
        write(name, "counter", help, vec![(String::new(), total(counter))]);
    }
    text
}
