//! Logs: one subscriber for the process, to standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::config::{LogFormat, Settings};

/// The library of the jobs writes their contents into its lines, and what it has to say the jobs room says too. But only
/// it knows that its heartbeat stopped.
const LIBRARIES: &str = "graphile_worker=off,graphile_worker::recovery_tasks=warn";

/// Starts logging for a server. A second call in one process changes nothing.
pub fn start(settings: &Settings) {
    start_with(settings, &settings.log);
}

/// Starts logging for a command, whose own output is what the operator reads: warnings only, unless the
/// setting was changed.
pub fn start_quiet(settings: &Settings) {
    start_with(settings, if settings.log == "info" { "warn" } else { &settings.log });
}

fn start_with(settings: &Settings, directives: &str) {
    let directives = format!("{LIBRARIES},{directives}");
    let filter = EnvFilter::try_new(&directives).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let _ = match settings.log_format {
        LogFormat::Json => logs.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Pretty => logs.with_target(false).try_init(),
    };
}
