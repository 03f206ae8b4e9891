//! Reading the settings once more, at SIGHUP. A process that has left root may not read a file of root's, so one that is
//! still root, and does nothing else, reads it: the same program under another name, told by a line on its standard input.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, bail};

use super::config::{ConfigError, Loaded};
use crate::db::Switches;

/// The name under which the program only reads settings.
pub const PROGRAM: &str = "masthead-settings";

/// What the settings say now.
pub type Reread = Box<dyn Fn() -> anyhow::Result<Switches> + Send + Sync>;

/// In this process.
pub fn here(again: impl Fn() -> Result<Loaded, ConfigError> + Send + Sync + 'static) -> Reread {
    Box::new(move || Ok(again()?.settings.switches))
}

/// In a process that keeps the rights which this one has now. It ends with this one.
///
/// # Errors
///
/// When it cannot be started.
pub fn by_another_process() -> anyhow::Result<Reread> {
    let program = std::env::current_exe().context("the program's own file is unknown")?;
    let mut process = Command::new(program)
        .arg0(PROGRAM)
        .args(std::env::args_os().skip(1))
        // Away from the terminal's signals: it ends when its input does.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the process that reads settings cannot be started")?;
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
pub fn answer(again: impl Fn() -> Result<Loaded, ConfigError>) -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        line?;
        let answer = match again() {
            Ok(loaded) => format!("ok {}", loaded.settings.switches),
            Err(error) => format!("error {:#}", anyhow::Error::from(error)).replace('\n', " "),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
