//! The metrics room: what this process counts and measures, for a scraper. Knows the text format of Prometheus and nothing
//! of the site.
//!
//! **To add a metric**: keep it as a value where it is counted ([`Counter`], [`Histogram`], or any number that can be read),
//! name it in the `register` of its room, and accept the new `tests/integration/metrics.txt`. `app/metrics.rs` makes one
//! [`Registry`] of all rooms and serves it. But for lost log lines and texts rendered again, which
//! are counted for the process, nothing is global: several sites in one process (tests) count apart. Rooms are asked at a scrape: until then a metric costs nothing but its own atomic.
//!
//! | to count | costs |
//! |---|---|
//! | [`Counter::one`] | one relaxed addition, in a cache line of the thread's own |
//! | [`Histogram::observe`] | two relaxed additions, in lines that all threads share: for what takes a millisecond |
//! | [`LocalHistogram::observe`] | two plain stores: for answers from memory, of which a worker gives 100,000 a second |
//!
//! **Why `prometheus-client`.** It adds two crates; `metrics` with its exporter adds some twenty, among them second versions of
//! `rand` and `getrandom`. It writes two formats. OpenMetrics is the newer one, but there a family of counters has no `_total`
//! in its name: `masthead_db_pinned_tags` (a gauge) and `masthead_db_pinned_tags_total` (a counter) would be one family of two
//! types, and what scrapers know of every counter would change. So a scrape is in the text format 0.0.4, as it always was and
//! as every scraper takes it.
//!
//! **Why not its types.** A counter of its own is one atomic, over which workers would fight for each hit, and its histogram
//! takes a lock for each value. So values are kept here, and its registry reads them.

mod counter;
mod histogram;

use std::fmt;
use std::marker::PhantomData;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;

pub use counter::Counter;
pub use histogram::{Histogram, LocalHistogram, Timer};

/// Everything that can be scraped, in the order in which it was registered.
#[derive(Debug, Default)]
pub struct Registry(prometheus_client::registry::Registry);

impl Registry {
    /// `collect` writes the metrics of a room, for each scrape.
    pub fn register(&mut self, collect: impl Fn(&mut Scrape<'_>) + Send + Sync + 'static) {
        self.0.register_collector(Box::new(Room(collect)));
    }

    /// A scrape, of the type [`Registry::CONTENT_TYPE`].
    ///
    /// # Errors
    ///
    /// Where a room wrote what the format has no words for.
    pub fn scrape(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.0)?;
        Ok(text)
    }

    pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;
}

struct Room<C>(C);

impl<C> fmt::Debug for Room<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Room")
    }
}

impl<C: Fn(&mut Scrape<'_>) + Send + Sync + 'static> Collector for Room<C> {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut scrape = Scrape {
            encoder,
            written: Ok(()),
        };
        (self.0)(&mut scrape);
        scrape.written
    }
}

/// A scrape that is being written.
pub struct Scrape<'a> {
    encoder: DescriptorEncoder<'a>,
    written: fmt::Result,
}

impl Scrape<'_> {
    /// A number that only grows. Its name ends with `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.counters(name, help, |family| family.add(&[], value));
    }

    /// The same for each of several labels.
    pub fn counters(&mut self, name: &str, help: &str, add: impl FnOnce(&mut Family<'_, '_, u64>)) {
        debug_assert!(name.ends_with("_total"), "{name}");
        // The library adds it.
        let name = name.trim_end_matches("_total");
        self.family(name, help, MetricType::Counter, add);
    }

    /// A number that comes and goes.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, |family| family.add(&[], value));
    }

    /// The same for each of several labels.
    pub fn gauges(&mut self, name: &str, help: &str, add: impl FnOnce(&mut Family<'_, '_, f64>)) {
        self.family(name, help, MetricType::Gauge, add);
    }

    pub fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.histograms(name, help, |family| family.add(&[], histogram));
    }

    /// The same for each of several labels.
    pub fn histograms<'h>(
        &mut self,
        name: &str,
        help: &str,
        add: impl FnOnce(&mut Family<'_, '_, &'h Histogram>),
    ) {
        self.family(name, help, MetricType::Histogram, add);
    }

    fn family<V: Value>(
        &mut self,
        name: &str,
        help: &str,
        metric_type: MetricType,
        add: impl FnOnce(&mut Family<'_, '_, V>),
    ) {
        let described = self
            .encoder
            .encode_descriptor(name, help, None, metric_type);
        let written = described.and_then(|mut encoder| {
            let mut family = Family {
                encoder: &mut encoder,
                written: Ok(()),
                values: PhantomData,
            };
            add(&mut family);
            family.written
        });
        self.written = self.written.and(written);
    }
}

/// The values of one metric, each with labels of its own.
pub struct Family<'a, 'e, V> {
    encoder: &'a mut MetricEncoder<'e>,
    written: fmt::Result,
    values: PhantomData<V>,
}

#[expect(private_bounds, reason = "what a value is, is decided here")]
impl<V: Value> Family<'_, '_, V> {
    pub fn add(&mut self, labels: &[(&str, &str)], value: V) {
        let written = if labels.is_empty() {
            value.encode(self.encoder)
        } else {
            let labeled = self.encoder.encode_family(&labels);
            labeled.and_then(|mut encoder| value.encode(&mut encoder))
        };
        self.written = self.written.and(written);
    }
}

trait Value {
    fn encode(self, encoder: &mut MetricEncoder<'_>) -> fmt::Result;
}

impl Value for u64 {
    fn encode(self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_counter::<NoLabelSet, u64, u64>(&self, None)
    }
}

impl Value for f64 {
    fn encode(self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        // Whole numbers without a point: most gauges are counts, and shell scripts compare them.
        if self.fract() == 0.0 && self.abs() < 1e15 {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            encoder.encode_gauge(&(self as i64))
        } else {
            encoder.encode_gauge(&self)
        }
    }
}

impl Value for &Histogram {
    fn encode(self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let (buckets, seconds) = self.values();
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(seconds, count, &buckets, None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_scrape_is_in_the_text_format_of_prometheus() {
        let mut registry = Registry::default();
        let (hits, waits) = (
            Arc::<Counter>::default(),
            Arc::new(Histogram::new(&[0.005, 1.0])),
        );
        hits.add(3);
        waits.observe(Duration::from_millis(5));
        waits.observe(Duration::from_millis(1500));
        registry.register(move |scrape| {
            scrape.counter("hits_total", "Answers from memory.", hits.get());
            scrape.gauge("lag_seconds", "Behind.", 0.25);
            scrape.gauges("reachable", "It answers.", |family| {
                family.add(&[("server", "a\"b")], 1.0);
                family.add(&[("server", "b"), ("pool", "read")], 0.0);
            });
            scrape.counters("lost_total", "None so far.", |_| {});
            scrape.histogram("wait_seconds", "Waits.", &waits);
        });
        registry.register(|scrape| scrape.counter("last_total", "Of another room.", 1));
        assert_eq!(
            registry.scrape().unwrap(),
            r#"# HELP hits_total Answers from memory.
# TYPE hits_total counter
hits_total 3
# HELP lag_seconds Behind.
# TYPE lag_seconds gauge
lag_seconds 0.25
# HELP reachable It answers.
# TYPE reachable gauge
reachable{server="a\"b"} 1
reachable{server="b",pool="read"} 0
# HELP lost_total None so far.
# TYPE lost_total counter
# HELP wait_seconds Waits.
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.005"} 1
wait_seconds_bucket{le="1"} 1
wait_seconds_bucket{le="+Inf"} 2
wait_seconds_sum 1.505
wait_seconds_count 2
# HELP last_total Of another room.
# TYPE last_total counter
last_total 1
"#
        );
    }
}
