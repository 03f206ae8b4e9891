//! Logs: one subscriber for the process, to standard error, by way of a thread of their own. A log without a reader (a
//! full disk, a collector that stands still) must not hold up the site: its lines are dropped, and counted.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use super::config::{LogFormat, Settings};
use crate::metrics::Registry;

/// What a pool says of a connection that it may not keep, the database room says once and with the reason. What PostgreSQL notices
/// of a migration (that something is there already) is as it should be.
const LIBRARIES: &str = "sqlx_core::pool::inner=off,sqlx::postgres::notice=warn";

/// Lines that may wait to be written: some seconds of a busy site, and a few megabytes.
const WAITING: usize = 16_384;

static WRITER: Mutex<Option<WorkerGuard>> = Mutex::new(None);
/// Lines that found no place among those that wait, and those that could not be written.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();
static UNWRITTEN: AtomicU64 = AtomicU64::new(0);

/// Standard error, whose failures are counted: there is no other place to say them.
struct Counted(io::Stderr);

impl Write for Counted {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.write_all(line).is_err() {
            UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Starts logging for a server. A second call in one process changes nothing.
pub fn start(settings: &Settings) {
    start_with(settings, &settings.log);
}

/// Starts logging for a command, whose own output is what the operator reads: warnings only, unless the
/// setting was changed.
pub fn start_quiet(settings: &Settings) {
    start_with(
        settings,
        if settings.log == "info" {
            "warn"
        } else {
            &settings.log
        },
    );
}

fn start_with(settings: &Settings, directives: &str) {
    let directives = format!("{LIBRARIES},{directives}");
    let filter = EnvFilter::try_new(&directives).unwrap_or_else(|_| EnvFilter::new("info"));
    let (lines, writer) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING)
        .thread_name("log")
        .finish(Counted(io::stderr()));
    let dropped = lines.error_counter();
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines)
        .with_ansi(io::stderr().is_terminal());
    let started = match settings.log_format {
        LogFormat::Json => logs
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Pretty => logs.with_target(false).try_init(),
    };
    if started.is_ok() {
        let _ = DROPPED.set(dropped);
        *WRITER.lock().unwrap_or_else(|e| e.into_inner()) = Some(writer);
    }
}

/// Writes what still waits, for at most a second; for the end of the process.
pub fn finish() {
    drop(WRITER.lock().unwrap_or_else(|e| e.into_inner()).take());
}

/// What became of log lines.
pub fn register(registry: &mut Registry) {
    registry.register(|scrape| {
        let dropped = DROPPED.get().map_or(0, ErrorCounter::dropped_lines) as u64
            + UNWRITTEN.load(Ordering::Relaxed);
        scrape.counter(
            "masthead_log_lines_dropped_total",
            "Log lines that could not be written, or not in time.",
            dropped,
        );
    });
}
