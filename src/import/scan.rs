//! Lists every file below the folder in a stable order and says what each is; nothing is opened here.

use std::path::Path;

use thiserror::Error;
use walkdir::{DirEntry, WalkDir};

use super::role::Role;
use super::skip_reason::SkipReason;
use std::fs::FileType;
use std::io;
use std::path::PathBuf;

/// Why a folder cannot be read at all. Errors of single files are [`Item::Failed`](super::Item::Failed) instead.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("{path} cannot be opened: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} is not a folder; name the folder that holds the blog")]
    NotAFolder { path: PathBuf },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Relative to the folder, with `/` between names on every system.
    pub(super) path: String,
    pub(super) role: Role,
}

/// Folders that hold a site's machinery or its built output; their files would only be imported twice or by mistake.
const EXCLUDED_FOLDERS: [&str; 13] = [
    "archetypes",
    "node_modules",
    "themes",
    "layouts",
    "templates",
    "_layouts",
    "_includes",
    "_sass",
    "public",
    "_site",
    "resources",
    "scaffolds",
    "vendor",
];

/// Symbolic links are listed and not followed: they may lead out of the folder or round in circles.
pub(super) fn list(dir: &Path) -> Result<Vec<Listed>, OpenError> {
    let mut listed = Vec::new();
    let mut walk = WalkDir::new(dir)
        .follow_links(false)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = walk.next() {
        let found = look(dir, entry);
        if found.is_left_out_folder {
            walk.skip_current_dir();
        }
        listed.extend(found.listed);
    }
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listed)
}

/// What one step of the walk has found.
#[derive(Default)]
struct Looked {
    /// None for a folder that is walked through.
    listed: Option<Listed>,
    is_left_out_folder: bool,
}

impl Looked {
    fn listed(path: String, role: Role, is_left_out_folder: bool) -> Self {
        Self {
            listed: Some(Listed { path, role }),
            is_left_out_folder,
        }
    }
}

fn look(dir: &Path, entry: walkdir::Result<DirEntry>) -> Looked {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = error.path().map(|path| relative(dir, path));
            let role = Role::Fail(format!("could not be read: {error}"));
            return Looked::listed(path.unwrap_or_default(), role, false);
        }
    };
    let path = relative(dir, entry.path());
    let kind = entry.file_type();
    let Some(name) = entry.file_name().to_str() else {
        let role = Role::Fail("the file name is not UTF-8; rename the file".to_owned());
        return Looked::listed(path, role, kind.is_dir());
    };
    role(kind, &path, name).map_or_else(Looked::default, |role| {
        Looked::listed(path, role, kind.is_dir())
    })
}

/// None for a folder that is walked through.
fn role(kind: FileType, path: &str, name: &str) -> Option<Role> {
    Some(if kind.is_symlink() {
        Role::Skip(SkipReason::SymbolicLink)
    } else if name.starts_with('.') {
        Role::Skip(SkipReason::Hidden)
    } else if kind.is_dir() && is_excluded(path, name) {
        Role::Skip(SkipReason::ExcludedFolder)
    } else if kind.is_dir() {
        return None;
    } else if kind.is_file() {
        Role::Candidate
    } else {
        Role::Skip(SkipReason::NotRegularFile)
    })
}

/// A section of the content may well be called "resources"; only such a folder at the top is machinery.
fn is_excluded(path: &str, name: &str) -> bool {
    let at_top = !path.contains('/');
    EXCLUDED_FOLDERS.contains(&name) && (at_top || name.starts_with('_') || name == "node_modules")
}

fn relative(dir: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(dir).unwrap_or(path);
    let names: Vec<_> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machinery_is_excluded_only_where_it_is_machinery() {
        assert!(is_excluded("themes", "themes"));
        assert!(!is_excluded("content/resources", "resources"));
        assert!(is_excluded("src/_includes", "_includes"));
    }
}
