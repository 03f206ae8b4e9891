//! Where the `initdb` and `postgres` programs are, and which version they have.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::error::EmbeddedError;

/// The oldest PostgreSQL whose SQL the migrations and queries are written for.
const MINIMUM_VERSION: u32 = 15;

/// Directories of distributions and package managers that keep one directory per version:
/// parent, beginning of the entry's name, and where the programs are below it.
const VERSIONED_PLACES: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

#[derive(Debug)]
pub(super) struct Binaries {
    pub(super) dir: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(super) fn pg_basebackup(&self) -> PathBuf {
        self.dir.join("pg_basebackup")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

/// Takes the named directory, else the installed version that wrote the existing cluster, else the newest one.
///
/// Preferring the cluster's own version keeps a site running after a distribution upgrade has put a newer
/// PostgreSQL beside the old one.
pub(super) fn find(
    named: Option<&Path>,
    cluster_version: Option<&str>,
) -> Result<Binaries, EmbeddedError> {
    let dir = match named {
        Some(dir) => std::path::absolute(dir).map_err(|source| EmbeddedError::CannotRun {
            program: dir.to_owned(),
            source,
        })?,
        None => pick(installed(), cluster_version)
            .or_else(on_search_path)
            .ok_or(EmbeddedError::NoBinaries)?,
    };
    for missing in ["initdb", "postgres"] {
        if !dir.join(missing).is_file() {
            return Err(EmbeddedError::IncompleteBinDir { dir, missing });
        }
    }

    let major = major_version(&dir.join("postgres"))?;
    if major < MINIMUM_VERSION {
        return Err(EmbeddedError::ServerTooOld {
            bin_dir: dir,
            found: major,
            minimum: MINIMUM_VERSION,
        });
    }
    Ok(Binaries { dir, major })
}

fn installed() -> Vec<(u32, PathBuf)> {
    let mut found = Vec::new();
    for (parent, prefix, programs) in VERSIONED_PLACES {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name
                .to_str()
                .and_then(|name| name.strip_prefix(prefix)?.parse().ok());
            let dir = entry.path().join(programs);
            // Client packages create the same directory without a server in it.
            if let Some(version) = version
                && holds_server(&dir)
            {
                found.push((version, dir));
            }
        }
    }
    found
}

fn holds_server(dir: &Path) -> bool {
    dir.join("initdb").is_file() && dir.join("postgres").is_file()
}

fn pick(installed: Vec<(u32, PathBuf)>, cluster_version: Option<&str>) -> Option<PathBuf> {
    let wanted = cluster_version.and_then(|version| version.parse::<u32>().ok());
    installed
        .into_iter()
        .max_by_key(|(version, _)| (Some(*version) == wanted, *version))
        .map(|(_, dir)| dir)
}

fn on_search_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        // PostgreSQL looks for its share directory next to the real file, so a link is of no use here.
        .filter_map(|dir| {
            dir.join("initdb")
                .canonicalize()
                .ok()?
                .parent()
                .map(Path::to_owned)
        })
        .find(|dir| holds_server(dir))
}

fn major_version(postgres: &Path) -> Result<u32, EmbeddedError> {
    let output = Command::new(postgres)
        .arg("--version")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| EmbeddedError::CannotRun {
            program: postgres.to_owned(),
            source,
        })?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    parse_version(&answer).ok_or_else(|| EmbeddedError::UnknownVersion {
        program: postgres.to_owned(),
        answer,
    })
}

fn parse_version(answer: &str) -> Option<u32> {
    let version = answer.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(versions: &[u32]) -> Vec<(u32, PathBuf)> {
        versions
            .iter()
            .map(|version| (*version, PathBuf::from(format!("/pg/{version}/bin"))))
            .collect()
    }

    #[test]
    fn the_newest_version_wins_for_a_new_cluster() {
        assert_eq!(
            pick(places(&[9, 15, 17, 16]), None),
            Some("/pg/17/bin".into())
        );
        assert_eq!(pick(Vec::new(), None), None);
    }

    #[test]
    fn an_existing_cluster_keeps_its_version_where_installed() {
        assert_eq!(
            pick(places(&[15, 17]), Some("15")),
            Some("/pg/15/bin".into())
        );
        assert_eq!(
            pick(places(&[16, 17]), Some("15")),
            Some("/pg/17/bin".into())
        );
    }

    #[test]
    fn version_answers() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(parse_version("postgres (PostgreSQL) 19devel"), Some(19));
        assert_eq!(parse_version("postgres (PostgreSQL) "), None);
        assert_eq!(parse_version("hello"), None);
    }
}
