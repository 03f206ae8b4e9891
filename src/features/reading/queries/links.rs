//! Other posts that the page of a post leads to. Their rows come along with it, in the same round trip.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::features::posts::naming;

/// `row(n.public_id, n.owner, n.path, …, n.description, n.language, n.published_at)` of a public post `n`, with the title that is
/// shown, or an empty one.
pub type LinkRow = (Uuid, String, String, String, String, String, DateTime<Utc>);

/// Whether it is the newer one, and the post.
pub type NeighbourRow = (bool, LinkRow);

/// The post, and the display name of its owner.
pub type RelatedRow = (LinkRow, String);

/// A public post, as the page of another leads to it.
#[derive(Debug)]
pub struct PostLink {
    pub public_id: Uuid,
    pub owner: String,
    pub path: String,
    pub title: String,
    pub description: String,
    pub language: String,
    pub published_at: DateTime<Utc>,
}

impl PostLink {
    fn of(row: LinkRow) -> PostLink {
        let (public_id, owner, path, title, description, language, published_at) = row;
        PostLink {
            public_id,
            owner,
            path,
            title,
            description,
            language,
            published_at,
        }
    }

    /// Enough of it to see which way it runs.
    pub fn sample(&self) -> String {
        format!("{} {}", self.title, self.description)
    }

    pub fn name(&self, zone: &Tz) -> Cow<'_, str> {
        naming::name(&self.title, &self.description, (&self.published_at, zone))
    }
}

/// The listed posts before and after a post, in the order of its owner's list.
#[derive(Debug, Default)]
pub struct Neighbours {
    pub older: Option<PostLink>,
    pub newer: Option<PostLink>,
}

impl Neighbours {
    pub(super) fn of(rows: Vec<NeighbourRow>) -> Neighbours {
        let mut found = Neighbours::default();
        for (is_newer, row) in rows {
            let place = if is_newer {
                &mut found.newer
            } else {
                &mut found.older
            };
            *place = Some(PostLink::of(row));
        }
        found
    }

    pub fn iter(&self) -> impl Iterator<Item = &PostLink> {
        self.older.iter().chain(&self.newer)
    }
}

/// A listed post about the same.
#[derive(Debug)]
pub struct RelatedPost {
    pub post: PostLink,
    pub by: String,
}

/// What is stored of the posts related to one.
#[derive(Debug, Default)]
pub struct Related {
    /// Those that readers may get, the nearest first.
    pub posts: Vec<RelatedPost>,
    /// All, also those that are to be shown again once they are public again.
    pub stored: Vec<Uuid>,
}

/// More than a page shows are stored: some may be gone since, others stand there as neighbours.
const MOST_RELATED: usize = 3;

impl Related {
    pub(super) fn of(rows: Vec<RelatedRow>, stored: Vec<Uuid>) -> Related {
        let posts = rows.into_iter().map(|(row, by)| RelatedPost {
            post: PostLink::of(row),
            by,
        });
        Related {
            posts: posts.collect(),
            stored,
        }
    }

    /// Leaves those that a page shows beside these neighbours.
    pub fn beside(&mut self, neighbours: &Neighbours) {
        self.posts.retain(|related| {
            neighbours
                .iter()
                .all(|post| post.public_id != related.post.public_id)
        });
        self.posts.truncate(MOST_RELATED);
    }
}
