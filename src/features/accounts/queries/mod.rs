//! All SQL of people: who they are, their sessions, their invitations.

mod failures;
mod invitations;
mod people;
mod sessions;
mod usernames;

pub use failures::*;
pub use invitations::*;
pub use people::*;
pub use sessions::*;
pub use usernames::*;
