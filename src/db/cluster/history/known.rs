//! What this process knows of the site's history.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use super::file;
use super::site_history::{HistoryId, Refusal, SiteHistory};
use crate::db::cluster::role::Role;

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
        match file::read(&file) {
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
            let _lock = file::lock(file);
            file::replace(file, history)?;
        }
        self.adopt(history);
        Ok(())
    }

    /// Looks whether a command beside this process has accepted another history.
    pub(in crate::db) fn reload(&self) {
        let Some(file) = self.file.get() else { return };
        if let Ok(Some(there)) = file::read(file)
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
        match file::merge(file, next) {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        file::read(file).unwrap().unwrap().id
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
