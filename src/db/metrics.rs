//! What operators see of the servers: counters of where reads went, and the state of each for a scrape.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::host::{Host, Known, Role};
use super::hosts::{Emergency, Hosts};

/// Where reads went, since the start.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) replica: AtomicU64,
    pub(super) primary: AtomicU64,
    /// Of those that needed a position: answered by a replica that was there, that came there while it was waited for, or
    /// by the primary.
    pub(super) sticky_first: AtomicU64,
    pub(super) sticky_waited: AtomicU64,
    pub(super) sticky_primary: AtomicU64,
    pub(super) timeline_mismatches: AtomicU64,
    /// Reads that broke on one server and moved to another.
    pub(super) moved: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) refuge_full: AtomicU64,
    /// Commits of which nobody could say what became of them.
    pub(super) ambiguous: AtomicU64,
}

impl Counters {
    pub(super) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// The state of all servers in the text format of Prometheus.
pub(super) fn metrics(hosts: &Hosts) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let mut write = |name: &str, kind: &str, help: &str, values: Vec<(String, f64)>| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let each = |value: &dyn Fn(&Host, &Known) -> Option<f64>| {
        let of = |host: &Arc<Host>| {
            Some((
                format!("{{host=\"{}\"}}", host.name),
                value(host, &host.known())?,
            ))
        };
        hosts.all.iter().filter_map(of).collect::<Vec<_>>()
    };
    let flag = |on: bool| Some(f64::from(u8::from(on)));
    write(
        "masthead_db_reachable",
        "gauge",
        "The server answered its last look.",
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
    let refusals = |host: &Arc<Host>| {
        ["timeline", "system"]
            .into_iter()
            .zip(&host.refusals)
            .map(|(reason, count)| {
                (
                    format!("{{host=\"{}\",reason=\"{reason}\"}}", host.name),
                    count.load(Ordering::Relaxed) as f64,
                )
            })
            .collect::<Vec<_>>()
    };
    write(
        "masthead_db_history_refused_total",
        "counter",
        "Times that a server was refused for an older timeline, or for being of another system.",
        hosts.all.iter().flat_map(refusals).collect(),
    );
    let Emergency {
        double_lag,
        ignore_lag,
        primary_only,
        read_only,
    } = hosts.emergency();
    let switches = [
        ("double_lag", double_lag),
        ("ignore_lag", ignore_lag),
        ("primary_only", primary_only),
        ("read_only", read_only),
    ];
    write(
        "masthead_db_emergency",
        "gauge",
        "The switch is on.",
        switches
            .map(|(name, on)| (format!("{{switch=\"{name}\"}}"), f64::from(u8::from(on))))
            .into(),
    );
    write(
        "masthead_db_admitted",
        "gauge",
        "Reads go to this replica.",
        each(&|_, known| flag(known.admitted)),
    );
    write(
        "masthead_db_transitions_total",
        "counter",
        "Times that a replica was let in or put out.",
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
    let pools = |host: &Arc<Host>| {
        let sizes = [
            ("read", host.read.size()),
            ("fresh", host.fresh.size()),
            ("write", host.write.size()),
        ];
        sizes.into_iter().flat_map({
            let host = host.name.clone();
            move |(name, (size, idle))| {
                let label =
                    |state: &str| format!("{{host=\"{host}\",pool=\"{name}\",state=\"{state}\"}}");
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
        hosts.all.iter().flat_map(pools).collect(),
    );
    let refused = |host: &Arc<Host>| {
        [
            ("read", host.read_turns.refused()),
            ("fresh", host.fresh_turns.refused()),
        ]
        .map(|(pool, count)| {
            (
                format!("{{host=\"{}\",pool=\"{pool}\"}}", host.name),
                count as f64,
            )
        })
    };
    write(
        "masthead_db_refused_total",
        "counter",
        "Requests that got no connection since too many waited for one, or for too long.",
        hosts.all.iter().flat_map(refused).collect(),
    );
    let waiting = |host: &Arc<Host>| {
        [
            ("read", host.read_turns.waiting()),
            ("fresh", host.fresh_turns.waiting()),
        ]
        .map(|(pool, count)| {
            (
                format!("{{host=\"{}\",pool=\"{pool}\"}}", host.name),
                count as f64,
            )
        })
    };
    write(
        "masthead_db_waiting",
        "gauge",
        "Requests that wait for a connection.",
        hosts.all.iter().flat_map(waiting).collect(),
    );
    let admission = &hosts.admission;
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
    let counters = &hosts.counters;
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
        "masthead_db_sticky_total",
        "counter",
        "Reads that needed a position, by who had it.",
        vec![
            ("{by=\"replica\"}".into(), total(&counters.sticky_first)),
            (
                "{by=\"replica_after_wait\"}".into(),
                total(&counters.sticky_waited),
            ),
            ("{by=\"primary\"}".into(), total(&counters.sticky_primary)),
        ],
    );
    for (name, help, counter) in [
        (
            "masthead_db_timeline_mismatches_total",
            "Positions from before a fail-over.",
            &counters.timeline_mismatches,
        ),
        (
            "masthead_db_moves_total",
            "Reads that went to another server after a failure.",
            &counters.moved,
        ),
        (
            "masthead_db_conflicts_total",
            "Reads that a replica cancelled because of recovery.",
            &counters.conflicts,
        ),
        (
            "masthead_db_ambiguous_commits_total",
            "Commits of which nobody could say what became of them.",
            &counters.ambiguous,
        ),
        (
            "masthead_db_refuge_full_total",
            "Reads refused because the primary had enough of them.",
            &counters.refuge_full,
        ),
    ] {
        write(name, "counter", help, vec![(String::new(), total(counter))]);
    }
    text
}
