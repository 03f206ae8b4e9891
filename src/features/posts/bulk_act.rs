//! What can be done to many posts at once, and to which of them.

use uuid::Uuid;

use super::model::Status;
use super::queries::ChosenPost;
use crate::messages::{Message, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAct {
    Publish,
    Unpublish,
    Tag,
    Trash,
    Restore,
}

impl BulkAct {
    pub fn parse(word: &str) -> Option<BulkAct> {
        Some(match word {
            "publish" => BulkAct::Publish,
            "unpublish" => BulkAct::Unpublish,
            "tag" => BulkAct::Tag,
            "trash" => BulkAct::Trash,
            "restore" => BulkAct::Restore,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            BulkAct::Publish => "publish",
            BulkAct::Unpublish => "unpublish",
            BulkAct::Tag => "tag",
            BulkAct::Trash => "trash",
            BulkAct::Restore => "restore",
        }
    }

    /// Why it does nothing to a post as it stands.
    pub fn refusal(self, post: &ChosenPost) -> Option<Message> {
        if post.is_trashed != (self == BulkAct::Restore) {
            return Some(match self {
                BulkAct::Restore => text::posts_bulk_not_in_the_trash(),
                BulkAct::Trash => text::posts_bulk_in_the_trash_already(),
                _ => text::posts_in_the_trash(),
            });
        }
        match (self, post.status) {
            (BulkAct::Publish, Status::Published) if post.is_pending => {
                Some(text::posts_bulk_has_changes())
            }
            (BulkAct::Publish, Status::Published) => Some(text::posts_bulk_published_already()),
            (BulkAct::Publish, Status::Scheduled) => Some(text::posts_bulk_is_scheduled()),
            (BulkAct::Publish, Status::Draft) if post.is_template => {
                Some(text::posts_is_a_template())
            }
            (BulkAct::Unpublish, Status::Draft) => Some(text::posts_bulk_is_a_draft()),
            (BulkAct::Unpublish | BulkAct::Tag, Status::Scheduled) => {
                Some(text::posts_bulk_is_scheduled())
            }
            _ => None,
        }
    }
}

/// A post as it was chosen, in the version that the page showed.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    pub id: Uuid,
    pub version: i32,
}

impl Chosen {
    /// `<id>.<version>`
    pub fn parse(text: &str) -> Option<Chosen> {
        let (id, version) = text.split_once('.')?;
        Some(Chosen {
            id: id.parse().ok()?,
            version: version.parse().ok()?,
        })
    }
}
