//! **Authorization.** [`Actor`] is plain data about the account or operator that acts, by a page, a command or a job; [`can`] is
//! the one question that each of these doors asks before it changes anything.
//!
//! **To let something new be done**: an [`Action`], a line in [`can`] that says which role may do it to which [`Resource`], and
//! `actor.require(…)` at the head of the verb that does it. Without that line it is refused to all.
//!
//! Verbs are whole acts: they take the database and the actor, ask, write the change with its audit row and its invalidations, and
//! commit. Where no account acts yet, something else is asked: of a visitor who signs up the site's policy and the invitation, of one
//! who signs in the password.
//!
//! The room imports only the making of ids, so that the audit log below the features can take an actor, too. Which role a route asks
//! for before its handler runs is said in `routes.rs`.

mod actor;
mod permission;
mod role;

pub use actor::{ActionId, Actor};
pub use permission::{Action, Denied, Resource, can};
pub use role::Role;
