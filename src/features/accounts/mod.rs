//! People: signing up, in and out, who may do what, profile, settings, avatars, sessions, invitations.
//! `/signup` `/login` `/logout` `/settings…` `/avatars/…` `/admin/people…` `/admin/invitations`.
//! Tables: `users`, `user_profiles`, `username_history`, `avatars`, `sessions`, `invitations`.
//!
//! Code that asks "may this account do that?" calls [`can`](crate::access::can); code that makes an account calls [`create`], as
//! sign-up, set-up, command line and import all do.
//! A handler of a page for one account takes a [`PrivatePage`].

mod avatar;
pub mod cache_tags;
pub mod change_role;
pub mod create;
pub mod create_error;
mod current_user;
mod email;
mod form_copy;
pub mod form_recovery;
mod forms;
mod guest_name;
pub mod handlers;
mod handles;
mod invite;
pub mod jobs;
mod key;
mod look_alike;
mod model;
pub mod new_account;
mod own_account;
pub mod password;
mod pools;
mod private_page;
mod queries;
mod recovered_form;
mod reserved_words;
pub mod route_access;
mod session;
mod sign_in;
mod sign_up;
mod sign_up_gate;
mod views;

pub use current_user::{CurrentUser, MaybeUser, visitor};
pub use email::Email;
pub use guest_name::guest_name;
pub use key::key_of;
pub use look_alike::look_alike;
pub use model::{AvatarId, Username};
pub use password::Hasher;
pub use pools::Pools;
pub use private_page::PrivatePage;
pub use queries::{Person, by_username, is_username_taken, people_by_handles, person_by_handle};
pub use route_access::Access;
pub use session::{Browser, open as open_session};
