//! All SQL of people: their accounts, their sessions, their invitations.

mod avatars;
mod failures;
mod handles;
mod invitations;
mod members;
mod new_accounts;
mod passwords;
mod people;
mod sessions;

pub use avatars::*;
pub use failures::*;
pub use handles::*;
pub use invitations::*;
pub use members::*;
pub use new_accounts::*;
pub use passwords::*;
pub use people::*;
pub use sessions::*;
