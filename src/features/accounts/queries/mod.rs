//! All SQL of people: their accounts, their sessions, their invitations.

mod avatars;
mod failures;
mod handles;
mod invitations;
mod passwords;
mod people;
mod sessions;

pub use avatars::*;
pub use failures::*;
pub use handles::*;
pub use invitations::*;
pub use passwords::*;
pub use people::*;
pub use sessions::*;
