//! Where the database is, before anything is created or changed.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files::{OWN_ENTRIES, cluster_version, make_private};
use super::home::Home;
use super::lock::take_lock;
use crate::db::embedded::account::Account;
use crate::db::embedded::error::{EmbeddedError, directory_error};

/// Where root's database goes when the database user cannot reach the requested place.
const FALLBACK_PARENT: &str = "/var/lib/masthead";

/// A place chosen for the database, with nothing created or changed yet.
#[derive(Debug)]
pub(in crate::db::embedded) struct Place {
    pub(in crate::db::embedded) base: PathBuf,
    pub(in crate::db::embedded) relocated_from: Option<PathBuf>,
    account: Option<Account>,
}

impl Place {
    pub(in crate::db::embedded) fn choose(requested: &Path) -> Result<Self, EmbeddedError> {
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

    pub(in crate::db::embedded) fn cluster_version(&self) -> Result<Option<String>, EmbeddedError> {
        cluster_version(&self.base)
    }

    pub(in crate::db::embedded) fn claim(self) -> Result<Home, EmbeddedError> {
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
