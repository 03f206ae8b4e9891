//! What pages show, as the tags by which they are invalidated. The other half is in the verbs that write: whatever
//! stands here is touched there.

use crate::db::CacheTag;
use crate::features::accounts::key_of;
use crate::features::posts::{Byline, Card};

/// Everything that a list shows: what a feed does, and how many comments each post has.
pub fn of_list<'a>(
    cards: impl IntoIterator<Item = &'a Card> + Clone,
    of: impl IntoIterator<Item = CacheTag>,
) -> Vec<CacheTag> {
    let counts: Vec<CacheTag> = cards
        .clone()
        .into_iter()
        .map(|card| CacheTag::count(card.public_id))
        .collect();
    counts.into_iter().chain(of_feed(cards, of)).collect()
}

/// Everything that a feed shows: itself (`of`), the site around it, each post in it and everybody named.
pub fn of_feed<'a>(
    cards: impl IntoIterator<Item = &'a Card>,
    of: impl IntoIterator<Item = CacheTag>,
) -> Vec<CacheTag> {
    let mut tags: Vec<CacheTag> = of.into_iter().collect();
    tags.push(CacheTag::site());
    for card in cards {
        tags.push(CacheTag::post(card.public_id));
        tags.extend(people(card));
    }
    tags
}

/// Everything that the page of a post or page shows, but its comments.
pub fn of_article(card: &Card) -> Vec<CacheTag> {
    let mut tags = vec![CacheTag::site(), CacheTag::post(card.public_id)];
    tags.extend(people(card));
    tags
}

fn people(card: &Card) -> impl Iterator<Item = CacheTag> {
    // The owner stands in the address, also where the bylines name somebody else.
    let owner = std::iter::once(card.owner.as_str());
    owner
        .chain(
            card.authors
                .iter()
                .map(|author: &Byline| author.username.as_str()),
        )
        .map(|name| CacheTag::author(&key_of(name)))
}
