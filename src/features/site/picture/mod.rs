//! Logo, icon and social image of the site: what an upload becomes, and changing them. Their files are kept beside the embedded ones
//! ([`assets`]), so that nodes of every version serve them, by names that hold the hash of their content.

mod make;

use serde_json::json;

use super::model::PictureKind;
use super::{cache_tags, queries};
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, Tx};
use crate::web::frame::{PictureFile, SitePictures};
use crate::web::{Result, assets};

pub use make::make;

/// A file that is made of an upload.
pub struct MadeFile {
    /// Its name, kind and size.
    pub file: PictureFile,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Shows this picture from now on; of no files, none. True where it takes the place of another, which is taken down.
///
/// # Errors
///
/// Where the actor may not manage the site.
pub async fn change_picture(
    db: &Db,
    actor: &Actor,
    kind: PictureKind,
    made: &[MadeFile],
) -> Result<bool> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    let mut pictures = queries::lock_pictures(&mut tx).await?;
    let new: Vec<PictureFile> = made.iter().map(|made| made.file.clone()).collect();
    let old = std::mem::replace(files_mut(&mut pictures, kind), new.clone());
    if old == new {
        return Ok(false);
    }
    let took_down = replace_files(&mut tx, &old, made).await?;
    queries::update_pictures(&mut tx, &pictures).await?;
    cache_tags::invalidate(&mut tx);
    tx.belongs_to(actor);
    let entry = Entry {
        act: "site.change_picture",
        object_kind: "site",
        object: kind.as_str(),
        before: Some(json!(old)),
        after: Some(json!(new)),
        ..Entry::default()
    };
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(took_down)
}

/// Keeps the new files and takes down those that are not among them. True where there were any.
async fn replace_files(tx: &mut Tx, old: &[PictureFile], made: &[MadeFile]) -> Result<bool> {
    for made in made {
        let name = &made.file.name;
        assets::keep(tx, name, made.content_type, &made.bytes).await?;
    }
    let is_gone = |old: &&PictureFile| !made.iter().any(|made| made.file.name == old.name);
    let mut took_down = false;
    for file in old.iter().filter(is_gone) {
        cache_tags::purge_file(tx, &file.name);
        assets::take_down(tx, &file.name).await?;
        took_down = true;
    }
    Ok(took_down)
}

fn files_mut(pictures: &mut SitePictures, kind: PictureKind) -> &mut Vec<PictureFile> {
    match kind {
        PictureKind::Logo => &mut pictures.logo,
        PictureKind::Icon => &mut pictures.icon,
        PictureKind::Social => &mut pictures.social,
    }
}
