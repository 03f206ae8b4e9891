//! All SQL of people: who they are, their sessions, their invitations.

mod invitations;
mod people;
mod sessions;

pub use invitations::*;
pub use people::*;
pub use sessions::*;
