//! What was changed, and when: a generation for each tag.
//!
//! A page notes the generation before it is read from the database ([`Fences::generation`]). Afterwards it is
//! good for as long as none of its tags has a newer one. So no order of edit and load can leave an old page
//! behind for good: whoever read before the change carries the lower number, however late the page is stored.
//! This is why invalidating needs neither a search for the pages nor a lock on them.
//!
//! That holds for reads on the primary. A replica shows an older state than the generation says, so each mark also
//! knows the position in the log behind which its change lies, and a page that was read on a replica is asked for its
//! own ([`Fences::wanting`]) before it is stored or shown.

use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::position::Position;
use super::reading::At;
use super::tag::Tag;

/// Tags that are remembered one by one; older ones share a floor, which may make a page that is good be read
/// again, never the other way.
const REMEMBERED: usize = 100_000;

/// The newest change that touches a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that it shows was changed since it was read.
    Good,
    /// Something was edited: to be read again before it is shown, and good enough while that is impossible.
    Changed,
    /// Something was taken down: never to be shown again, whatever else fails.
    Gone,
}

/// One for a process. Everything here is a few atomic operations or a short lock.
#[derive(Default)]
pub struct Fences {
    generation: AtomicU64,
    marks: RwLock<Marks>,
}

#[derive(Default)]
struct Marks {
    tags: HashMap<u64, Mark, foldhash::fast::FixedState>,
    floor: Mark,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    changed: u64,
    gone: u64,
    /// The newest change lies before this; none where no replica is ever asked.
    position: Option<Position>,
    /// Commits whose position is still to be learned: until then only the primary is known to have them.
    unplaced: u32,
}

impl Mark {
    fn place(&mut self, position: Option<Position>) {
        match position {
            Some(Position::UNKNOWN) => self.unplaced += 1,
            position => self.position = position.max(self.position),
        }
    }

    /// What a read must have reached.
    fn needed(&self) -> Option<Position> {
        if self.unplaced > 0 {
            Some(Position::UNKNOWN)
        } else {
            self.position
        }
    }
}

impl Fences {
    /// To be noted before the first read of a page's data.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Marks `changed` as edited and `gone` as taken down, from now on. Call it after COMMIT: earlier, a page that
    /// is read between this and the commit would pass for a new one. `position` was read after COMMIT too; one that is
    /// unknown holds until [`Fences::place`].
    pub fn raise<'a>(
        &self,
        changed: impl Iterator<Item = &'a Tag>,
        gone: impl Iterator<Item = &'a Tag>,
        position: Option<Position>,
    ) {
        let mut marks = self.marks.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        for tag in changed {
            let mark = marks.tags.entry(tag.hash()).or_default();
            mark.changed = next;
            mark.place(position);
        }
        for tag in gone {
            let mark = marks.tags.entry(tag.hash()).or_default();
            *mark = Mark {
                changed: next,
                gone: next,
                ..*mark
            };
            mark.place(position);
        }
        marks.shorten();
        // Last, and inside the lock: who sees the new number also sees the marks.
        self.generation.store(next, Ordering::Release);
    }

    /// Marks everything as taken down, for a node that cannot know any more what it missed.
    pub fn raise_all(&self, position: Option<Position>) {
        let mut marks = self.marks.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        marks.tags.clear();
        marks.floor = Mark {
            changed: next,
            gone: next,
            position,
            unplaced: 0,
        };
        self.generation.store(next, Ordering::Release);
    }

    /// How a page stands that was read at `generation` and shows what `tags` (their [`Tag::hash`]) name.
    pub fn standing(&self, tags: &[u64], generation: u64) -> Standing {
        let marks = self.marks.read().unwrap_or_else(|e| e.into_inner());
        let newest =
            tags.iter()
                .filter_map(|tag| marks.tags.get(tag))
                .fold(marks.floor, |newest, mark| Mark {
                    changed: newest.changed.max(mark.changed),
                    gone: newest.gone.max(mark.gone),
                    ..Mark::default()
                });
        if newest.gone > generation {
            Standing::Gone
        } else if newest.changed > generation {
            Standing::Changed
        } else {
            Standing::Good
        }
    }
}

impl Fences {
    /// The position that a read must have reached to show all that is known of `tags`, if `at` has not.
    pub fn wanting(&self, tags: &[u64], at: At) -> Option<Position> {
        let At::Replica(at) = at else { return None };
        self.newest(tags).filter(|needed| !at.covers(*needed))
    }

    /// The position behind the newest change of `tags` that is known.
    pub fn newest(&self, tags: &[u64]) -> Option<Position> {
        let marks = self.marks.read().unwrap_or_else(|e| e.into_inner());
        let known = tags.iter().filter_map(|tag| marks.tags.get(tag));
        known.fold(marks.floor.position, |newest, mark| {
            newest.max(mark.needed())
        })
    }

    /// The position behind a commit that had none yet when `tags` were marked, or behind its end where it did not happen.
    pub fn place<'a>(&self, tags: impl Iterator<Item = &'a Tag>, position: Position) {
        let mut marks = self.marks.write().unwrap_or_else(|e| e.into_inner());
        for tag in tags {
            // Everything may have been given up meanwhile.
            if let Some(mark) = marks.tags.get_mut(&tag.hash())
                && mark.unplaced > 0
            {
                mark.unplaced -= 1;
                mark.place(Some(position));
            }
        }
    }

    /// Tags of which only the primary may be asked just now.
    pub fn unplaced(&self) -> usize {
        let marks = self.marks.read().unwrap_or_else(|e| e.into_inner());
        marks.tags.values().filter(|mark| mark.unplaced > 0).count()
    }
}

impl Marks {
    fn shorten(&mut self) {
        if self.tags.len() <= REMEMBERED {
            return;
        }
        let mut ages: Vec<u64> = self.tags.values().map(|mark| mark.changed).collect();
        let (_, middle, _) = ages.select_nth_unstable(REMEMBERED / 2);
        let middle = *middle;
        let floor = &mut self.floor;
        let mut taken_down = 0;
        self.tags.retain(|_, mark| {
            // A take-down that is forgotten would take every older page along.
            let kept = mark.changed > middle
                || mark.unplaced > 0
                || mark.gone > 0 && taken_down < REMEMBERED / 2;
            taken_down += usize::from(kept && mark.gone > 0);
            if !kept {
                floor.changed = floor.changed.max(mark.changed);
                floor.gone = floor.gone.max(mark.gone);
                floor.position = floor.position.max(mark.position);
            }
            kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raise(fences: &Fences, changed: &[Tag], gone: &[Tag]) {
        fences.raise(changed.iter(), gone.iter(), None);
    }

    #[test]
    fn a_page_stands_by_the_newest_change_of_its_tags() {
        let fences = Fences::default();
        let (site, ann) = (Tag::site(), Tag::author("ann"));
        let page = [site.hash(), ann.hash()];
        let before = fences.generation();
        assert_eq!(fences.standing(&page, before), Standing::Good);
        raise(&fences, std::slice::from_ref(&ann), &[]);
        assert_eq!(fences.standing(&page, before), Standing::Changed);
        assert_eq!(fences.standing(&[site.hash()], before), Standing::Good);
        assert_eq!(fences.standing(&page, fences.generation()), Standing::Good);
        raise(&fences, &[], &[site]);
        assert_eq!(fences.standing(&page, before), Standing::Gone);
        // A later edit does not make what was taken down showable again.
        raise(&fences, &[ann], &[]);
        assert_eq!(fences.standing(&page, before), Standing::Gone);
    }

    #[test]
    fn what_is_forgotten_counts_as_changed() {
        let fences = Fences::default();
        let (old, taken) = (Tag::author("old"), Tag::author("taken"));
        let before = fences.generation();
        raise(
            &fences,
            std::slice::from_ref(&old),
            std::slice::from_ref(&taken),
        );
        let after = fences.generation();
        for number in 0..=REMEMBERED {
            raise(&fences, &[Tag::author(&number.to_string())], &[]);
        }
        assert!(fences.marks.read().unwrap().tags.len() <= REMEMBERED);
        assert_eq!(fences.standing(&[old.hash()], before), Standing::Changed);
        assert_eq!(
            fences.standing(&[taken.hash()], before),
            Standing::Gone,
            "take-downs are remembered longer"
        );
        assert_ne!(fences.standing(&[old.hash()], after), Standing::Gone);
        assert_eq!(
            fences.standing(&[old.hash()], fences.generation()),
            Standing::Good
        );
    }

    #[test]
    fn everything_can_be_given_up() {
        let fences = Fences::default();
        let before = fences.generation();
        fences.raise_all(None);
        assert_eq!(
            fences.standing(&[Tag::site().hash()], before),
            Standing::Gone
        );
        assert_eq!(
            fences.standing(&[Tag::site().hash()], fences.generation()),
            Standing::Good
        );
    }

    #[test]
    fn an_unknown_position_holds_until_it_is_learned() {
        let fences = Fences::default();
        let at = |lsn| Position { timeline: 1, lsn };
        let ann = Tag::author("ann");
        let raise =
            |position| fences.raise(std::iter::once(&ann), std::iter::empty(), Some(position));
        let needed = || fences.newest(&[ann.hash()]);
        raise(at(10));
        raise(Position::UNKNOWN);
        raise(Position::UNKNOWN);
        // Another commit's position says nothing of these two.
        raise(at(20));
        assert_eq!((needed(), fences.unplaced()), (Some(Position::UNKNOWN), 1));
        fences.place(std::iter::once(&ann), at(30));
        assert_eq!(needed(), Some(Position::UNKNOWN), "one is still missing");
        fences.place(std::iter::once(&ann), at(25));
        assert_eq!((needed(), fences.unplaced()), (Some(at(30)), 0));
        raise(Position::UNKNOWN);
        fences.raise_all(Some(at(40)));
        fences.place(std::iter::once(&ann), at(50));
        assert_eq!(
            needed(),
            Some(at(40)),
            "everything was given up, and read again"
        );
    }

    #[test]
    fn a_replica_that_is_behind_a_change_shows_too_little() {
        let fences = Fences::default();
        let at = |timeline, lsn| Position { timeline, lsn };
        let (ann, ben) = (Tag::author("ann"), Tag::author("ben"));
        fences.raise(std::iter::once(&ann), std::iter::empty(), Some(at(1, 100)));
        fences.raise(std::iter::once(&ann), std::iter::empty(), Some(at(1, 90)));
        assert_eq!(
            fences.wanting(&[ann.hash()], At::Replica(at(1, 99))),
            Some(at(1, 100)),
            "positions do not go back"
        );
        assert_eq!(fences.wanting(&[ann.hash()], At::Replica(at(1, 100))), None);
        assert_eq!(fences.wanting(&[ben.hash()], At::Replica(at(1, 1))), None);
        assert_eq!(fences.wanting(&[ann.hash()], At::Primary), None);
        // After a fail-over nothing of the old timeline says anything.
        assert_eq!(
            fences.wanting(&[ann.hash()], At::Replica(at(2, 500))),
            Some(at(1, 100))
        );
        fences.raise_all(Some(at(2, 50)));
        assert_eq!(fences.wanting(&[ann.hash()], At::Replica(at(2, 50))), None);
        assert_eq!(
            fences.wanting(&[ben.hash()], At::Replica(at(2, 49))),
            Some(at(2, 50))
        );
    }
}
