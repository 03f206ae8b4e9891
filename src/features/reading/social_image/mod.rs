//! The picture that a link to a post shows where the post has no cover (`og:image`): its title, its authors and the name of the site.
//! It is drawn when it is asked for, on a thread of its own, and kept like a page. Its address is made of the post's id and a hash of
//! what it shows, so that those who keep pictures by their address ask again after a change; no text of a visitor is in it.
//! What the font has no letters for is a plain picture in the site's colour.

mod canvas;
mod drawing;
mod lettering;
mod lines;
mod subject;

use std::sync::LazyLock;
use std::time::Duration;

use crate::web::cpu_pool::CpuPool;
use crate::web::{Error, Result};

pub use drawing::SIZE;
pub use subject::SocialImage;

/// What waits for the thread. A picture takes tens of milliseconds.
const WAITING: usize = 32;
const TIMEOUT: Duration = Duration::from_secs(5);

/// The thread begins with the first picture: by then the system may give no more.
static POOL: LazyLock<std::io::Result<CpuPool>> =
    LazyLock::new(|| Ok(CpuPool::new("social-image", 1)?.with_queue(WAITING, TIMEOUT)));

/// The file of a picture. Takes tens of milliseconds of one core.
///
/// # Errors
///
/// [`Error::Overloaded`] when too many wait already; an internal one when the system gave no thread.
pub async fn png(image: SocialImage) -> Result<Vec<u8>> {
    let pool = POOL
        .as_ref()
        .map_err(|error| Error::internal(anyhow::anyhow!("no thread draws pictures: {error}")))?;
    let drawn = pool.run(move || drawing::draw(&image).png()).await?;
    drawn.map_err(Error::internal)
}
