//! The directory of the server's socket.

use std::{
    ffi::OsString,
    fs::DirBuilder,
    io,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::DirBuilderExt,
    },
    path::{Path, PathBuf},
};

use super::{
    directory::{Home, make_private},
    error::{EmbeddedError, directory_error},
};

/// `sun_path` holds 108 bytes with the terminating NUL.
const MAX_SOCKET_PATH: usize = 107;
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// One under /tmp is removed when this is dropped.
#[derive(Debug)]
pub(super) struct SocketDir {
    pub(super) path: PathBuf,
    temporary: bool,
}

impl SocketDir {
    /// `base/run`, or a new directory under /tmp where the socket's path would exceed the kernel's limit.
    #[expect(clippy::disallowed_methods, reason = "the name of a directory")]
    pub(super) fn create(home: &Home) -> Result<Self, EmbeddedError> {
        let run = home.base.join("run");
        let temporary = run.join(SOCKET_NAME).as_os_str().len() > MAX_SOCKET_PATH;
        let path = if temporary {
            PathBuf::from(format!("/tmp/masthead-{}", uuid::Uuid::new_v4().simple()))
        } else {
            run
        };
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !temporary => {}
            result => result.map_err(directory_error("create the socket directory", &path))?,
        }
        make_private(&path, home.account.as_ref())?;
        Ok(Self { path, temporary })
    }

    /// Where the server writes its process number beside the socket.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.path.join(format!("{SOCKET_NAME}.lock"))
    }

    /// For `unix_socket_directories`, which is a list: a comma or a blank in a path has to stand in quotes.
    pub(super) fn as_list_entry(&self) -> OsString {
        quoted_list_entry(&self.path)
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn quoted_list_entry(path: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for byte in path.as_os_str().as_bytes() {
        if *byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    OsString::from_vec(quoted)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn socket_paths_are_quoted_for_the_list() {
        assert_eq!(
            quoted_list_entry(Path::new("/a b,c/\"d")),
            OsStr::new("\"/a b,c/\"\"d\"")
        );
    }
}
