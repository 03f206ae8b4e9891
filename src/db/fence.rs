//! What was changed, and when: a generation for each tag.
//!
//! A page notes the generation before it is read from the database ([`Fences::generation`]). Afterwards it is
//! good for as long as none of its tags has a newer one. So no order of edit and load can leave an old page
//! behind for good: whoever read before the change carries the lower number, however late the page is stored.
//! This is why invalidating needs neither a search for the pages nor a lock on them.

use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

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
}

impl Fences {
    /// To be noted before the first read of a page's data.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Marks `changed` as edited and `gone` as taken down, from now on. Call it after COMMIT: earlier, a page that
    /// is read between this and the commit would pass for a new one.
    pub fn raise<'a>(&self, changed: impl Iterator<Item = &'a Tag>, gone: impl Iterator<Item = &'a Tag>) {
        let mut marks = self.marks.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        for tag in changed {
            marks.tags.entry(tag.hash()).or_default().changed = next;
        }
        for tag in gone {
            *marks.tags.entry(tag.hash()).or_default() = Mark { changed: next, gone: next };
        }
        marks.shorten();
        // Last, and inside the lock: who sees the new number also sees the marks.
        self.generation.store(next, Ordering::Release);
    }

    /// Marks everything as taken down, for a node that cannot know any more what it missed.
    pub fn raise_all(&self) {
        let mut marks = self.marks.write().unwrap_or_else(|e| e.into_inner());
        let next = self.generation.load(Ordering::Relaxed) + 1;
        marks.tags.clear();
        marks.floor = Mark { changed: next, gone: next };
        self.generation.store(next, Ordering::Release);
    }

    /// How a page stands that was read at `generation` and shows what `tags` (their [`Tag::hash`]) name.
    pub fn standing(&self, tags: &[u64], generation: u64) -> Standing {
        let marks = self.marks.read().unwrap_or_else(|e| e.into_inner());
        let newest = tags.iter().filter_map(|tag| marks.tags.get(tag)).fold(marks.floor, |newest, mark| Mark {
            changed: newest.changed.max(mark.changed),
            gone: newest.gone.max(mark.gone),
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
            let kept = mark.changed > middle || mark.gone > 0 && taken_down < REMEMBERED / 2;
            taken_down += usize::from(kept && mark.gone > 0);
            if !kept {
                floor.changed = floor.changed.max(mark.changed);
                floor.gone = floor.gone.max(mark.gone);
            }
            kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raise(fences: &Fences, changed: &[Tag], gone: &[Tag]) {
        fences.raise(changed.iter(), gone.iter());
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
        raise(&fences, std::slice::from_ref(&old), std::slice::from_ref(&taken));
        let after = fences.generation();
        for number in 0..=REMEMBERED {
            raise(&fences, &[Tag::author(&number.to_string())], &[]);
        }
        assert!(fences.marks.read().unwrap().tags.len() <= REMEMBERED);
        assert_eq!(fences.standing(&[old.hash()], before), Standing::Changed);
        assert_eq!(fences.standing(&[taken.hash()], before), Standing::Gone, "take-downs are remembered longer");
        assert_ne!(fences.standing(&[old.hash()], after), Standing::Gone);
        assert_eq!(fences.standing(&[old.hash()], fences.generation()), Standing::Good);
    }

    #[test]
    fn everything_can_be_given_up() {
        let fences = Fences::default();
        let before = fences.generation();
        fences.raise_all();
        assert_eq!(fences.standing(&[Tag::site().hash()], before), Standing::Gone);
        assert_eq!(fences.standing(&[Tag::site().hash()], fences.generation()), Standing::Good);
    }
}
