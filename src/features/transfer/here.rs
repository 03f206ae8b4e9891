//! The post that a former import made of a document, as it stands here: what was changed since then, and how public it is.

use super::done::ImportError;
use super::queries::{self, ImportedDocument};
use crate::db::Tx;
use crate::features::posts::Status;
use crate::features::posts::queries::PostRow;
use crate::import::{Document, Visibility};

/// The post as it stands here, against what the last import left.
pub struct Here {
    pub(super) exists: bool,
    /// As readers see it.
    pub(super) visibility: Visibility,
    changed: Option<&'static str>,
    is_in_trash: bool,
    is_planned: bool,
    /// It was public, and its author made it a draft.
    pub(super) is_taken_back: bool,
    /// It was in the lists, and its author took it out of them.
    pub(super) is_unlisted_here: bool,
}

pub fn shown(is_published: bool, is_unlisted: bool) -> Visibility {
    match (is_published, is_unlisted) {
        (false, _) => Visibility::Draft,
        (true, true) => Visibility::Unlisted,
        (true, false) => Visibility::Public,
    }
}

/// That an import does not take down what is public here, where the folder would.
pub fn stays_visible(document: &Document, before: Option<Visibility>) -> Option<String> {
    let before = before.filter(|before| *before < document.visibility)?;
    Some(match before {
        Visibility::Public if document.visibility == Visibility::Unlisted => {
            "it is in the lists here already, and stays".to_owned()
        }
        Visibility::Public | Visibility::Unlisted => {
            "it is public here already, and stays; what is new in its text waits to be published"
                .to_owned()
        }
        Visibility::Draft => return None,
    })
}

impl Here {
    pub async fn of(
        tx: &mut Tx,
        post: Option<&PostRow>,
        known: Option<&ImportedDocument>,
    ) -> Result<Self, ImportError> {
        let Some(post) = post else {
            return Ok(Here::absent(known));
        };
        let is_published = post.status == Status::Published;
        let visibility = shown(is_published, queries::is_unlisted(tx, post.id).await?);
        let known = known.filter(|known| known.is_current);
        let is_edited = is_edited(tx, post, known).await?;
        Ok(Here {
            exists: true,
            visibility,
            changed: change(post, known, is_edited),
            is_in_trash: post.deleted_at.is_some(),
            is_planned: post.status == Status::Scheduled,
            is_taken_back: is_taken_back(post),
            is_unlisted_here: visibility == Visibility::Unlisted
                && known.is_none_or(|known| known.visibility == "public"),
        })
    }

    fn absent(known: Option<&ImportedDocument>) -> Here {
        let changed = known.map(|_| "deleted here");
        Here {
            exists: false,
            visibility: Visibility::Draft,
            changed,
            is_in_trash: changed.is_some(),
            is_planned: false,
            is_taken_back: false,
            is_unlisted_here: false,
        }
    }

    /// Why the import leaves it alone. What is in the trash stays there as it is, and what is planned comes out at its time.
    pub fn kept(&self, overwrite: bool) -> Option<&'static str> {
        self.changed
            .filter(|_| !overwrite || self.is_in_trash || self.is_planned)
    }

    pub fn shown(&self) -> Option<Visibility> {
        Some(self.visibility).filter(|visibility| self.exists && *visibility != Visibility::Draft)
    }
}

async fn is_edited(
    tx: &mut Tx,
    post: &PostRow,
    known: Option<&ImportedDocument>,
) -> Result<bool, ImportError> {
    match known {
        Some(known) => Ok(known.version != post.version),
        None => Ok(queries::changed_by_an_account(tx, post.public_id, post.version).await?),
    }
}

/// What was done to it here.
fn change(
    post: &PostRow,
    known: Option<&ImportedDocument>,
    is_edited: bool,
) -> Option<&'static str> {
    if post.deleted_at.is_some() {
        Some("moved to the trash")
    } else if post.status == Status::Scheduled {
        Some("scheduled")
    } else if is_taken_back(post) {
        Some("unpublished")
    } else if is_edited {
        Some("edited")
    } else {
        let is_published = post.status == Status::Published;
        known
            .filter(|known| is_published && known.visibility == "draft")
            .map(|_| "published")
    }
}

fn is_taken_back(post: &PostRow) -> bool {
    post.status != Status::Published && post.published_at.is_some()
}
