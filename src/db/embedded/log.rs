//! What PostgreSQL says: written by a thread of this process into two files of bounded length, and its end shown in error
//! messages.

use std::{
    fs::{File, OpenOptions},
    io::{self, PipeReader, PipeWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use super::{
    account::Account,
    directory::{self, Home},
    error::{EmbeddedError, directory_error},
};

const MAX_LINES: usize = 12;
const MAX_BYTES: u64 = 64 * 1024;

/// A log that has grown to this becomes the old one, and the old one goes.
const MAX_LOG_BYTES: u64 = 10 * 1024 * 1024;

/// How long the last words of a server that has ended may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The log of one run of the server. Its thread ends when no process of the server holds the pipe any more.
pub(super) struct ServerLog {
    path: PathBuf,
    /// Where this run begins.
    begin: u64,
    ended: Receiver<()>,
}

impl ServerLog {
    /// The log, and the end of a pipe that the server shall write to.
    pub(super) fn start(home: &Home) -> Result<(Self, PipeWriter), EmbeddedError> {
        let path = home.log_path();
        let mut file = LogFile::open(&home.base, home.account.clone())?;
        let begin = file.length;
        let (reader, writer) = io::pipe().map_err(directory_error("write", &path))?;
        let (tell, ended) = mpsc::channel();
        std::thread::Builder::new()
            .name("database-log".to_owned())
            .spawn(move || {
                file.take_all(reader);
                // Its receiver may be gone.
                let _ = tell.send(());
            })
            .map_err(|source| EmbeddedError::NoThread { source })?;
        Ok((ServerLog { path, begin, ended }, writer))
    }

    /// The end of what the server has said. Complete once it has ended.
    pub(super) fn tail(&self, has_ended: bool) -> String {
        if has_ended {
            let _ = self.ended.recv_timeout(LAST_WORDS);
        }
        tail(&self.path, self.begin)
    }
}

/// The file in use, with what it takes to begin another one.
struct LogFile {
    base: PathBuf,
    account: Option<Account>,
    file: File,
    length: u64,
    /// Only between two lines another file is begun.
    is_at_line_start: bool,
}

impl LogFile {
    fn open(base: &Path, account: Option<Account>) -> Result<Self, EmbeddedError> {
        let path = directory::log_path(base);
        let file = directory::open_own(
            &path,
            account.as_ref(),
            OpenOptions::new().append(true).create(true),
        )?;
        let length = file
            .metadata()
            .map_err(directory_error("read", &path))?
            .len();
        Ok(LogFile {
            base: base.to_owned(),
            account,
            file,
            length,
            is_at_line_start: true,
        })
    }

    /// Until the pipe ends. What cannot be written (a full disk) is lost: a server that waits for its log stands still.
    fn take_all(&mut self, mut from: PipeReader) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => self.write(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// A full file ends with the line that is being written, wherever in what was read that line ends; only a line without
    /// end is torn.
    fn write(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        if self.length >= MAX_LOG_BYTES
            && !self.is_at_line_start
            && let Some(end) = bytes.iter().position(|byte| *byte == b'\n')
        {
            let (line, rest) = bytes.split_at(end + 1);
            self.append(line);
            bytes = rest;
        }
        let is_full = self.length >= MAX_LOG_BYTES && self.is_at_line_start;
        if (is_full || self.length >= 2 * MAX_LOG_BYTES) && self.begin_another().is_err() {
            return;
        }
        self.append(bytes);
    }

    fn append(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && self.file.write_all(bytes).is_ok() {
            self.length += bytes.len() as u64;
            self.is_at_line_start = bytes.ends_with(b"\n");
        }
    }

    fn begin_another(&mut self) -> Result<(), EmbeddedError> {
        let path = directory::log_path(&self.base);
        let moved = std::fs::rename(&path, directory::old_log_path(&self.base));
        moved.map_err(directory_error("move aside", &path))?;
        *self = LogFile::open(&self.base, self.account.clone())?;
        Ok(())
    }
}

/// The end of what was written to the log after its first `from` bytes.
fn tail(path: &Path, from: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(MAX_BYTES))))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_or_else(
        |error| format!("(the log could not be read: {error})"),
        |log| last_lines(&log),
    )
}

pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(MAX_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from the pipe ends anywhere; a bound that waits for it to end with a line is none.
    #[test]
    fn a_full_log_ends_with_the_next_line() {
        let base = tempdir();
        let mut log = LogFile::open(&base, None).unwrap();
        log.length = MAX_LOG_BYTES;
        log.is_at_line_start = false;
        log.write(b"end of a line\nbegin of");
        log.write(b" another\n");
        assert_eq!(
            std::fs::read_to_string(directory::old_log_path(&base)).unwrap(),
            "end of a line\n"
        );
        assert_eq!(
            std::fs::read_to_string(directory::log_path(&base)).unwrap(),
            "begin of another\n"
        );
        std::fs::remove_dir_all(&base).unwrap();
    }

    fn tempdir() -> std::path::PathBuf {
        let base =
            std::env::temp_dir().join(format!("masthead-log-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&base).unwrap();
        base
    }

    #[test]
    fn the_end_of_a_log_without_blank_lines() {
        let long: String = (1..=20).map(|n| format!("line {n}\n\n")).collect();
        let tail = last_lines(&long);
        assert!(
            tail.starts_with("line 9\n") && tail.ends_with("\nline 20"),
            "{tail}"
        );
        assert_eq!(last_lines(""), "");
    }
}
