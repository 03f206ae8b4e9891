//! All SQL of writing: what the desk and the editor read, what the verbs write.

mod add;
mod byline;
mod card;
mod desk;
mod tags;
mod write;

pub use add::*;
pub use byline::*;
pub(crate) use card::{card, card_query};
pub use desk::*;
pub use tags::*;
pub use write::*;
