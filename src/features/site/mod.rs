//! The site as a whole: its name, language, sign-up mode and comment policy, the menu, and the frame that
//! they put around every page; and the pictures that stand for it, which [`picture`] makes and changes. The page that changes
//! it is in `setup`. Tables: `site` (one row), `posts` (pages in the menu).

pub mod cache_tags;
pub mod flash;
mod model;
pub mod picture;
mod queries;
mod stale_typography;
mod take_down;
mod update;
mod views;

pub use flash::{Flash, Said, back_to};
pub use model::{CommentPolicy, Front, PictureKind, SignUp, SignUpRole, Site, SiteTypography};
pub use queries::{SiteRow, claim_set_up, knows_time_zone, load};
pub use stale_typography::StaleTypography;
pub use update::{share_accent, update};
pub use views::{private_frame, public_frame};
