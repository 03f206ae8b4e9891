//! What pages for readers show, as the tags by which they are invalidated. What stands here is invalidated by the verbs that
//! write, through the `cache_tags` of their features.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::CacheTag;
use crate::db::cursor::Cursor;
pub use crate::features::accounts::cache_tags::{author, people};
use crate::features::accounts::key_of;
pub use crate::features::comments::cache_tags::count;
pub use crate::features::posts::cache_tags::{
    List, address, authors_between, authors_in, by, neighbours, newest_of, pages, pins, post,
    posts, posts_in, topic, topics,
};
use crate::features::posts::{Byline, Card};
use crate::features::reading::queries::{Article, Offer, PostLink, Related};
pub use crate::features::site::cache_tags::site;

/// The page or redirect at an address that became a list's, and whether there is one.
pub fn at(path: &str) -> [CacheTag; 2] {
    [pages(), address(&path.to_lowercase())]
}

/// A page of a list that begins at `from`, with the place of the post behind its last one.
pub fn part(list: List<'_>, from: Cursor, behind: Option<DateTime<Utc>>) -> Vec<CacheTag> {
    if from == Cursor::START {
        return vec![list.whole()];
    }
    list.between(from.bound(), behind)
}

/// Everything that a list shows: what a feed does, and how many comments each post has.
pub fn of_list<'a>(
    cards: impl IntoIterator<Item = &'a Card> + Clone,
    of: impl IntoIterator<Item = CacheTag>,
) -> Vec<CacheTag> {
    let counts: Vec<CacheTag> = cards
        .clone()
        .into_iter()
        .map(|card| count(card.public_id))
        .collect();
    counts.into_iter().chain(of_feed(cards, of)).collect()
}

/// Everything that a feed shows: itself (`of`), the site around it, each post in it and every author named.
pub fn of_feed<'a>(
    cards: impl IntoIterator<Item = &'a Card>,
    of: impl IntoIterator<Item = CacheTag>,
) -> Vec<CacheTag> {
    let mut tags: Vec<CacheTag> = of.into_iter().collect();
    tags.push(site());
    for card in cards {
        tags.push(post(card.public_id));
        tags.extend(named_in(card));
    }
    tags
}

/// Everything that the page of a post or page shows, but its comments.
pub fn of_article(card: &Card) -> Vec<CacheTag> {
    let mut tags = vec![site(), post(card.public_id)];
    tags.extend(named_in(card));
    tags
}

/// What its page shows of other posts, besides.
pub fn of_links(article: &Article) -> Vec<CacheTag> {
    let id = article.card.public_id;
    let mut tags = vec![neighbours(id), related(id)];
    if article.neighbours.newer.is_none() {
        tags.push(newest_of(&key_of(&article.card.owner)));
    }
    tags.extend(article.neighbours.iter().flat_map(of_link));
    tags.extend(of_stored(&article.related));
    tags
}

/// What a page shows that offers posts of a list.
pub fn of_offer(list: Offer, offer: &Related) -> Vec<CacheTag> {
    std::iter::once(offered(list))
        .chain(of_stored(offer))
        .collect()
}

/// What is not shown now may be public again.
fn of_stored(list: &Related) -> impl Iterator<Item = CacheTag> {
    let stored = list.stored.iter().map(|id| post(*id));
    stored.chain(list.posts.iter().flat_map(|related| of_link(&related.post)))
}

fn of_link(link: &PostLink) -> [CacheTag; 2] {
    [post(link.public_id), author(&key_of(&link.owner))]
}

/// Which posts a list offers. Renewed apart from what authors do.
pub fn offered(list: Offer) -> CacheTag {
    CacheTag::new("offered", list.as_str())
}

/// Which posts are stored as related to a post. Renewed apart from what authors do.
pub fn related(id: Uuid) -> CacheTag {
    CacheTag::new("related", id)
}

fn named_in(card: &Card) -> impl Iterator<Item = CacheTag> {
    // The owner stands in the address, also where the bylines name others.
    let owner = std::iter::once(card.owner.as_str());
    owner
        .chain(
            card.authors
                .iter()
                .map(|author: &Byline| author.username.as_str()),
        )
        .map(|name| author(&key_of(name)))
}
