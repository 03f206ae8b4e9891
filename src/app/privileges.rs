//! A process that serves does not stay root. It binds its ports, makes the directories of the database ready and reads the
//! site's key as root, then becomes the account that the private database runs as, so that it can still start, stop and
//! restart its server; with a database of the operator's own it becomes `run_as`, `masthead` or `nobody`. A small process
//! without HTTP stays behind, which reads the settings again when SIGHUP asks for that ([`super::reload_config`]).

use std::io;
use std::os::unix::fs::chown;
use std::path::Path;

use anyhow::Context;
use rustix::process::geteuid;
use secrecy::ExposeSecret;

use super::config::{Settings, state_dir};
use crate::db;
use crate::db::embedded::{self, Account, EmbeddedConfig};

/// The place of the private database, and what to tell the operator once logging has begun.
pub struct Left {
    pub private: Option<EmbeddedConfig>,
    pub warnings: Vec<String>,
}

/// Leaves root for good, if this process is root. Must be called while it has one thread: each thread has rights of its own.
///
/// # Errors
///
/// When the directories cannot be made ready, or the system refuses the change of a private database's process.
pub fn leave_root(
    settings: &mut Settings,
    private: Option<EmbeddedConfig>,
) -> anyhow::Result<Left> {
    let mut left = Left {
        private,
        warnings: Vec::new(),
    };
    if !geteuid().is_root() || !cfg!(target_os = "linux") {
        return Ok(left);
    }
    settings.keep_secret_key()?;
    let account = match left.private.take() {
        Some(config) => private_account(config, &mut left)?,
        None => own_account(settings)?,
    };
    make_state_dir(settings, &account, &mut left);
    change_account(&account, &mut left)?;
    Ok(left)
}

/// The account that the private database belongs to; no other could signal it, and it would not end with another one's process.
fn private_account(config: EmbeddedConfig, left: &mut Left) -> anyhow::Result<Account> {
    let ready = embedded::hand_over(&config)?.context("the database would run as root")?;
    if let Some(asked) = ready.relocated_from {
        let (asked, real) = (asked.display(), ready.config.base_dir.display());
        left.warnings.push(format!(
            "the database user cannot enter {asked}, so the database lies in {real}"
        ));
    }
    left.private = Some(ready.config);
    Ok(ready.account)
}

fn own_account(settings: &Settings) -> anyhow::Result<Account> {
    // Now, while root's `.pgpass` can be read. What is wrong with one is said where it is used.
    for url in settings
        .database_url
        .iter()
        .chain(&settings.migration_database_url)
        .chain(&settings.database_replicas)
    {
        let _ = db::parse_url(url.expose_secret());
    }
    let usual = || ["masthead", "nobody"].into_iter().find_map(Account::named);
    settings.run_as.clone().or_else(usual).context(
        "this machine has neither an account `masthead` nor `nobody` to serve as; create one (`useradd --system masthead`) or \
         name one in MASTHEAD_RUN_AS",
    )
}

fn change_account(account: &Account, left: &mut Left) -> anyhow::Result<()> {
    match become_account(account) {
        Ok(()) => Ok(()),
        Err(error) if left.private.is_none() && is_refused(&error) => {
            left.warnings.push(format!(
                "this system does not allow a change to {account}, so root serves the site"
            ));
            Ok(())
        }
        Err(error) => {
            Err(error).with_context(|| format!("this process of root cannot become {account}"))
        }
    }
}

/// Containers with a single user number, or without the capability, refuse.
fn is_refused(error: &io::Error) -> bool {
    let codes =
        [rustix::io::Errno::PERM, rustix::io::Errno::INVAL].map(|errno| Some(errno.raw_os_error()));
    codes.contains(&error.raw_os_error())
}

/// A directory that cannot be made costs what would be remembered in it, no more.
fn make_state_dir(settings: &Settings, account: &Account, left: &mut Left) {
    if let Err(error) = try_make_state_dir(settings, account) {
        left.warnings.push(format!(
            "nothing can be remembered in {}: {error}",
            settings.data_dir.display()
        ));
    }
}

fn try_make_state_dir(settings: &Settings, account: &Account) -> anyhow::Result<()> {
    settings.create_state_dir()?;
    let path = state_dir(&settings.data_dir);
    give(&path, account)?;
    for entry in std::fs::read_dir(&path)? {
        give(&entry?.path(), account)?;
    }
    Ok(())
}

/// Root must follow no link that another user may have put there.
fn give(path: &Path, account: &Account) -> io::Result<()> {
    if path.symlink_metadata()?.is_symlink() {
        return Ok(());
    }
    chown(path, Some(account.uid), Some(account.gid))
}

#[cfg(target_os = "linux")]
fn become_account(account: &Account) -> io::Result<()> {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

    if std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() > 1) {
        return Err(io::Error::other("other threads would stay root"));
    }
    let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
    let groups: Vec<Gid> = account.groups.iter().copied().map(Gid::from_raw).collect();
    set_thread_groups(&groups)?;
    set_thread_res_gid(gid, gid, gid)?;
    Ok(set_thread_res_uid(uid, uid, uid)?)
}

#[cfg(not(target_os = "linux"))]
fn become_account(_: &Account) -> io::Result<()> {
    Ok(())
}
