//! Why an upload cannot be used, in the words of the field beside which it is shown.

use crate::messages::{Message, text};

/// Why an upload cannot be used.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum PictureError {
    /// None that is known here, or a broken one.
    NotAPicture,
    /// In millions.
    TooManyPixels {
        /// Of the upload.
        has: u64,
        /// That its kind may have.
        most: u64,
    },
    /// Width and height.
    TooSmall {
        /// Of the upload.
        has: (u32, u32),
        /// That its use needs.
        least: (u32, u32),
    },
}

impl PictureError {
    /// For the person who uploaded it.
    pub fn message(&self) -> Message {
        match self {
            PictureError::NotAPicture => text::forms_picture_unreadable(),
            PictureError::TooManyPixels { has, most } => {
                text::forms_picture_too_many_pixels(has, most)
            }
            PictureError::TooSmall { has, least } => {
                text::forms_picture_too_small(has.1, least.1, least.0, has.0)
            }
        }
    }
}

/// What a picture becomes, or why it cannot.
pub type Made<T> = std::result::Result<T, PictureError>;
