//! A request for a public page, as its handler sees it.

use std::sync::Arc;

use super::address::Address;
use crate::db::ReadRequirement;

/// What a public page may know of its request: the parts of the address that the route names. Two requests with the
/// same ones get the same bytes.
pub struct PublicRequest<S> {
    pub(super) app: Arc<S>,
    pub(super) address: Arc<Address>,
    pub(super) reading: Arc<ReadRequirement>,
}

impl<S> PublicRequest<S> {
    /// What the process shares.
    pub fn app(&self) -> &S {
        &self.app
    }

    /// How fresh the page must be: for every read that it makes.
    pub fn reading(&self) -> &ReadRequirement {
        &self.reading
    }

    /// The path, decoded.
    pub fn path(&self) -> &str {
        &self.address.path
    }

    /// A part of the path that the route's pattern names; empty when it names no such part.
    pub fn part(&self, name: &str) -> &str {
        self.address
            .parts
            .iter()
            .find(|(part, _)| part == name)
            .map_or("", |(_, value)| value)
    }

    /// All parameters that the route allows, sorted.
    pub fn queries(&self) -> &[(&'static str, String)] {
        &self.address.query
    }

    /// A parameter that the route allows. Any other is as if it had not been sent.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.address
            .query
            .iter()
            .find(|(parameter, _)| *parameter == name)
            .map(|(_, value)| value.as_str())
    }
}
