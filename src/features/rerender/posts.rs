//! A batch of posts and pages.

use std::collections::HashMap;

use super::attempts::{self, Kind};
use super::batch::{Batch, Place, shortened};
use super::queries::{self, LockedPost, OlderPost, RenewedPost};
use crate::db::{Db, Result, Tx};
use crate::features::posts::{cache_tags, description, naming};
use crate::jobs::Lease;
use crate::markdown::Typography;
use crate::web::rendering::{self, Again, Source};

pub(super) async fn batch(
    db: &Db,
    lease: &mut Lease,
    place: Place,
) -> anyhow::Result<Option<Batch>> {
    let mut older = queries::older_posts(&mut *db.fresh().await?, place).await?;
    let ids: Vec<i64> = older.iter().map(|post| post.id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let next = attempts::begin(db, Kind::Post, &ids).await?;
    older.truncate(next.count());
    let last = older.last().map_or(place, OlderPost::place);
    let work = rendering::posts_again(sources(&mut older));
    let rendered = attempts::render(db, lease, (Kind::Post, next, &ids), work).await?;
    let renewed = older.into_iter().zip(rendered).map(renew).collect();
    Ok(Some(store(db, last, renewed).await?))
}

fn sources(older: &mut [OlderPost]) -> Vec<Source> {
    let sources = older.iter_mut().map(|post| {
        let typography = Typography::of(&post.typography);
        (std::mem::take(&mut post.markdown), typography)
    });
    sources.collect()
}

impl OlderPost {
    fn place(&self) -> Place {
        Place {
            renderer_version: self.renderer_version,
            id: self.id,
        }
    }
}

/// What is another than before; nothing of it for a text that is refused.
fn renew((post, rendered): (OlderPost, Again)) -> RenewedPost {
    let mut renewed = RenewedPost::unchanged(&post);
    match rendered {
        Err(reason) => renewed.refusal = Some(shortened(&reason)),
        Ok(rendered) => {
            let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
            let description = description(&post.excerpt, &rendered);
            renewed.typeset_title = rendered.typography.changed(&post.title);
            renewed.typeset_excerpt = rendered.typography.changed(&post.excerpt);
            let title_differs = renewed.typeset_title != post.typeset_title;
            renewed.typesetting_differs =
                title_differs || renewed.typeset_excerpt != post.typeset_excerpt;
            renewed.minutes =
                Some(number(rendered.minutes)).filter(|minutes| *minutes != post.minutes);
            renewed.words = Some(number(rendered.words)).filter(|words| *words != post.words);
            renewed.description =
                Some(description).filter(|description| *description != post.description);
            renewed.heading =
                Some(naming::heading(&rendered)).filter(|heading| *heading != post.heading);
            // Without a title a page is named by these, in menus and above and under other pages.
            let is_renamed = post.title.is_empty()
                && (renewed.heading.is_some() || renewed.description.is_some());
            renewed.name_differs = title_differs || is_renamed;
            renewed.html = Some(rendered.html).filter(|html| *html != post.html);
            renewed.text = Some(rendered.text).filter(|text| *text != post.text);
        }
    }
    renewed
}

async fn store(db: &Db, last: Place, renewed: Vec<RenewedPost>) -> Result<Batch> {
    let mut tx = db.begin().await?;
    let batch = write(&mut tx, last, renewed).await?;
    tx.commit().await?;
    Ok(batch)
}

/// What is being saved at this moment is left out: its save renders it.
async fn write(tx: &mut Tx, last: Place, mut renewed: Vec<RenewedPost>) -> Result<Batch> {
    let read = renewed.len();
    let ids: Vec<i64> = renewed.iter().map(|post| post.id).collect();
    let locked = queries::lock_posts(tx, &ids).await?;
    let locked: HashMap<i64, LockedPost> = locked.into_iter().map(|post| (post.id, post)).collect();
    renewed.retain(|post| locked.contains_key(&post.id));
    let written = queries::write_posts(tx, &renewed).await?;
    renewed.retain(|post| written.contains(&post.id));
    let changed = changed(&renewed, &locked);
    // On its page, in lists and in feeds.
    let public = changed.iter().filter(|post| post.is_public);
    tx.invalidate(public.map(|post| cache_tags::post(post.public_id)));
    if moves_names(&renewed, &locked) {
        cache_tags::invalidate_pages(tx);
    }
    let refused = renewed.iter().filter(|post| post.refusal.is_some()).count();
    Ok(Batch {
        last,
        read,
        rendered: renewed.len() - refused,
        changed: changed.len(),
        refused,
    })
}

/// Whether a page has another name, which stands in menus and above and under other pages.
fn moves_names(renewed: &[RenewedPost], locked: &HashMap<i64, LockedPost>) -> bool {
    let mut renamed = renewed.iter().filter(|post| post.name_differs);
    renamed.any(|post| {
        let locked = locked.get(&post.id);
        locked.is_some_and(|post| post.is_page && post.is_public)
    })
}

/// Those of which readers see something else now.
fn changed<'a>(
    renewed: &[RenewedPost],
    locked: &'a HashMap<i64, LockedPost>,
) -> Vec<&'a LockedPost> {
    renewed
        .iter()
        .filter(|post| post.shows())
        .filter_map(|post| locked.get(&post.id))
        .collect()
}
