//! All SQL of people: who they are, their sessions, their invitations.

mod failures;
mod handles;
mod invitations;
mod people;
mod sessions;

pub use failures::*;
pub use handles::*;
pub use invitations::*;
pub use people::*;
pub use sessions::*;
