//! What is done for readers outside requests: the lists of related posts, and of those that pages offer.

use serde::{Deserialize, Serialize};

use super::cache_tags::{offered, related};
use super::queries::{self, Offer};
use crate::access::Actor;
use crate::db::{Db, Priority, Result, Tx, with_priority};
use crate::features::posts::PostId;
use crate::jobs::{Ids, Job, JobSpec, enqueue_once};

/// Posts whose lists are renewed in one transaction: it holds their rows, and saves wait for it.
const BATCH: usize = 50;

/// Asks for both with the transaction that adds many posts at once, for which the next round would be far off.
pub async fn ask_for_lists(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let ids = || Ids {
        correlation_id: Some(actor.correlation_id),
        transaction_id: Some(actor.transaction_id()),
    };
    enqueue_once(tx, &RelatePosts {}, ids()).await?;
    enqueue_once(tx, &OfferPosts {}, ids()).await
}

/// Renews the lists of the newest posts, and of the next ones on a walk over all that begins again at its end. A small site is
/// walked over in one round, and a round costs the same on every site.
#[derive(Debug, Serialize, Deserialize)]
pub struct RelatePosts {}

impl Job for RelatePosts {
    const SPEC: JobSpec = JobSpec::named("posts.relate");
}

/// One round.
pub async fn relate_posts(db: &Db) -> Result<()> {
    with_priority(Priority::Bot, Box::pin(round(db))).await
}

async fn round(db: &Db) -> Result<()> {
    let round = queries::round(&mut *db.fresh().await?).await?;
    let is_over = round.walked.len() < queries::WALKED;
    let last = round.walked.last().copied().filter(|_| !is_over);
    let mut posts: Vec<PostId> = round.newest;
    posts.extend(round.walked);
    posts.sort_unstable();
    posts.dedup();
    for batch in posts.chunks(BATCH) {
        relate(db, batch).await?;
    }
    let mut tx = db.begin().await?;
    queries::walk_on(&mut tx, last.unwrap_or(0)).await?;
    tx.commit().await
}

/// A list that became another one is seen at once, as whatever its author does is.
async fn relate(db: &Db, posts: &[PostId]) -> Result<()> {
    let mut tx = db.begin().await?;
    let changed = queries::relate(&mut tx, posts).await?;
    tx.invalidate(changed.into_iter().map(related));
    tx.commit().await
}

/// Renews which posts are the most discussed and the newest, for pages that lead to some.
#[derive(Debug, Serialize, Deserialize)]
pub struct OfferPosts {}

impl Job for OfferPosts {
    const SPEC: JobSpec = JobSpec::named("posts.offer");
}

/// Both lists. As with related posts, one that became another is seen at once.
pub async fn offer_posts(db: &Db) -> Result<()> {
    with_priority(Priority::Bot, Box::pin(offer(db))).await
}

async fn offer(db: &Db) -> Result<()> {
    let mut conn = db.fresh().await?;
    let discussed = queries::discussed(&mut conn).await?;
    let newest = queries::newest(&mut conn).await?;
    drop(conn);
    let mut tx = db.begin().await?;
    for (list, posts) in [(Offer::Discussed, discussed), (Offer::Newest, newest)] {
        if queries::offer(&mut tx, list, &posts).await? {
            tx.invalidate([offered(list)]);
        }
    }
    tx.commit().await
}
