//! All SQL of writing: what the desk and the editor read, what the verbs write.

mod byline;
mod card;
mod create_many;
mod desk;
mod tags;
mod write;

pub use byline::*;
pub(crate) use card::{card, card_query};
pub use create_many::*;
pub use desk::*;
pub use tags::*;
pub use write::*;
