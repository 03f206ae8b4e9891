//! Users of this machine: the one that PostgreSQL runs as, which refuses root, and the one that a process of root becomes.

use std::{fmt, fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use super::error::EmbeddedError;

/// A user of this machine that a process of root can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    name: Option<String>,
    /// Its number.
    pub uid: u32,
    /// The number of its own group.
    pub gid: u32,
    /// Further groups that it belongs to.
    pub groups: Vec<u32>,
}

impl Account {
    /// `None` for an ordinary user. For root: the owner of an existing cluster (PostgreSQL insists on it),
    /// else `postgres`, else `nobody`.
    pub(super) fn for_database(data_dir: &Path) -> Result<Option<Self>, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if let Ok(owned) = data_dir.symlink_metadata()
            && owned.uid() != 0
        {
            return Ok(Some(Self {
                name: None,
                uid: owned.uid(),
                gid: owned.gid(),
                groups: Vec::new(),
            }));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(Self::named)
            .map(Some)
            .ok_or(EmbeddedError::NoAccount)
    }

    /// An account of this machine, other than root.
    pub fn named(name: &str) -> Option<Self> {
        let mut account = Self::listed(&std::fs::read_to_string("/etc/passwd").ok()?, name)?;
        account.groups = groups_of(
            &std::fs::read_to_string("/etc/group").unwrap_or_default(),
            name,
        );
        Some(account)
    }

    fn listed(users: &str, wanted: &str) -> Option<Self> {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| *name == wanted)?;
            let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self {
                name: Some(name.to_owned()),
                uid,
                gid,
                groups: Vec::new(),
            })
        })
    }

    /// As far as mode bits tell; access lists can refuse or allow more.
    pub(super) fn may_enter(&self, directory: &Metadata) -> bool {
        let enter = if directory.uid() == self.uid {
            0o100
        } else if directory.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        directory.mode() & enter != 0
    }
}

fn groups_of(groups: &str, member: &str) -> Vec<u32> {
    let parse = |line: &str| {
        let mut fields = line.split(':').skip(2);
        let gid = fields.next()?.parse().ok()?;
        fields
            .next()?
            .split(',')
            .any(|name| name == member)
            .then_some(gid)
    };
    groups.lines().filter_map(parse).collect()
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "user `{name}`"),
            None => write!(f, "user number {}", self.uid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\n\
        postgresql:x:7:7::/:/bin/sh\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n\
        broken:x:\n\
        nobody:x:0:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

    #[test]
    fn finds_the_exact_name() {
        let account = Account::listed(USERS, "postgres").unwrap();
        assert_eq!((account.uid, account.gid), (101, 104));
        assert_eq!(account.to_string(), "user `postgres`");
    }

    #[test]
    fn groups_are_those_that_list_the_member() {
        let groups = "root:x:0:\nssl-cert:x:110:postgres,ann\nother:x:111:postgresql\nbroken:x\nlast:x:112:ann,postgres\n";
        assert_eq!(groups_of(groups, "postgres"), [110, 112]);
    }

    #[test]
    fn passes_over_missing_broken_and_root_entries() {
        for name in ["postgre", "broken", "nobody"] {
            assert_eq!(Account::listed(USERS, name), None, "{name}");
        }
    }
}
