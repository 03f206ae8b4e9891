//! Which pages of a list a post changes. The first page, feeds and counts depend on the whole list. A page further back depends
//! only on the time that it covers: publishing a post leaves it alone, and a list may be as long as it likes.
//!
//! For the one release in which nodes of the release before serve too, these tags carry its names, which are those of whole lists.
//! Nodes read them apart ([`CacheTag::formerly`]); shared caches cannot, and drop the older pages as well until then.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Utc};

use crate::db::CacheTag;

/// Days that a page is named by at most; one that covers more is named by its months.
const DAYS: usize = 7;
/// Months that a page is named by at most; where a list has so few posts, it has few pages.
const MONTHS: usize = 24;

/// Places that a change names at most; one of more posts, as an import, invalidates all pages of the list.
const PLACES: usize = 10;

/// A list of posts by their day of publication, newest first.
#[derive(Clone, Copy)]
pub enum List<'a> {
    Site,
    /// Of a person, by the key of the username.
    By(&'a str),
    /// Of a tag of the blog, by its slug.
    Topic(&'a str),
}

impl List<'_> {
    /// Which posts are in it.
    pub fn whole(self) -> CacheTag {
        let former = self.named(["posts", "by", "tag"], "");
        self.named(["list", "list-by", "list-tag"], "")
            .formerly(&former)
    }

    /// All of its pages but the first, for changes whose days would be too many to name.
    pub fn older(self) -> CacheTag {
        let former = self.named(["posts", "by", "tag"], "");
        self.named(["older", "older-by", "older-tag"], "")
            .formerly(&former)
    }

    /// What a page depends on that begins behind `newest`; `oldest` is the post behind its last one. None: the list ends here.
    pub fn between(self, newest: DateTime<Utc>, oldest: Option<DateTime<Utc>>) -> Vec<CacheTag> {
        let parts = oldest.and_then(|oldest| self.parts(newest, oldest));
        let mut tags = parts.unwrap_or_else(|| vec![self.whole()]);
        tags.push(self.older());
        tags
    }

    /// What changes when posts come to these places, or leave them.
    pub fn changed(self, at: &[DateTime<Utc>]) -> Vec<CacheTag> {
        let mut tags = vec![self.whole()];
        if at.len() > PLACES {
            tags.push(self.older());
        } else {
            tags.extend(at.iter().flat_map(|at| [self.on(*at), self.in_month(*at)]));
        }
        tags
    }

    fn parts(self, newest: DateTime<Utc>, oldest: DateTime<Utc>) -> Option<Vec<CacheTag>> {
        // A place in an address may be any time.
        let days = (newest - oldest).num_days().unsigned_abs();
        if days > (MONTHS as u64) * 31 {
            return None;
        }
        let days: Vec<DateTime<Utc>> = (0..=days)
            .filter_map(|days| oldest.checked_add_days(Days::new(days)))
            .chain([newest])
            .collect();
        let by_day: BTreeSet<CacheTag> = days.iter().map(|day| self.on(*day)).collect();
        if by_day.len() <= DAYS {
            return Some(by_day.into_iter().collect());
        }
        let by_month: BTreeSet<CacheTag> = days.iter().map(|day| self.in_month(*day)).collect();
        (by_month.len() <= MONTHS).then(|| by_month.into_iter().collect())
    }

    fn on(self, at: DateTime<Utc>) -> CacheTag {
        let day = at.format("%Y-%m-%d").to_string();
        self.named(["list-on", "list-by-on", "list-tag-on"], &day)
    }

    fn in_month(self, at: DateTime<Utc>) -> CacheTag {
        let month = format!("{}-{:02}", at.year(), at.month());
        self.named(["list-in", "list-by-in", "list-tag-in"], &month)
    }

    fn named(self, [site, by, topic]: [&'static str; 3], part: &str) -> CacheTag {
        let one = |kind, name: &str| match part {
            "" => CacheTag::new(kind, name),
            part => CacheTag::new(kind, format!("{part}-{name}").as_str()),
        };
        match self {
            List::Site if part.is_empty() => CacheTag::singleton(site),
            List::Site => CacheTag::new(site, part),
            List::By(key) => one(by, key),
            List::Topic(slug) => one(topic, slug),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn names(newest: &str, oldest: &str) -> Vec<String> {
        List::By("ann")
            .between(at(newest), Some(at(oldest)))
            .iter()
            .map(|tag| tag.as_str().to_owned())
            .collect()
    }

    #[test]
    fn a_page_is_named_by_the_time_that_it_covers() {
        assert_eq!(
            names("2026-03-01T00:00:01Z", "2026-02-27T23:59:59Z"),
            [
                "list-by-on-2026-02-27-ann",
                "list-by-on-2026-02-28-ann",
                "list-by-on-2026-03-01-ann",
                "older-by-ann"
            ]
        );
        assert_eq!(
            names("2026-03-01T00:00:00Z", "2026-01-31T23:00:00Z"),
            [
                "list-by-in-2026-01-ann",
                "list-by-in-2026-02-ann",
                "list-by-in-2026-03-ann",
                "older-by-ann"
            ]
        );
        // Too long to be named by its months.
        let whole = names("2026-03-01T00:00:00Z", "2019-01-31T23:00:00Z");
        assert_eq!(whole, ["list-by-ann", "older-by-ann"]);
    }

    /// Whatever a page covers, a post that comes into it has one of its tags.
    #[test]
    fn a_post_changes_the_page_that_it_comes_to() {
        let newest = at("2026-11-28T12:00:00Z");
        for hours in [0, 5, 23, 24, 25, 100, 168, 169, 700, 5_000, 17_000, 60_000] {
            let oldest = newest - chrono::TimeDelta::hours(hours);
            for list in [List::Site, List::By("ann"), List::Topic("bread")] {
                let page = list.between(newest, Some(oldest));
                for share in 0..=8 {
                    let post = oldest + (newest - oldest) / 8 * share;
                    let changed = list.changed(&[post]);
                    assert!(
                        changed.iter().any(|tag| page.contains(tag)),
                        "{hours} {share}"
                    );
                }
                let end = list.between(newest, None);
                let changed = list.changed(&[oldest]);
                assert!(changed.iter().any(|tag| end.contains(tag)));
                let many = list.changed(&[oldest; PLACES + 1]);
                assert!(many.iter().any(|tag| page.contains(tag)), "an import");
            }
        }
    }

    #[test]
    fn a_post_leaves_older_pages_alone() {
        let page = List::Site.between(at("2026-11-27T12:00:00Z"), Some(at("2026-11-25T00:00:00Z")));
        let changed = List::Site.changed(&[at("2026-11-28T12:00:00Z")]);
        assert!(!changed.iter().any(|tag| page.contains(tag)));
    }
}
