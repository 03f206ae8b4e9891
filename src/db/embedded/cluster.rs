//! Creation of a new cluster with its roles and database.
//!
//! Everything happens in `data.tmp`, which is renamed when it is complete: a process killed half-way leaves
//! nothing that a later start could take for a database.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rustix::process::Signal;

use super::{
    Durability,
    binaries::Binaries,
    directory::{self, Home},
    error::{EmbeddedError, directory_error},
    log, process, settings,
};

/// One statement per line: a single-user server takes each line as one command.
///
/// The owner runs migrations and so owns the database. The serving role gets a connection and no more; what it
/// may do with tables is granted by the migrations that create them.
const BOOTSTRAP: &str = "\
create role masthead_owner login nosuperuser nocreatedb nocreaterole noreplication
create role masthead_app login nosuperuser nocreatedb nocreaterole noreplication
create database masthead owner masthead_owner template template0 encoding 'UTF8'
revoke all on database masthead from public
grant connect on database masthead to masthead_app
";

pub(super) fn create(
    home: &Home,
    binaries: &Binaries,
    durability: Durability,
) -> Result<(), EmbeddedError> {
    let fresh = empty(home)?;
    run_initdb(home, binaries, durability, &fresh)?;
    include_own_settings(home, &fresh)?;
    run_bootstrap(home, binaries, durability, &fresh)?;
    complete(home, &fresh)
}

/// A replica: everything as the server with its socket in `source` has it, with a note that it follows that one.
pub(super) fn copy(home: &Home, binaries: &Binaries, source: &Path) -> Result<(), EmbeddedError> {
    let fresh = empty(home)?;
    let program = binaries.pg_basebackup();
    let mut command = Command::new(&program);
    command.arg("-D").arg(&fresh).arg("-h").arg(source).args([
        "--port=5432",
        "--username=postgres",
        "--write-recovery-conf",
        "--checkpoint=fast",
        "--no-sync",
    ]);
    let output = run(home, command, &program, "")?;
    succeeded("the copy of the primary", &output)?;
    complete(home, &fresh)
}

/// A place beside the data directory.
fn empty(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let fresh = home.base.join("data.tmp");
    match std::fs::remove_dir_all(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(directory_error(
            "remove the unfinished database",
            &fresh,
        )(error)),
        _ => Ok(fresh),
    }
}

fn complete(home: &Home, fresh: &Path) -> Result<(), EmbeddedError> {
    let sync = |dir: &Path| File::open(dir).and_then(|dir| dir.sync_all());
    std::fs::rename(fresh, home.data_dir())
        .and_then(|()| sync(&home.base))
        .map_err(directory_error("complete the database in", &home.base))
}

fn run_initdb(
    home: &Home,
    binaries: &Binaries,
    durability: Durability,
    fresh: &Path,
) -> Result<(), EmbeddedError> {
    let program = binaries.initdb();
    let mut command = Command::new(&program);
    command.arg("-D").arg(fresh).args([
        "--username=postgres",
        // Safe because no other account can reach the socket: no TCP, and the socket's directory is private.
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
    ]);
    command.arg(match durability {
        Durability::Durable => "--data-checksums",
        Durability::Fast => "--no-sync",
    });
    let output = run(home, command, &program, "")?;
    succeeded("initdb", &output)
}

fn include_own_settings(home: &Home, fresh: &Path) -> Result<(), EmbeddedError> {
    let path = fresh.join("postgresql.conf");
    let mut file = directory::open_own(
        &path,
        home.account.as_ref(),
        OpenOptions::new().append(true),
    )?;
    writeln!(file, "\ninclude_if_exists = '{}'", settings::FILE_NAME)
        .and_then(|()| file.sync_all())
        .map_err(directory_error("write", &path))
}

/// A single-user server needs no client program and no socket, and is gone when its input ends.
fn run_bootstrap(
    home: &Home,
    binaries: &Binaries,
    durability: Durability,
    fresh: &Path,
) -> Result<(), EmbeddedError> {
    let program = binaries.postgres();
    let mut command = Command::new(&program);
    command.arg("--single").arg("-D").arg(fresh);
    // Without this a failed statement is only printed, and the exit code stays 0.
    command.args(["-c", "exit_on_error=on"]);
    if durability == Durability::Fast {
        command.arg("-F");
    }
    command.arg("postgres");
    let output = run(home, command, &program, BOOTSTRAP)?;
    succeeded("the creation of roles and database", &output)
}

fn run(
    home: &Home,
    mut command: Command,
    program: &Path,
    input: &str,
) -> Result<Output, EmbeddedError> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = process::spawn(home, command, program, Signal::TERM)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends before it has read everything says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    child
        .wait_with_output()
        .map_err(|source| EmbeddedError::CannotRun {
            program: program.to_owned(),
            source,
        })
}

fn succeeded(step: &'static str, output: &Output) -> Result<(), EmbeddedError> {
    if output.status.success() {
        return Ok(());
    }
    let everything = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Err(EmbeddedError::CreationFailed {
        step,
        output: log::last_lines(&String::from_utf8_lossy(&everything)),
    })
}
