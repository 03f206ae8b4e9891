//! The base directory as the process that holds its lock uses it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};

use super::files::{OWN_ENTRIES, cluster_version, log_path, old_log_path, open_own};
use super::lock::DirectoryLock;
use crate::db::embedded::account::Account;
use crate::db::embedded::error::{EmbeddedError, directory_error};

/// The base directory, claimed and locked by this process.
#[derive(Debug)]
pub(in crate::db::embedded) struct Home {
    pub(in crate::db::embedded) base: PathBuf,
    pub(in crate::db::embedded) relocated_from: Option<PathBuf>,
    /// The user that PostgreSQL must be run as; `None` means as the present one.
    pub(in crate::db::embedded) account: Option<Account>,
    pub(super) _lock: DirectoryLock,
}

impl Home {
    pub(in crate::db::embedded) fn cluster_version(&self) -> Result<Option<String>, EmbeddedError> {
        cluster_version(&self.base)
    }

    pub(in crate::db::embedded) fn data_dir(&self) -> PathBuf {
        self.base.join("data")
    }

    pub(in crate::db::embedded) fn log_path(&self) -> PathBuf {
        log_path(&self.base)
    }

    /// Gives what a process of root may have left in the base directory to the database's user, who could not write to
    /// it. What lies deeper is the server's own.
    pub(in crate::db::embedded) fn give_away(&self) -> Result<(), EmbeddedError> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        for name in OWN_ENTRIES {
            let path = self.base.join(name);
            match lchown(&path, Some(account.uid), Some(account.gid)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(directory_error("change the owner of", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(in crate::db::embedded) fn remove_logs(&self) -> Result<(), EmbeddedError> {
        for path in [log_path(&self.base), old_log_path(&self.base)] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(directory_error("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes beside and renames, so that a reader never sees half a file and a link is replaced, not followed.
    pub(in crate::db::embedded) fn replace_file(
        &self,
        path: &Path,
        content: &str,
    ) -> Result<(), EmbeddedError> {
        let beside = path.with_extension("new");
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(directory_error("remove", &beside)(error));
            }
            _ => {}
        }
        let mut file = open_own(
            &beside,
            self.account.as_ref(),
            OpenOptions::new().write(true).create_new(true),
        )?;
        file.write_all(content.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(directory_error("write", path))
    }
}
