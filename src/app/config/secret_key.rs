//! The site's key: from the setting, or from a file that is made at the first start.

use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rand::TryRng;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use super::error::ConfigError;

const FILE_NAME: &str = "secret.key";

/// Changing this text ends all sessions of every site with a `secret`.
const LABEL: &[u8] = b"masthead site key 1\0";

pub(super) fn from_secret(secret: &str) -> SecretBox<[u8; 32]> {
    let digest = Sha256::new()
        .chain_update(LABEL)
        .chain_update(secret)
        .finalize();
    SecretBox::new(Box::new(digest.into()))
}

pub(super) fn from_file(data_dir: &Path) -> Result<SecretBox<[u8; 32]>, ConfigError> {
    let path = data_dir.join(FILE_NAME);
    let content = content(&path, data_dir)?;
    let length = content.len();
    let key: [u8; 32] = content.try_into().map_err(|_| ConfigError::KeyFileLength {
        path: path.clone(),
        length,
    })?;
    Ok(SecretBox::new(Box::new(key)))
}

/// Makes the file when it is not there.
fn content(path: &Path, data_dir: &Path) -> Result<Vec<u8>, ConfigError> {
    let failed = |source| ConfigError::KeyFile {
        path: path.to_owned(),
        source,
    };
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_data_dir(data_dir)?;
            create(path).map_err(failed)?;
            // Read back, because another process may have been first.
            std::fs::read(path).map_err(failed)
        }
        result => result.map_err(failed),
    }
}

/// Written beside and linked into place: no process ever reads half a key, and the first of two processes wins.
fn create(path: &Path) -> io::Result<()> {
    let key = random_key()?;
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    let linked = file
        .write_all(key.expose_secret())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&beside, path));
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn random_key() -> io::Result<SecretBox<[u8; 32]>> {
    let mut random = [0; 32];
    rand::rngs::SysRng
        .try_fill_bytes(&mut random)
        .map_err(io::Error::other)?;
    Ok(SecretBox::new(Box::new(random)))
}

pub(super) fn create_data_dir(path: &Path) -> Result<(), ConfigError> {
    let failed = |source| ConfigError::DataDir {
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        return Ok(());
    }
    let as_root = rustix::process::geteuid().is_root();
    let mode = if as_root { 0o711 } else { 0o700 };
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(failed)?;
    if as_root {
        // Against a strict umask: the database's user has to pass.
        std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
    }
    Ok(())
}
