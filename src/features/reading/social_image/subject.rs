//! What is drawn of a post, and the address that this gives its picture.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::lettering;
use crate::features::posts::Card;
use crate::features::site::Site;
use crate::web::accent::Rgb;

/// To be raised when the same words are drawn otherwise: the addresses change with it.
const DRAWING: u8 = 1;
/// Of the hash in an address, in bytes.
const HASH: usize = 8;

/// The accent of a site that chose none, as `tokens.css` has it.
pub const ACCENT: Rgb = Rgb([0xa3, 0x36, 0x1f]);

/// What is drawn.
#[derive(Clone, Debug)]
pub struct SocialImage {
    pub title: String,
    pub authors: String,
    pub site: String,
    pub accent: Rgb,
}

impl SocialImage {
    pub fn of(card: &Card, site: &Site) -> SocialImage {
        let authors: Vec<&str> = card.authors.iter().map(|a| a.display_name()).collect();
        SocialImage {
            title: card.name(&site.time_zone).into_owned(),
            authors: authors.join(", "),
            site: site.name.clone(),
            accent: site.accent.map_or(ACCENT, |accent| accent.shades().light),
        }
    }

    /// Whether the font has the letters of the title.
    pub fn shows_title(&self) -> bool {
        lettering::drawable(&self.title).is_some()
    }

    /// Changes with everything that is drawn.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([DRAWING]);
        hash.update(self.accent.0);
        for text in [&self.title, &self.authors, &self.site] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        HEXLOWER.encode(&hash.finalize()[..HASH])
    }

    /// Where the picture of a post is.
    pub fn path(&self, post: Uuid) -> String {
        format!("/p/{post}/social-{}.png", self.version())
    }
}
