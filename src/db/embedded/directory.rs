//! The directory of the private database: where it is, whose it is, and that only one process uses it.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, fchown, lchown},
    },
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::{
    account::Account,
    error::{EmbeddedError, directory_error},
};

/// Everything that the base directory may hold; anything else says that it belongs to another program, and
/// taking it over would change its owner and mode.
const OWN_ENTRIES: [&str; 6] = [
    "data",
    "data.tmp",
    "run",
    "lock",
    "postgres.log",
    "postgres.log.1",
];

/// Where root's database goes when the database user cannot reach the requested place.
const FALLBACK_PARENT: &str = "/var/lib/masthead";

/// A place chosen for the database, with nothing created or changed yet.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) base: PathBuf,
    pub(super) relocated_from: Option<PathBuf>,
    account: Option<Account>,
}

/// The base directory, claimed and locked by this process.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) base: PathBuf,
    pub(super) relocated_from: Option<PathBuf>,
    /// The user that PostgreSQL must be run as; `None` means as the present one.
    pub(super) account: Option<Account>,
    _lock: DirectoryLock,
}

impl Place {
    pub(super) fn choose(requested: &Path) -> Result<Self, EmbeddedError> {
        let requested =
            std::path::absolute(requested).map_err(directory_error("find", requested))?;
        let account = Account::for_database(&requested.join("data"))?;
        if blocker(&requested, account.as_ref()).is_none() {
            return Ok(Self {
                base: requested,
                relocated_from: None,
                account,
            });
        }

        let base = fallback_for(&requested);
        let account = Account::for_database(&base.join("data"))?;
        match (blocker(&base, account.as_ref()), &account) {
            (Some(blocker), Some(account)) => Err(EmbeddedError::Blocked {
                path: base,
                blocker,
                account: account.to_string(),
            }),
            _ => Ok(Self {
                base,
                relocated_from: Some(requested),
                account,
            }),
        }
    }

    pub(super) fn cluster_version(&self) -> Result<Option<String>, EmbeddedError> {
        cluster_version(&self.base)
    }

    pub(super) fn claim(self) -> Result<Home, EmbeddedError> {
        create_with_parents(&self.base, self.account.is_some())?;
        refuse_foreign(&self.base)?;
        let base = self
            .base
            .canonicalize()
            .map_err(directory_error("find", &self.base))?;
        make_private(&base, self.account.as_ref())?;
        let lock = take_lock(&base, self.account.as_ref())?;
        Ok(Home {
            base,
            relocated_from: self.relocated_from,
            account: self.account,
            _lock: lock,
        })
    }
}

/// The major version that wrote the cluster, or `None` where there is no cluster yet.
fn cluster_version(base: &Path) -> Result<Option<String>, EmbeddedError> {
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

/// The first directory on the way to `path` that the account may not enter, as far as mode bits tell.
fn blocker(path: &Path, account: Option<&Account>) -> Option<PathBuf> {
    let account = account?;
    let existing = path.ancestors().find(|ancestor| ancestor.exists())?;
    let real = existing.canonicalize().ok()?;
    // The base directory itself is given to the account, so only what is above it can be in the way.
    let above = if existing == path {
        real.parent()?
    } else {
        &real
    };
    let mut on_the_way: Vec<&Path> = above.ancestors().collect();
    on_the_way.reverse();
    on_the_way
        .into_iter()
        .find(|dir| {
            dir.metadata()
                .is_ok_and(|metadata| metadata.is_dir() && !account.may_enter(&metadata))
        })
        .map(Path::to_owned)
}

fn fallback_for(requested: &Path) -> PathBuf {
    let hash = Sha256::digest(requested.as_os_str().as_bytes());
    Path::new(FALLBACK_PARENT).join(data_encoding::HEXLOWER.encode(&hash[..8]))
}

/// Parents made by root are opened for traversal even under a strict umask: the database user has to pass them.
fn create_with_parents(base: &Path, as_root: bool) -> Result<(), EmbeddedError> {
    let mut missing: Vec<&Path> = base.ancestors().take_while(|dir| !dir.exists()).collect();
    while let Some(dir) = missing.pop() {
        let mode = if dir == base { 0o700 } else { 0o755 };
        match DirBuilder::new().mode(mode).create(dir) {
            Ok(()) if as_root => {
                std::fs::set_permissions(dir, Permissions::from_mode(mode))
                    .map_err(directory_error("set the mode of", dir))?;
            }
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(directory_error("create the database directory", dir)(error)),
        }
    }
    Ok(())
}

fn refuse_foreign(base: &Path) -> Result<(), EmbeddedError> {
    for entry in
        std::fs::read_dir(base).map_err(directory_error("read the database directory", base))?
    {
        let name = entry
            .map_err(directory_error("read the database directory", base))?
            .file_name();
        if !OWN_ENTRIES.iter().any(|own| name == *own) {
            return Err(EmbeddedError::ForeignDirectory {
                path: base.to_owned(),
                entry: name.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

/// Works on the opened directory: its parent may belong to the database user, and root must not follow a link
/// put there.
pub(super) fn make_private(dir: &Path, account: Option<&Account>) -> Result<(), EmbeddedError> {
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

/// Holds the lock of a directory. It is given up explicitly: a program that another thread starts in this moment has a copy
/// of the descriptor until it is executed, and closing only ours would leave the directory locked for that long.
#[derive(Debug)]
struct DirectoryLock(File);

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Closing it follows, which unlocks as well once no copy is left.
        let _ = self.0.unlock();
    }
}

fn take_lock(base: &Path, account: Option<&Account>) -> Result<DirectoryLock, EmbeddedError> {
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

/// Opens a file in a directory that belongs to the database user. Root must not follow a link put there.
pub(super) fn open_own(
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

pub(super) fn log_path(base: &Path) -> PathBuf {
    base.join("postgres.log")
}

/// Where a log goes that has grown too long, in place of the one before it.
pub(super) fn old_log_path(base: &Path) -> PathBuf {
    base.join("postgres.log.1")
}

impl Home {
    pub(super) fn cluster_version(&self) -> Result<Option<String>, EmbeddedError> {
        cluster_version(&self.base)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.base.join("data")
    }

    pub(super) fn log_path(&self) -> PathBuf {
        log_path(&self.base)
    }

    /// Gives what a process of root may have left in the base directory to the database's user, who could not write to
    /// it. What lies deeper is the server's own.
    pub(super) fn give_away(&self) -> Result<(), EmbeddedError> {
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

    pub(super) fn remove_logs(&self) -> Result<(), EmbeddedError> {
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
    pub(super) fn replace_file(&self, path: &Path, content: &str) -> Result<(), EmbeddedError> {
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
