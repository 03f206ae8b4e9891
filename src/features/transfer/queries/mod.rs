//! All SQL of importing.

mod documents;
mod remember;
mod site;
mod sources;

pub use documents::*;
pub use remember::*;
pub use site::*;
pub use sources::*;
