//! The page about what is missing: with the menu of the site, and with the newest posts as another way on.

use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::queries::{self, Offer, RelatedPost};
use crate::features::site;
use crate::state::PublicRequest;
use crate::web::Result;
use crate::web::error_page::{self, OfferedPost};
use crate::web::frame::Frame;
use crate::web::head::Head;

/// The answer as it is; but where it is that there is nothing, with a page that leads on. It costs a round trip more, and none
/// where another answer is given.
pub(super) async fn leading_on(
    ask: &PublicRequest,
    conn: &mut ReadConn,
    answer: Public,
) -> Result<Public> {
    if !answer.is_missing() {
        return Ok(answer);
    }
    let (site, offer) = queries::beside_missing(conn).await?;
    let origin = &ask.app().origin;
    let frame = site::public_frame(&site, origin, Head::default());
    let posts: Vec<OfferedPost> = offer
        .posts
        .iter()
        .map(|post| offered(post, &frame))
        .collect();
    let page = origin.share_missing(error_page::missing(&frame, &posts));
    let tags = shown::of_offer(Offer::Newest, &offer);
    Ok(answer.saying(page, tags.into_iter().chain([shown::site()])))
}

fn offered(related: &RelatedPost, frame: &Frame) -> OfferedPost {
    let post = &related.post;
    OfferedPost {
        path: post.path.clone(),
        name: post.name(&frame.site.time_zone).into_owned(),
        language: post.language.clone(),
        sample: post.sample(),
        by: related.by.clone(),
        published_at: post.published_at,
    }
}
