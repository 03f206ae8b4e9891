//! The pages of accounts, a file for each: it reads the form, calls the act and makes a page of what that says.

pub mod avatars;
pub mod handles;
pub mod invitations;
pub mod people;
pub mod sessions;
pub mod settings;
mod settings_page;
pub mod sign_in;
pub mod sign_up;
