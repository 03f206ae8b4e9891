//! Reads one file as text.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::document::BODY_LIMIT;
use super::notation::FRONT_MATTER_LIMIT;
use super::value::ParseError;

/// Reads at most what a document may have, so that a huge file costs no more than a refused one.
pub(super) fn read(path: &Path) -> Result<String, ParseError> {
    let bytes = bytes(path).map_err(of_file)?;
    if let Some((end, why)) = not_text(&bytes) {
        let line = 1 + bytes[..end].iter().filter(|byte| **byte == b'\n').count();
        return Err(ParseError::at(line, why));
    }
    let text = String::from_utf8(bytes).map_err(|error| of_file(error.to_string()))?;
    // Lines of the oldest kind, which end in a carriage return alone.
    Ok(if text.contains('\r') && !text.contains('\n') {
        text.replace('\r', "\n")
    } else {
        text
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let limit = BODY_LIMIT + FRONT_MATTER_LIMIT;
    let mut bytes = Vec::new();
    let cap = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(path)
        .and_then(|file| file.take(cap).read_to_end(&mut bytes))
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() > limit {
        return Err(format!(
            "it is larger than {limit} bytes; split it into several documents"
        ));
    }
    Ok(bytes)
}

/// A fault of no one line.
fn of_file(message: String) -> ParseError {
    ParseError {
        line: None,
        message,
    }
}

/// The first byte that no text has, and what is said of it.
fn not_text(bytes: &[u8]) -> Option<(usize, String)> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        let why = format!("byte {} is NUL; this is not a text file", end + 1);
        return Some((end, why));
    }
    let end = std::str::from_utf8(bytes).err()?.valid_up_to();
    let why = format!("byte {} is not UTF-8; save the file as UTF-8", end + 1);
    Some((end, why))
}
