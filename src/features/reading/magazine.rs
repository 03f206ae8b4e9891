//! How the front page lays out the newest posts: a lead, a tier of others with their first lines, and the rest as a dense
//! list by month; beside them the authors of these posts. It is all made of the cards that a list has anyway, so the
//! page costs no query more than `/newest` does.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::features::posts::{Byline, Card};
use crate::features::reading::queries::Listed;
use crate::web::time;

/// Posts below the lead that show their first lines. They stand in pairs.
const TIER: usize = 4;
/// Faces beside the posts.
const AUTHORS: usize = 8;

pub struct Magazine {
    pub lead: Card,
    /// How many are pinned: the lead, and the first of the tier.
    pub pinned: usize,
    pub tier: Vec<Card>,
    pub months: Vec<Month>,
    /// Each author once, the one of the newest post first.
    pub authors: Vec<Byline>,
}

/// Posts of one month, newest first.
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
    pub cards: Vec<Card>,
}

impl Magazine {
    /// None where there are no posts. What is pinned stands at the top, in its order.
    pub fn of(posts: Listed, zone: &Tz) -> Option<Magazine> {
        let Listed {
            mut pinned,
            mut cards,
        } = posts;
        if cards.is_empty() {
            return None;
        }
        let authors = authors(&cards);
        cards.retain(|card| pinned.iter().all(|pinned| pinned.id != card.id));
        let count = pinned.len();
        let lead = if pinned.is_empty() {
            cards.remove(lead(&cards))
        } else {
            pinned.remove(0)
        };
        let mut cards: Vec<Card> = pinned.into_iter().chain(cards).collect();
        let listed = cards.split_off(tier(cards.len()));
        Some(Magazine {
            lead,
            pinned: count,
            tier: cards,
            months: by_month(listed, zone),
            authors,
        })
    }
}

/// In the order of their newest posts; no face stands there twice.
fn authors(cards: &[Card]) -> Vec<Byline> {
    let mut authors: Vec<Byline> = Vec::new();
    for author in cards.iter().flat_map(|card| &card.authors) {
        if authors.len() == AUTHORS {
            break;
        }
        if !authors.iter().any(|one| one.username == author.username) {
            authors.push(author.clone());
        }
    }
    authors
}

/// The newest post, unless it has no title, or nothing to show below it, and one of the next few has.
fn lead(cards: &[Card]) -> usize {
    let shows = |card: &Card| {
        let has_more = !card.cover_url.is_empty() || !card.description.is_empty();
        !card.title.is_empty() && has_more
    };
    cards.iter().take(TIER).position(shows).unwrap_or(0)
}

/// An odd one out would leave a hole in a tier of pairs: it goes into the list, unless it is the only one.
fn tier(left: usize) -> usize {
    match left {
        0 | 1 => left,
        _ => TIER.min(left - left % 2),
    }
}

fn by_month(cards: Vec<Card>, zone: &Tz) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for card in cards {
        let first = time::first_of_month(&card.published_at, zone);
        match months.last_mut().filter(|last| last.first == first) {
            Some(last) => last.cards.push(card),
            None => months.push(Month {
                first,
                cards: vec![card],
            }),
        }
    }
    months
}
