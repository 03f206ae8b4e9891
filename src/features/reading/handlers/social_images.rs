//! The drawn picture of a post or page, which links to it show.

use crate::cache::Public;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::handlers::article::one_form;
use crate::features::reading::queries;
use crate::features::reading::social_image::{self, SocialImage};
use crate::state::PublicRequest;
use crate::web::Result;

/// `GET /p/{id}/social-{version}.png`
///
/// An address of a former version leads to the present one. There is no end of such addresses, so memory keeps none of them.
pub async fn show(ask: PublicRequest) -> Result<Public> {
    let id = one_form(ask.part("id"))?;
    let mut conn = ask.read().await?;
    let Some(linked) = queries::linked_post(&mut conn, id).await? else {
        return Ok(Public::missing([shown::post(id)]).not_kept());
    };
    conn.release();
    let image = SocialImage::of(&linked.card, &linked.site);
    let tags = shown::of_article(&linked.card);
    if ask.part("version") != image.version() {
        return Ok(Public::moved(image.path(id), tags).not_kept());
    }
    let document = Public::document(social_image::png(image).await?, "image/png", tags);
    Ok(if linked.is_unlisted {
        document.unlisted()
    } else {
        document
    })
}
