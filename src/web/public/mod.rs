//! Public pages: from the route to the handler, which sees an address and nothing of the account, and through
//! the cache back to the reader.
//!
//! [`page`] makes a handler of public pages the handler of a route (`handler`); it gets a [`PublicRequest`], whose `address` is
//! the key of the cache. [`answer`] makes the response of what the cache has (`response`), and `status` what that says of caches.

mod address;
mod handler;
mod request;
mod response;
mod status;

pub use handler::page;
pub use request::PublicRequest;
pub use response::{Prepared, answer};
pub use status::{CacheHeadersWritten, write_bypass, write_hit};
