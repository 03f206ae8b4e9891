//! A batch of comments.

use std::collections::HashMap;

use super::attempts::{self, Kind};
use super::batch::{Batch, Place, shortened};
use super::queries::{self, LockedComment, OlderComment, RenewedComment};
use crate::db::{Db, Result, Tx};
use crate::features::comments::cache_tags;
use crate::jobs::Lease;
use crate::markdown::Typography;
use crate::web::rendering::{self, Again, Source};

pub(super) async fn batch(
    db: &Db,
    lease: &mut Lease,
    place: Place,
) -> anyhow::Result<Option<Batch>> {
    let mut older = queries::older_comments(&mut *db.fresh().await?, place).await?;
    let ids: Vec<i64> = older.iter().map(|comment| comment.id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let next = attempts::begin(db, Kind::Comment, &ids).await?;
    older.truncate(next.count());
    let last = older.last().map_or(place, OlderComment::place);
    let work = rendering::comments_again(sources(&mut older));
    let rendered = attempts::render(db, lease, (Kind::Comment, next, &ids), work).await?;
    let renewed = older.into_iter().zip(rendered).map(renew).collect();
    Ok(Some(store(db, last, renewed).await?))
}

fn sources(older: &mut [OlderComment]) -> Vec<Source> {
    let sources = older.iter_mut().map(|comment| {
        let typography = Typography::of(&comment.typography);
        (std::mem::take(&mut comment.markdown), typography)
    });
    sources.collect()
}

impl OlderComment {
    fn place(&self) -> Place {
        Place {
            renderer_version: self.renderer_version,
            id: self.id,
        }
    }
}

fn renew((comment, rendered): (OlderComment, Again)) -> RenewedComment {
    let (html, refusal) = match rendered {
        Err(reason) => (None, Some(shortened(&reason))),
        Ok(rendered) => (
            Some(rendered.html).filter(|html| *html != comment.html),
            None,
        ),
    };
    RenewedComment {
        id: comment.id,
        version: comment.version,
        renderer_version: comment.renderer_version,
        typography: comment.typography,
        html,
        refusal,
    }
}

async fn store(db: &Db, last: Place, renewed: Vec<RenewedComment>) -> Result<Batch> {
    let mut tx = db.begin().await?;
    let batch = write(&mut tx, last, renewed).await?;
    tx.commit().await?;
    Ok(batch)
}

/// What is being changed or decided about at this moment is left for the next run.
async fn write(tx: &mut Tx, last: Place, mut renewed: Vec<RenewedComment>) -> Result<Batch> {
    let read = renewed.len();
    let ids: Vec<i64> = renewed.iter().map(|comment| comment.id).collect();
    let locked = by_id(queries::lock_comments(tx, &ids).await?);
    renewed.retain(|comment| locked.contains_key(&comment.id));
    let written = queries::write_comments(tx, &renewed).await?;
    renewed.retain(|comment| written.contains(&comment.id));
    let changed = changed(&renewed, &locked);
    let visible = changed.iter().filter(|comment| comment.is_visible);
    tx.invalidate(visible.map(|comment| cache_tags::thread(comment.post_public_id)));
    let refused = renewed.iter().filter(|comment| comment.refusal.is_some());
    let refused = refused.count();
    Ok(Batch {
        last,
        read,
        rendered: renewed.len() - refused,
        changed: changed.len(),
        refused,
    })
}

fn by_id(locked: Vec<LockedComment>) -> HashMap<i64, LockedComment> {
    let by_id = locked.into_iter().map(|comment| (comment.id, comment));
    by_id.collect()
}

/// Those of which readers see something else now.
fn changed<'a>(
    renewed: &[RenewedComment],
    locked: &'a HashMap<i64, LockedComment>,
) -> Vec<&'a LockedComment> {
    renewed
        .iter()
        .filter(|comment| comment.html.is_some())
        .filter_map(|comment| locked.get(&comment.id))
        .collect()
}
