//! Reloading the settings `read_only` and `replica_reads` while `masthead serve` runs: write them into the settings file and
//! send SIGHUP. A restart would lose the pages in memory, just when they are what the site lives on.
//!
//! A process that has left root may not read a file of root's, so one that is still root, and does nothing else, reads it: the
//! same program under another name, told by a line on its standard input.

use std::future::Future;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};

use super::config::{ConfigError, Loaded};
use crate::db::{Db, Switches};

/// The name under which the program only reads settings.
pub const PROGRAM: &str = "masthead-settings";

/// What the settings say now.
pub type ReloadConfig = Box<dyn Fn() -> anyhow::Result<Switches> + Send + Sync>;

/// At each SIGHUP reads the settings again and switches. All others count from the next start. Settings that cannot be
/// read change nothing.
pub fn on_hang_up(db: Db, reload: ReloadConfig) -> anyhow::Result<impl Future<Output = ()>> {
    let mut asked = signal(SignalKind::hangup()).context("signals cannot be heard")?;
    let reload = Arc::new(reload);
    Ok(async move {
        while asked.recv().await.is_some() {
            // One at a time: the next signal is heard when this one is done.
            switch(&db, reload.clone()).await;
        }
    })
}

async fn switch(db: &Db, reload: Arc<ReloadConfig>) {
    let read = tokio::task::spawn_blocking(move || reload()).await;
    match read.map_err(anyhow::Error::from).flatten() {
        Ok(switches) => {
            db.switch(switches);
            tracing::warn!(
                ?switches,
                "config reloaded; other settings take effect at the next start"
            );
        }
        Err(error) => tracing::error!(
            error = format!("{error:#}"),
            "config reload failed; nothing changed"
        ),
    }
}

/// In this process.
pub fn in_process(
    load: impl Fn() -> Result<Loaded, ConfigError> + Send + Sync + 'static,
) -> ReloadConfig {
    Box::new(move || Ok(load()?.settings.switches))
}

/// In a process that keeps the rights which this one has now. It ends with this one.
///
/// # Errors
///
/// When it cannot be started.
pub fn by_another_process() -> anyhow::Result<ReloadConfig> {
    let mut process = begin_reader()?;
    let (asks, answers) = process
        .stdin
        .take()
        .zip(process.stdout.take())
        .context("the process has no pipes")?;
    let reader = Mutex::new(Reader {
        _process: process,
        asks,
        answers: BufReader::new(answers),
    });
    Ok(Box::new(move || {
        reader.lock().unwrap_or_else(|e| e.into_inner()).ask()
    }))
}

fn begin_reader() -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("the program's own file is unknown")?;
    Command::new(program)
        .arg0(PROGRAM)
        .args(std::env::args_os().skip(1))
        // Away from the terminal's signals: it ends when its input does.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the process that reads settings cannot be started")
}

struct Reader {
    _process: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn ask(&mut self) -> anyhow::Result<Switches> {
        let mut answer = String::new();
        writeln!(self.asks, "again").context("the process that reads settings has ended")?;
        self.answers
            .read_line(&mut answer)
            .context("the process that reads settings has ended")?;
        match answer.trim_end_matches('\n').split_once(' ') {
            Some(("ok", words)) => words.parse().context("the answer cannot be read"),
            Some(("error", text)) => bail!(text.to_owned()),
            _ => bail!("the process that reads settings has ended"),
        }
    }
}

/// The other process: one answer for each line, until there are no more.
pub fn answer(load: impl Fn() -> Result<Loaded, ConfigError>) -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        line?;
        let answer = match load() {
            Ok(loaded) => format!("ok {}", loaded.settings.switches),
            Err(error) => format!("error {:#}", anyhow::Error::from(error)).replace('\n', " "),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
