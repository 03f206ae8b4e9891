//! Which history of the database this site is on: the system identifier of the cluster and its newest timeline,
//! remembered in the data directory.
//!
//! A server of another cluster, or a primary of an older timeline, holds a history that the site has left: what is saved
//! there is lost as soon as the other one is back. It is refused until an operator accepts it with
//! `masthead database accept-history`, which replaces what is remembered.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;

use super::server::Role;
use crate::db::Result;

/// What an operator does about a refused primary.
const ADVICE: &str = "if that is the history that the site shall go on with, run `masthead database accept-history` on each node";
/// And about a refused replica.
const ADVICE_REPLICA: &str = "let database_replicas name streaming replicas of the primary";

/// Names a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryId {
    /// None where the serving role may not ask for it.
    #[serde(rename = "system_identifier")]
    pub system: Option<i64>,
    /// Counts promotions: a server that is promoted begins the next one (PostgreSQL manual, “Timelines”).
    pub timeline: u32,
}

impl fmt::Display for HistoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            Some(system) => write!(f, "system {system} on timeline {}", self.timeline),
            None => write!(f, "an unknown system on timeline {}", self.timeline),
        }
    }
}

/// What is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHistory {
    /// The newest that was seen, or the one that was accepted.
    #[serde(flatten)]
    pub id: HistoryId,
    /// Timelines up to this one were left behind when an older one was accepted: being newer, they would come back as soon
    /// as one of their servers does.
    #[serde(default)]
    abandoned_timeline: u32,
}

impl From<HistoryId> for SiteHistory {
    fn from(id: HistoryId) -> Self {
        SiteHistory {
            id,
            abandoned_timeline: 0,
        }
    }
}

impl SiteHistory {
    /// Whether a server must not be used.
    pub fn judge(self, found: HistoryId, role: Role) -> Option<Refusal> {
        let known = self.id;
        let other =
            matches!((known.system, found.system), (Some(known), Some(found)) if known != found);
        let older = found.timeline < known.timeline || self.has_abandoned(found.timeline);
        (other || (older && role == Role::Primary)).then_some(Refusal { found, known, role })
    }

    fn has_abandoned(self, timeline: u32) -> bool {
        timeline > self.id.timeline && timeline <= self.abandoned_timeline
    }

    /// After a server has shown `found`.
    fn after(self, found: HistoryId, role: Role) -> SiteHistory {
        let same = match (self.id.system, found.system) {
            (Some(known), Some(found)) => known == found,
            // A replica does not say which database this is: it may be the one with the wrong address.
            (None, Some(_)) => role == Role::Primary,
            (_, None) => true,
        };
        if !same || self.has_abandoned(found.timeline) {
            return self;
        }
        let timeline = self.id.timeline.max(found.timeline);
        SiteHistory {
            id: HistoryId {
                system: self.id.system.or(found.system),
                timeline,
            },
            ..self
        }
    }

    /// After an operator has accepted `id`.
    fn accepting(self, id: HistoryId) -> SiteHistory {
        let left = if self.id.system == id.system {
            self.id.timeline.max(self.abandoned_timeline)
        } else {
            0
        };
        SiteHistory {
            id,
            abandoned_timeline: if left > id.timeline { left } else { 0 },
        }
    }
}

/// Why a server is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of the server.
    pub found: HistoryId,
    /// Of the site.
    pub known: HistoryId,
    /// What the server is: a primary of an older timeline is refused, a replica only of another system.
    pub role: Role,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its history is {}, and the site's is {}; {}",
            self.found,
            self.known,
            self.advice()
        )
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// What an operator can do about it, in words that can follow a semicolon.
    pub fn advice(&self) -> &'static str {
        if self.role == Role::Primary {
            ADVICE
        } else {
            ADVICE_REPLICA
        }
    }

    /// For the label of a metric.
    pub(in crate::db) fn is_of_another_system(&self) -> bool {
        self.found.system != self.known.system
    }
}

/// What this process knows of the site's history. One for all servers.
#[derive(Default)]
pub(in crate::db) struct History {
    file: OnceLock<PathBuf>,
    known: RwLock<SiteHistory>,
    /// What the file held when this process last read or wrote it.
    stored: Mutex<Option<SiteHistory>>,
    /// Said once: a directory that cannot be written keeps no site from serving.
    unwritable: AtomicBool,
}

impl History {
    /// Remembers in this file from now on, and knows what it holds.
    pub(in crate::db) fn keep_in(&self, file: PathBuf) {
        match read(&file) {
            Ok(Some(known)) => self.adopt(known),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(
                    file = %file.display(), %error,
                    "what is remembered of the database's history cannot be read: an older one may be taken for the site's"
                );
                if error.kind() == io::ErrorKind::InvalidData {
                    // Kept to be looked into; the next one takes its place.
                    let _ = std::fs::rename(&file, file.with_extension("json.unreadable"));
                }
            }
        }
        let _ = self.file.set(file);
    }

    pub(in crate::db) fn known(&self) -> SiteHistory {
        *self.known.read().unwrap_or_else(|e| e.into_inner())
    }

    pub(in crate::db) fn timeline(&self) -> u32 {
        self.known().id.timeline
    }

    /// Whether a server must not be used.
    pub(in crate::db) fn judge(&self, found: HistoryId, role: Role) -> Option<Refusal> {
        self.known().judge(found, role)
    }

    /// A server shows this history. What is newer of the same database counts from now on; it is on disk before anything
    /// can be saved there.
    pub(in crate::db) async fn observe(self: &Arc<Self>, found: HistoryId, role: Role) {
        let known = self.known();
        let next = known.after(found, role);
        let nowhere = self.file.get().is_none() || self.unwritable.load(Ordering::Relaxed);
        if next == known
            && (nowhere || next == SiteHistory::default() || self.stored() == Some(next))
        {
            return;
        }
        let history = self.clone();
        let _ = tokio::task::spawn_blocking(move || history.store(next)).await;
    }

    /// From now on this is the site's history, whatever was before.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub(in crate::db) fn accept(&self, id: HistoryId) -> io::Result<()> {
        self.put(self.known().accepting(id))
    }

    /// What was remembered before.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered.
    pub(in crate::db) fn put(&self, history: SiteHistory) -> io::Result<()> {
        if let Some(file) = self.file.get() {
            let _lock = lock(file);
            replace(file, history)?;
        }
        self.adopt(history);
        Ok(())
    }

    /// Looks whether a command beside this process has accepted another history.
    pub(in crate::db) fn reload(&self) {
        let Some(file) = self.file.get() else { return };
        if let Ok(Some(there)) = read(file)
            && self.stored() != Some(there)
        {
            tracing::warn!(
                "the site goes on with another history of its database: {}",
                there.id
            );
            self.adopt(there);
        }
    }

    fn store(&self, next: SiteHistory) {
        let Some(file) = self.file.get() else {
            return self.set(next);
        };
        match merge(file, next) {
            Ok(stored) => self.adopt(stored),
            Err(error) => {
                self.set(next);
                if !self.unwritable.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        file = %file.display(), %error,
                        "the database's history cannot be remembered: after a restart an older one may be taken for the site's"
                    );
                }
            }
        }
    }

    fn adopt(&self, history: SiteHistory) {
        self.set(history);
        *self.stored.lock().unwrap_or_else(|e| e.into_inner()) = Some(history);
    }

    fn set(&self, history: SiteHistory) {
        *self.known.write().unwrap_or_else(|e| e.into_inner()) = history;
    }

    fn stored(&self) -> Option<SiteHistory> {
        *self.stored.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// None where nothing is remembered yet.
///
/// # Errors
///
/// `InvalidData` when the file holds something else.
pub fn read(file: &Path) -> io::Result<Option<SiteHistory>> {
    match std::fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

/// Several processes share a data directory: none takes back what another has seen or accepted.
fn merge(file: &Path, next: SiteHistory) -> io::Result<SiteHistory> {
    let _lock = lock(file);
    if let Ok(Some(there)) = read(file) {
        let other =
            matches!((there.id.system, next.id.system), (Some(there), Some(next)) if there != next);
        if other
            || there.id.timeline > next.id.timeline
            || there.has_abandoned(next.id.timeline)
            || there == next
        {
            return Ok(there);
        }
    }
    replace(file, next)?;
    Ok(next)
}

/// Held until it is dropped. A file system that knows no locks still gets whole files.
fn lock(file: &Path) -> Option<File> {
    let dir = File::open(file.parent()?).ok()?;
    dir.lock().ok()?;
    Some(dir)
}

/// Written beside and renamed: neither a crash nor another process finds half of it.
fn replace(file: &Path, history: SiteHistory) -> io::Result<()> {
    let beside = file.with_extension(format!("json.new-{}", std::process::id()));
    let write = || {
        // A new file: a command of root writes into a directory of another user here, and must follow no link.
        let _ = std::fs::remove_file(&beside);
        let mut new = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&beside)?;
        new.write_all(&serde_json::to_vec(&history)?)?;
        new.sync_all()?;
        std::fs::rename(&beside, file)?;
        file.parent()
            .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}

/// Which cluster a server is of: one made by `initdb` or from a dump is another, a copy or a promoted replica is the same.
/// None where the role may not ask.
///
/// # Errors
///
/// When the connection is gone.
pub async fn system_identifier(conn: &mut PgConnection) -> Result<Option<i64>> {
    let asked =
        sqlx::query_scalar!(r#"select system_identifier as "id!" from pg_control_system()"#)
            .fetch_one(conn)
            .await;
    Ok(permitted(asked)?)
}

/// What may be kept from a role by its operator.
pub(in crate::db) fn permitted<T>(answer: sqlx::Result<T>) -> sqlx::Result<Option<T>> {
    match answer {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "42501") => {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

/// What a server shows.
///
/// # Errors
///
/// When the connection is gone.
pub async fn identify(conn: &mut PgConnection) -> Result<(HistoryId, Role)> {
    let row = sqlx::query!(
        r#"select pg_is_in_recovery() as "standby!",
                  case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
                       else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end as timeline"#
    )
    .fetch_one(&mut *conn)
    .await?;
    let timeline = match row.timeline {
        Some(timeline) => timeline.cast_unsigned(),
        None => replayed_timeline(conn).await?.unwrap_or(0),
    };
    let role = if row.standby {
        Role::Replica
    } else {
        Role::Primary
    };
    Ok((
        HistoryId {
            system: system_identifier(conn).await?,
            timeline,
        },
        role,
    ))
}

/// The timeline of a replica that hears from no primary, as far as its last checkpoint tells.
pub(in crate::db) async fn replayed_timeline(conn: &mut PgConnection) -> Result<Option<u32>> {
    let asked = sqlx::query_scalar!(
        r#"select greatest((select timeline_id from pg_control_checkpoint()),
                           (select min_recovery_end_timeline from pg_control_recovery())) as "timeline!""#
    )
    .fetch_one(conn)
    .await;
    Ok(permitted(asked)?.map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(system: i64, timeline: u32) -> HistoryId {
        HistoryId {
            system: Some(system),
            timeline,
        }
    }

    /// Removed at the end of a test.
    struct Place(PathBuf);

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn place() -> (Place, PathBuf) {
        let dir = std::env::temp_dir().join(format!(
            "masthead-history-{}",
            uuid::Uuid::new_v4().simple()
        ));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("database-history.json");
        (Place(dir), file)
    }

    fn on_disk(file: &Path) -> HistoryId {
        read(file).unwrap().unwrap().id
    }

    fn kept_in(file: &Path) -> Arc<History> {
        let history = Arc::new(History::default());
        history.keep_in(file.to_owned());
        history
    }

    #[tokio::test]
    async fn a_link_in_the_place_of_the_new_file_is_not_followed() {
        let (_dir, file) = place();
        let victim = file.with_file_name("victim");
        std::fs::write(&victim, "of somebody else").unwrap();
        std::os::unix::fs::symlink(
            &victim,
            file.with_extension(format!("json.new-{}", std::process::id())),
        )
        .unwrap();
        kept_in(&file).observe(id(1, 1), Role::Primary).await;
        assert_eq!(on_disk(&file), id(1, 1));
        assert_eq!(
            std::fs::read_to_string(&victim).unwrap(),
            "of somebody else"
        );
    }

    #[tokio::test]
    async fn what_was_seen_is_remembered_and_never_goes_back() {
        let (_dir, file) = place();
        let history = kept_in(&file);
        // A replica does not say which database it is.
        history.observe(id(9, 7), Role::Replica).await;
        assert_eq!(history.known(), SiteHistory::default());
        history.observe(id(1, 1), Role::Primary).await;
        history.observe(id(1, 3), Role::Replica).await;
        history.observe(id(1, 2), Role::Primary).await;
        history.observe(id(2, 9), Role::Primary).await;
        assert_eq!(on_disk(&file), id(1, 3));
        let restarted = kept_in(&file);
        assert_eq!(restarted.known().id, id(1, 3));
        assert!(restarted.judge(id(1, 2), Role::Primary).is_some());
        assert!(restarted.judge(id(1, 2), Role::Replica).is_none());
        assert!(restarted.judge(id(2, 3), Role::Replica).is_some());
        assert!(
            restarted
                .judge(
                    HistoryId {
                        system: None,
                        timeline: 3
                    },
                    Role::Primary
                )
                .is_none()
        );
        assert!(
            restarted
                .judge(
                    HistoryId {
                        system: None,
                        timeline: 2
                    },
                    Role::Primary
                )
                .is_some()
        );
    }

    #[tokio::test]
    async fn processes_of_one_directory_take_nothing_back() {
        let (_dir, file) = place();
        let (one, other) = (kept_in(&file), kept_in(&file));
        one.observe(id(1, 1), Role::Primary).await;
        other.observe(id(1, 4), Role::Primary).await;
        one.observe(id(1, 2), Role::Primary).await;
        assert_eq!((on_disk(&file), one.timeline()), (id(1, 4), 4));
        // Accepted by a command beside them.
        kept_in(&file).accept(id(2, 1)).unwrap();
        other.observe(id(1, 5), Role::Primary).await;
        assert_eq!(
            on_disk(&file),
            id(2, 1),
            "what was accepted is not overwritten"
        );
        one.reload();
        assert_eq!((one.known().id, other.known().id), (id(2, 1), id(2, 1)));
    }

    #[tokio::test]
    async fn an_older_timeline_that_was_accepted_is_not_overtaken_by_the_one_that_was_left() {
        let (_dir, file) = place();
        let history = kept_in(&file);
        history.observe(id(1, 3), Role::Primary).await;
        history.accept(id(1, 1)).unwrap();
        let restarted = kept_in(&file);
        for history in [&history, &restarted] {
            history.observe(id(1, 3), Role::Replica).await;
            history.observe(id(1, 3), Role::Primary).await;
            assert_eq!(history.known().id, id(1, 1));
            assert!(history.judge(id(1, 3), Role::Primary).is_some());
            assert!(history.judge(id(1, 1), Role::Primary).is_none());
        }
        restarted.observe(id(1, 4), Role::Primary).await;
        assert_eq!(on_disk(&file), id(1, 4));
    }

    #[tokio::test]
    async fn a_file_that_is_broken_or_cannot_be_written_keeps_no_site_from_serving() {
        let (_dir, file) = place();
        for broken in ["", "{", "null and more", "[1]"] {
            std::fs::write(&file, broken).unwrap();
            let history = kept_in(&file);
            assert_eq!(history.known(), SiteHistory::default(), "{broken}");
            history.observe(id(1, 2), Role::Primary).await;
            assert_eq!(on_disk(&file), id(1, 2));
        }
        let nowhere = kept_in(&file.with_file_name("missing").join("history.json"));
        nowhere.observe(id(1, 2), Role::Primary).await;
        assert_eq!(nowhere.known().id, id(1, 2));
        assert!(nowhere.judge(id(1, 1), Role::Primary).is_some());
    }
}
