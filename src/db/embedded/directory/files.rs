//! Files of the base directory. Root works on what it has opened, since the directory belongs to another user.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::db::embedded::account::Account;
use crate::db::embedded::error::{EmbeddedError, directory_error};

/// Everything that the base directory may hold; anything else says that it belongs to another program, and
/// taking it over would change its owner and mode.
pub(super) const OWN_ENTRIES: [&str; 6] = [
    "data",
    "data.tmp",
    "run",
    "lock",
    "postgres.log",
    "postgres.log.1",
];

/// Works on the opened directory: its parent may belong to the database user, and root must not follow a link
/// put there.
pub(in crate::db::embedded) fn make_private(
    dir: &Path,
    account: Option<&Account>,
) -> Result<(), EmbeddedError> {
    let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(dir)
        .map_err(directory_error("open", dir))?;
    opened
        .set_permissions(Permissions::from_mode(0o700))
        .map_err(directory_error("set the mode of", dir))?;
    if let Some(account) = account {
        fchown(&opened, Some(account.uid), Some(account.gid))
            .map_err(directory_error("change the owner of", dir))?;
    }
    Ok(())
}

/// Opens a file in a directory that belongs to the database user. Root must not follow a link put there.
pub(in crate::db::embedded) fn open_own(
    path: &Path,
    account: Option<&Account>,
    options: &mut OpenOptions,
) -> Result<File, EmbeddedError> {
    let file = options
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(directory_error("write", path))?;
    if let Some(account) = account {
        fchown(&file, Some(account.uid), Some(account.gid))
            .map_err(directory_error("change the owner of", path))?;
    }
    Ok(file)
}

pub(in crate::db::embedded) fn log_path(base: &Path) -> PathBuf {
    base.join("postgres.log")
}

/// Where a log goes that has grown too long, in place of the one before it.
pub(in crate::db::embedded) fn old_log_path(base: &Path) -> PathBuf {
    base.join("postgres.log.1")
}

/// The major version that wrote the cluster, or `None` where there is no cluster yet.
pub(super) fn cluster_version(base: &Path) -> Result<Option<String>, EmbeddedError> {
    let path = base.join("data/PG_VERSION");
    match std::fs::read_to_string(&path) {
        Ok(version) => Ok(Some(version.trim().to_owned())),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(directory_error("read", &path)(error)),
    }
}
