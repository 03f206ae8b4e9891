//! The HTTP toolbox: what every feature needs to answer a browser, and nothing about blogging.
//!
//! [`memory_first`] stands in front and answers from [`crate::cache`]; [`public`] is the way of a public page through
//! it; [`page`] sends pages; [`error::Error`] is the one error of handlers; [`form`] reads forms and carries faults
//! back to their fields; [`ids`] holds the correlation and transaction id of the request; [`frame`] is what stands
//! around every page; [`origin`] the address of the site and its name for error pages; [`assets`] are the embedded, content-hashed files; [`security`] writes the headers of every
//! answer; [`guard`] refuses what no route should ever see (foreign origins, crooked paths, slow senders); [`health`]
//! answers balancers; [`mod@client_address`] tells from where a request comes; [`cpu_pool`] bounds work that costs CPU time, [`rendering`] is
//! that of Markdown;
//! [`own_writes`] lets people see what they have just changed, on any node; [`priority`] says who matters more when there
//! is too much, and [`overload`] what becomes of the others; [`site_key`] derives the keys that things are signed with.

pub mod assets;
pub mod client_address;
pub mod cpu_pool;
pub mod error;
pub mod error_page;
pub mod form;
pub mod form_id;
pub mod frame;
pub mod guard;
pub mod health;
mod hot;
pub mod ids;
pub mod limits;
pub mod memory_first;
pub mod node;
pub mod origin;
pub mod overload;
pub mod own_writes;
pub mod page;
pub mod priority;
pub mod public;
pub mod rendering;
pub mod security;
pub mod site_key;
pub mod time;

pub use client_address::{ClientAddress, client_address, is_from_this_machine};
pub use error::{Error, OrNotFound, Result};
pub use form::{Faults, Form};
pub use form_id::{FormId, FormIds, Makes};
pub use frame::{Frame, Head};
pub use ids::Ids;
pub use origin::SiteOrigin;
