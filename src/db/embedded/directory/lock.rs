//! The lock of the base directory: only one process uses it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::files::open_own;
use crate::db::embedded::account::Account;
use crate::db::embedded::error::{EmbeddedError, directory_error};

/// Holds the lock of a directory. It is given up explicitly: a program that another thread starts in this moment has a copy
/// of the descriptor until it is executed, and closing only ours would leave the directory locked for that long.
#[derive(Debug)]
pub(super) struct DirectoryLock(File);

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Closing it follows, which unlocks as well once no copy is left.
        let _ = self.0.unlock();
    }
}

pub(super) fn take_lock(
    base: &Path,
    account: Option<&Account>,
) -> Result<DirectoryLock, EmbeddedError> {
    let path = base.join("lock");
    let mut file = open_own(
        &path,
        account,
        OpenOptions::new().read(true).write(true).create(true),
    )?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // A holder that has not written its number yet only costs the message its number.
            let _ = file.read_to_string(&mut holder);
            return Err(EmbeddedError::AlreadyRunning {
                base_dir: base.to_owned(),
                pid: holder.trim().parse().ok(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(directory_error("lock", &path)(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(directory_error("write", &path))?;
    Ok(DirectoryLock(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_free_although_a_program_that_just_starts_has_its_descriptors() {
        let dir =
            std::env::temp_dir().join(format!("masthead-lock-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&dir).unwrap();
        let lock = take_lock(&dir, None).unwrap();
        assert!(matches!(
            take_lock(&dir, None),
            Err(EmbeddedError::AlreadyRunning { .. })
        ));
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(take_lock(&dir, None).is_ok());
        drop(copy);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
