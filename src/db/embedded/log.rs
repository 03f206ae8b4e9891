//! The end of what PostgreSQL said, for error messages.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

const MAX_LINES: usize = 12;
const MAX_BYTES: u64 = 64 * 1024;

/// The end of what was written to the log after its first `from` bytes.
pub(super) fn tail(path: &Path, from: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(MAX_BYTES))))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_or_else(|error| format!("(the log could not be read: {error})"), |log| last_lines(&log))
}

pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(MAX_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_without_blank_lines() {
        let long: String = (1..=20).map(|n| format!("line {n}\n\n")).collect();
        let tail = last_lines(&long);
        assert!(tail.starts_with("line 9\n") && tail.ends_with("\nline 20"), "{tail}");
        assert_eq!(last_lines(""), "");
    }
}
