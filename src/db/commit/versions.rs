//! Tag versions: what was changed, and when, as a generation for each cache tag.
//!
//! A request notes the generation before it reads a page from the database ([`TagVersions::generation`]). Afterwards the
//! page is fresh for as long as none of its tags has a newer version. So no order of edit and load can leave an old page
//! behind for good: a load that read before the change carries the lower number, however late its page is stored.
//! This is why invalidating needs neither a search for the pages nor a lock on them.
//!
//! That holds for reads on the primary. A replica shows an older state than the generation says, so each version also
//! holds the position in the write-ahead log behind which its change lies. Before a page that was rendered from a
//! replica is stored or shown, the replica's position is compared with that of each of its tags
//! ([`TagVersions::required_position`]).

use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cache_tag::CacheTag;
use crate::db::cluster::freshness::ReadFrom;
use crate::db::cluster::position::Position;

/// Tags that are remembered one by one; older ones share a floor, which may make a page that is good be read
/// again, never the other way.
const REMEMBERED: usize = 100_000;

/// Whether a page still shows what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Nothing that it shows was changed since it was read.
    Fresh,
    /// Something was edited: to be read again before it is shown, and good enough while that is impossible.
    Stale,
    /// Something was taken down: never to be shown again, whatever else fails.
    Purged,
}

/// One for a process. Everything here is a few atomic operations or a short lock.
#[derive(Default)]
pub struct TagVersions {
    generation: AtomicU64,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    tags: HashMap<u64, TagVersion, foldhash::fast::FixedState>,
    floor: TagVersion,
}

#[derive(Clone, Copy, Default)]
struct TagVersion {
    changed: u64,
    gone: u64,
    /// The newest change lies before this; none where no replica is ever asked.
    position: Option<Position>,
    /// Commits whose position is still to be learned: until then only the primary is known to have them.
    pinned: u32,
}

impl TagVersion {
    fn place(&mut self, position: Option<Position>) {
        match position {
            Some(Position::UNKNOWN) => self.pinned += 1,
            position => self.position = position.max(self.position),
        }
    }

    /// What a read must have reached.
    fn needed(&self) -> Option<Position> {
        if self.pinned > 0 {
            Some(Position::UNKNOWN)
        } else {
            self.position
        }
    }
}

impl TagVersions {
    /// To be noted before the first read of a page's data.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Bumps the versions of `changed` as edited and of `gone` as taken down. Call it after COMMIT: earlier, a page that
    /// is read between this and the commit would pass for a new one. `position` was read after COMMIT too; one that is
    /// unknown holds until [`TagVersions::place`].
    pub fn bump<'a>(
        &self,
        changed: impl Iterator<Item = &'a CacheTag>,
        gone: impl Iterator<Item = &'a CacheTag>,
        position: Option<Position>,
    ) {
        let mut known = self.known.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        for tag in changed {
            let version = known.tags.entry(tag.hash()).or_default();
            version.changed = next;
            version.place(position);
        }
        for tag in gone {
            let version = known.tags.entry(tag.hash()).or_default();
            *version = TagVersion {
                changed: next,
                gone: next,
                ..*version
            };
            version.place(position);
        }
        known.compact();
        // Last, and inside the lock: a reader that sees the new number also sees the versions.
        self.generation.store(next, Ordering::Release);
    }

    /// Bumps everything as taken down, for a node that cannot know any more what it missed.
    pub fn bump_all(&self, position: Option<Position>) {
        let mut known = self.known.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        known.tags.clear();
        known.floor = TagVersion {
            changed: next,
            gone: next,
            position,
            pinned: 0,
        };
        self.generation.store(next, Ordering::Release);
    }

    /// Whether a page is fresh that was read at `generation` and shows what `tags` (their [`CacheTag::hash`]) name.
    pub fn validity(&self, tags: &[u64], generation: u64) -> Validity {
        let known = self.known.read().unwrap_or_else(|e| e.into_inner());
        let newest = tags.iter().filter_map(|tag| known.tags.get(tag)).fold(
            known.floor,
            |newest, version| TagVersion {
                changed: newest.changed.max(version.changed),
                gone: newest.gone.max(version.gone),
                ..TagVersion::default()
            },
        );
        if newest.gone > generation {
            Validity::Purged
        } else if newest.changed > generation {
            Validity::Stale
        } else {
            Validity::Fresh
        }
    }
}

impl TagVersions {
    /// The position that a read must have reached to show all that is known of `tags`, if `at` has not.
    pub fn required_position(&self, tags: &[u64], at: ReadFrom) -> Option<Position> {
        let ReadFrom::Replica(at) = at else {
            return None;
        };
        self.newest_position(tags)
            .filter(|needed| !at.covers(*needed))
    }

    /// The position behind the newest change of `tags` that is known.
    pub fn newest_position(&self, tags: &[u64]) -> Option<Position> {
        let known = self.known.read().unwrap_or_else(|e| e.into_inner());
        let versions = tags.iter().filter_map(|tag| known.tags.get(tag));
        versions.fold(known.floor.position, |newest, version| {
            newest.max(version.needed())
        })
    }

    /// The position behind a commit that had none yet when `tags` were bumped, or behind its end where it did not happen.
    pub fn place<'a>(&self, tags: impl Iterator<Item = &'a CacheTag>, position: Position) {
        let mut known = self.known.write().unwrap_or_else(|e| e.into_inner());
        for tag in tags {
            // Everything may have been given up meanwhile.
            if let Some(version) = known.tags.get_mut(&tag.hash())
                && version.pinned > 0
            {
                version.pinned -= 1;
                version.place(Some(position));
            }
        }
    }

    /// Tags of which only the primary may be asked just now.
    pub fn pinned(&self) -> usize {
        let known = self.known.read().unwrap_or_else(|e| e.into_inner());
        known
            .tags
            .values()
            .filter(|version| version.pinned > 0)
            .count()
    }
}

impl Known {
    fn compact(&mut self) {
        if self.tags.len() <= REMEMBERED {
            return;
        }
        let mut ages: Vec<u64> = self.tags.values().map(|version| version.changed).collect();
        let (_, middle, _) = ages.select_nth_unstable(REMEMBERED / 2);
        let middle = *middle;
        let floor = &mut self.floor;
        let mut taken_down = 0;
        self.tags.retain(|_, version| {
            // A take-down that is forgotten would take every older page along.
            let kept = version.changed > middle
                || version.pinned > 0
                || version.gone > 0 && taken_down < REMEMBERED / 2;
            taken_down += usize::from(kept && version.gone > 0);
            if !kept {
                floor.changed = floor.changed.max(version.changed);
                floor.gone = floor.gone.max(version.gone);
                floor.position = floor.position.max(version.position);
            }
            kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bump(versions: &TagVersions, changed: &[CacheTag], gone: &[CacheTag]) {
        versions.bump(changed.iter(), gone.iter(), None);
    }

    #[test]
    fn a_page_stands_by_the_newest_change_of_its_tags() {
        let versions = TagVersions::default();
        let (site, ann) = (CacheTag::singleton("site"), CacheTag::new("author", "ann"));
        let page = [site.hash(), ann.hash()];
        let before = versions.generation();
        assert_eq!(versions.validity(&page, before), Validity::Fresh);
        bump(&versions, std::slice::from_ref(&ann), &[]);
        assert_eq!(versions.validity(&page, before), Validity::Stale);
        assert_eq!(versions.validity(&[site.hash()], before), Validity::Fresh);
        assert_eq!(
            versions.validity(&page, versions.generation()),
            Validity::Fresh
        );
        bump(&versions, &[], &[site]);
        assert_eq!(versions.validity(&page, before), Validity::Purged);
        // A later edit does not make what was taken down showable again.
        bump(&versions, &[ann], &[]);
        assert_eq!(versions.validity(&page, before), Validity::Purged);
    }

    #[test]
    fn what_is_forgotten_counts_as_changed() {
        let versions = TagVersions::default();
        let (old, taken) = (
            CacheTag::new("author", "old"),
            CacheTag::new("author", "taken"),
        );
        let before = versions.generation();
        bump(
            &versions,
            std::slice::from_ref(&old),
            std::slice::from_ref(&taken),
        );
        let after = versions.generation();
        for number in 0..=REMEMBERED {
            bump(
                &versions,
                &[CacheTag::new("author", number.to_string().as_str())],
                &[],
            );
        }
        assert!(versions.known.read().unwrap().tags.len() <= REMEMBERED);
        assert_eq!(versions.validity(&[old.hash()], before), Validity::Stale);
        assert_eq!(
            versions.validity(&[taken.hash()], before),
            Validity::Purged,
            "take-downs are remembered longer"
        );
        assert_ne!(versions.validity(&[old.hash()], after), Validity::Purged);
        assert_eq!(
            versions.validity(&[old.hash()], versions.generation()),
            Validity::Fresh
        );
    }

    #[test]
    fn everything_can_be_given_up() {
        let versions = TagVersions::default();
        let before = versions.generation();
        versions.bump_all(None);
        assert_eq!(
            versions.validity(&[CacheTag::singleton("site").hash()], before),
            Validity::Purged
        );
        assert_eq!(
            versions.validity(&[CacheTag::singleton("site").hash()], versions.generation()),
            Validity::Fresh
        );
    }

    #[test]
    fn an_unknown_position_holds_until_it_is_learned() {
        let versions = TagVersions::default();
        let at = |lsn| Position { timeline: 1, lsn };
        let ann = CacheTag::new("author", "ann");
        let bump =
            |position| versions.bump(std::iter::once(&ann), std::iter::empty(), Some(position));
        let needed = || versions.newest_position(&[ann.hash()]);
        bump(at(10));
        bump(Position::UNKNOWN);
        bump(Position::UNKNOWN);
        // Another commit's position says nothing of these two.
        bump(at(20));
        assert_eq!((needed(), versions.pinned()), (Some(Position::UNKNOWN), 1));
        versions.place(std::iter::once(&ann), at(30));
        assert_eq!(needed(), Some(Position::UNKNOWN), "one is still missing");
        versions.place(std::iter::once(&ann), at(25));
        assert_eq!((needed(), versions.pinned()), (Some(at(30)), 0));
        bump(Position::UNKNOWN);
        versions.bump_all(Some(at(40)));
        versions.place(std::iter::once(&ann), at(50));
        assert_eq!(
            needed(),
            Some(at(40)),
            "everything was given up, and read again"
        );
    }

    #[test]
    fn a_replica_that_is_behind_a_change_shows_too_little() {
        let versions = TagVersions::default();
        let at = |timeline, lsn| Position { timeline, lsn };
        let (ann, ben) = (
            CacheTag::new("author", "ann"),
            CacheTag::new("author", "ben"),
        );
        versions.bump(std::iter::once(&ann), std::iter::empty(), Some(at(1, 100)));
        versions.bump(std::iter::once(&ann), std::iter::empty(), Some(at(1, 90)));
        assert_eq!(
            versions.required_position(&[ann.hash()], ReadFrom::Replica(at(1, 99))),
            Some(at(1, 100)),
            "positions do not go back"
        );
        assert_eq!(
            versions.required_position(&[ann.hash()], ReadFrom::Replica(at(1, 100))),
            None
        );
        assert_eq!(
            versions.required_position(&[ben.hash()], ReadFrom::Replica(at(1, 1))),
            None
        );
        assert_eq!(
            versions.required_position(&[ann.hash()], ReadFrom::Primary),
            None
        );
        // After a fail-over nothing of the old timeline says anything.
        assert_eq!(
            versions.required_position(&[ann.hash()], ReadFrom::Replica(at(2, 500))),
            Some(at(1, 100))
        );
        versions.bump_all(Some(at(2, 50)));
        assert_eq!(
            versions.required_position(&[ann.hash()], ReadFrom::Replica(at(2, 50))),
            None
        );
        assert_eq!(
            versions.required_position(&[ben.hash()], ReadFrom::Replica(at(2, 49))),
            Some(at(2, 50))
        );
    }
}
