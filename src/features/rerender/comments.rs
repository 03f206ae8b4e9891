//! A batch of comments.

use std::collections::HashMap;

use super::attempts::{self, Kind, Next};
use super::batch::{Batch, Place, shortened};
use super::queries::{self, LockedComment, OlderComment, RenewedComment};
use crate::db::{Db, Result, Tx};
use crate::features::comments::cache_tags;
use crate::jobs::Lease;
use crate::web::rendering::{self, Again};

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
    let last = older.last().map_or(place, |comment| Place {
        renderer_version: comment.renderer_version,
        id: comment.id,
    });
    let sources = older
        .iter_mut()
        .map(|comment| std::mem::take(&mut comment.markdown))
        .collect();
    let rendered = match next {
        Next::Render(count) => {
            let rendered = lease.hold(rendering::comments_again(sources)).await;
            let ended = attempts::end(db, Kind::Comment, &ids[..count]).await;
            let rendered = rendered??;
            ended?;
            rendered
        }
        Next::GiveUp => attempts::given_up(),
    };
    let renewed = older
        .into_iter()
        .zip(rendered)
        .map(|(comment, rendered)| renew(comment, rendered))
        .collect();
    let mut tx = db.begin().await?;
    let batch = write(&mut tx, last, renewed).await?;
    tx.commit().await?;
    Ok(Some(batch))
}

fn renew(comment: OlderComment, rendered: Again) -> RenewedComment {
    let OlderComment {
        id,
        version,
        renderer_version,
        ..
    } = comment;
    let (html, refusal) = match rendered {
        Err(reason) => (None, Some(shortened(&reason))),
        Ok(rendered) => (
            Some(rendered.html).filter(|html| *html != comment.html),
            None,
        ),
    };
    RenewedComment {
        id,
        version,
        renderer_version,
        html,
        refusal,
    }
}

/// What is being changed or decided about at this moment is left for the next run.
async fn write(tx: &mut Tx, last: Place, mut renewed: Vec<RenewedComment>) -> Result<Batch> {
    let read = renewed.len();
    let ids: Vec<i64> = renewed.iter().map(|comment| comment.id).collect();
    let locked = queries::lock_comments(tx, &ids).await?;
    let locked: HashMap<i64, LockedComment> = locked
        .into_iter()
        .map(|comment| (comment.id, comment))
        .collect();
    renewed.retain(|comment| locked.contains_key(&comment.id));
    let written = queries::write_comments(tx, &renewed).await?;
    renewed.retain(|comment| written.contains(&comment.id));
    let changed: Vec<&LockedComment> = renewed
        .iter()
        .filter(|comment| comment.html.is_some())
        .filter_map(|comment| locked.get(&comment.id))
        .collect();
    tx.invalidate(
        changed
            .iter()
            .filter(|comment| comment.is_visible)
            .map(|comment| cache_tags::thread(comment.post_public_id)),
    );
    let refused = renewed
        .iter()
        .filter(|comment| comment.refusal.is_some())
        .count();
    Ok(Batch {
        last,
        read,
        rendered: renewed.len() - refused,
        changed: changed.len(),
        refused,
    })
}
