//! Sample content: our own texts, so that every page of a fresh site has something to look at. Loaded by the
//! set-up page or `masthead demo load`, removed by `masthead demo remove`. It goes through the same verbs as
//! what people write; import keys that begin with `demo:` mark it.

mod content;
mod discussion;
mod load;
mod people;
mod queries;
mod texts;

pub use load::{load, remove};
pub use queries::has_samples;
