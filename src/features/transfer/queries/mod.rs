//! All SQL of importing.

mod documents;
mod site;
mod sources;

pub use documents::*;
pub use site::*;
pub use sources::*;
