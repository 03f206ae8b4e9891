//! The HTTP toolbox: what every feature needs to answer a browser, and nothing about blogging.
//!
//! [`error::Error`] is the one error of handlers; [`page`] sends public and private pages; [`form`] reads
//! forms and carries faults back to their fields; [`ids`] holds the correlation and transaction id of the
//! request; [`frame`] is what stands around every page; [`assets`] are the embedded, content-hashed files;
//! [`guard`] refuses what no route should ever see (foreign origins, crooked paths).

pub mod assets;
pub mod error;
pub mod error_page;
pub mod etag;
pub mod form;
pub mod frame;
pub mod guard;
pub mod ids;
pub mod page;
pub mod security;
pub mod time;

pub use error::{Error, OrNotFound, Result};
pub use form::{Faults, Form};
pub use frame::{Frame, Head};
pub use ids::Ids;
