//! All SQL of writing: what the dashboard and the editor read, what the verbs write.

mod before_save;
mod byline;
mod card;
mod corrections;
mod create_many;
mod dashboard;
mod history;
mod linked;
mod old;
mod pins;
mod places;
mod post;
mod preview_links;
mod schedule;
mod submissions;
mod tag_rows;
mod tag_writes;
mod tags;
mod versions;
mod write;
mod write_state;

pub use before_save::*;
pub use byline::*;

pub(crate) use card::{card, card_query};
pub use corrections::*;
pub use create_many::*;
pub use dashboard::*;
pub use history::*;
pub use linked::*;
pub use old::*;
pub use pins::*;
pub use places::*;
pub use post::*;
pub use preview_links::*;
pub use schedule::*;
pub use submissions::*;
pub use tag_rows::*;
pub use tag_writes::*;
pub use tags::*;
pub use versions::*;
pub use write::*;
pub use write_state::*;
