//! The file in which a history is remembered, shared by all processes of a data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::site_history::SiteHistory;

/// None where nothing is remembered yet.
///
/// # Errors
///
/// `InvalidData` when the file holds something else.
pub fn read(file: &Path) -> io::Result<Option<SiteHistory>> {
    match std::fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

/// Several processes share a data directory: none takes back what another has seen or accepted.
pub(super) fn merge(file: &Path, next: SiteHistory) -> io::Result<SiteHistory> {
    let _lock = lock(file);
    if let Ok(Some(there)) = read(file) {
        let other =
            matches!((there.id.system, next.id.system), (Some(there), Some(next)) if there != next);
        if other
            || there.id.timeline > next.id.timeline
            || there.has_abandoned(next.id.timeline)
            || there == next
        {
            return Ok(there);
        }
    }
    replace(file, next)?;
    Ok(next)
}

/// Held until it is dropped. A file system that knows no locks still gets whole files.
pub(super) fn lock(file: &Path) -> Option<File> {
    let dir = File::open(file.parent()?).ok()?;
    dir.lock().ok()?;
    Some(dir)
}

/// Written beside and renamed: neither a crash nor another process finds half of it.
pub(super) fn replace(file: &Path, history: SiteHistory) -> io::Result<()> {
    let beside = file.with_extension(format!("json.new-{}", std::process::id()));
    let write = || {
        // A new file: a command of root writes into a directory of another user here, and must follow no link.
        let _ = std::fs::remove_file(&beside);
        let mut new = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&beside)?;
        new.write_all(&serde_json::to_vec(&history)?)?;
        new.sync_all()?;
        std::fs::rename(&beside, file)?;
        file.parent()
            .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}
