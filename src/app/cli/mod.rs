//! The command line: `masthead --help` is its manual. Each command is one function elsewhere; this room only reads
//! arguments (`arguments`, `import_arguments`) and settings, and says what went wrong (`output`).
//!
//! Exit codes, for scripts: 0 done, 1 failed, 2 wrong arguments or settings.

mod arguments;
mod import_arguments;
mod output;

use std::io::{self, BufRead};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use secrecy::SecretString;

use self::arguments::{Cli, Command, ConfigCommand, DatabaseCommand, JobsCommand, UserCommand};
use self::import_arguments::ImportCommand;
use self::output::{print, print_error};
use super::commands::{self, NewUser};
use super::config::{self, Flags, Loaded, Settings, Surroundings};
use super::{
    accept_history, dev_cluster, doctor, reload_config, restore, server, telemetry, worker,
};

/// Far above any password that sign-in accepts, and small enough for a pipe gone wrong.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

/// Runs the command of this process's arguments. Must be called on the main thread, outside any async runtime:
/// the private database ends with the thread that started it.
pub fn run() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    if let Some((former, present)) = command.renamed() {
        return refuse(&anyhow::anyhow!(
            "`masthead {former}` is called `masthead {present}` now"
        ));
    }
    let (flags, surroundings) = (Flags::from(settings), Surroundings::of_this_process());
    match config::load(&flags, &surroundings) {
        Ok(loaded) => {
            run_with_settings(command, loaded, move || config::load(&flags, &surroundings))
        }
        Err(error) => refuse(&error.into()),
    }
}

fn refuse(why: &anyhow::Error) -> ExitCode {
    print_error(why);
    ExitCode::from(2)
}

/// `load` reads the settings again.
fn run_with_settings(
    command: Command,
    loaded: Loaded,
    load: impl Fn() -> Result<Loaded, config::ConfigError> + Send + Sync + 'static,
) -> ExitCode {
    if is_asked_for_settings() {
        return code(reload_config::answer(load).is_ok());
    }
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    let done = dispatch(command, loaded, load);
    telemetry::finish();
    if let Err(error) = &done {
        print_error(error);
    }
    code(done.is_ok())
}

/// By a process that has given up root and reads its settings again.
fn is_asked_for_settings() -> bool {
    std::env::args_os()
        .next()
        .is_some_and(|name| name == reload_config::PROGRAM)
}

fn code(is_done: bool) -> ExitCode {
    if is_done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn dispatch(
    command: Command,
    loaded: Loaded,
    load: impl Fn() -> Result<Loaded, config::ConfigError> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let settings: Settings = loaded.settings;
    match command {
        Command::Serve => server::serve(settings, load),
        Command::Worker => worker::run(settings),
        Command::Migrate => commands::migrate(settings),
        Command::Database(DatabaseCommand::AcceptHistory) => accept_history::run(settings),
        Command::Database(DatabaseCommand::Restore { dump }) => restore::run(settings, &dump),
        Command::User(command) => create_user(settings, command),
        Command::Import(ImportCommand::Markdown { dir, how }) => {
            commands::import_markdown(settings, &dir, &how.into())
        }
        Command::Jobs(JobsCommand::Failed) => commands::jobs_failed(settings),
        Command::Jobs(JobsCommand::Retry { id, .. }) => commands::jobs_retry(settings, id),
        // Answered before the settings were read.
        Command::Jobs(JobsCommand::Dead(_) | JobsCommand::Replay(_)) => Ok(()),
        Command::Doctor => doctor::run(settings),
        Command::Config(ConfigCommand::Check) => print(&format!("{}\n", loaded.report)),
        Command::Config(ConfigCommand::Reference) => print(&config::reference()),
        Command::DevCluster { dir } => dev_cluster::run(&settings, &dir),
        Command::Demo { action } => commands::demo(settings, action),
    }
}

fn create_user(settings: Settings, command: UserCommand) -> anyhow::Result<()> {
    let UserCommand::Create {
        name, email, role, ..
    } = command;
    let user = NewUser {
        name,
        email,
        role,
        password: read_password(io::stdin().lock())?,
    };
    commands::user_create(settings, user)
}

fn read_password(input: impl BufRead) -> anyhow::Result<SecretString> {
    let mut line = String::new();
    input
        .take(MAX_PASSWORD_BYTES)
        .read_line(&mut line)
        .context(
            "the password could not be read from standard input; give it as one line of UTF-8 text",
        )?;
    // Only the line's end: blanks belong to the password.
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    anyhow::ensure!(
        !password.is_empty(),
        "standard input held no password; give it as the first line"
    );
    Ok(SecretString::from(password))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_password_is_the_first_line() {
        let read = |input: &str| {
            read_password(input.as_bytes()).map(|password| password.expose_secret().to_owned())
        };
        assert_eq!(
            read(" blanks stay \r\nsecond line\n").unwrap(),
            " blanks stay "
        );
        assert_eq!(read("no line end").unwrap(), "no line end");
        for none in ["", "\n", "\r\n"] {
            assert!(read(none).unwrap_err().to_string().contains("no password"));
        }
        assert!(read_password(&[0xff, b'\n'][..]).is_err());
    }
}
