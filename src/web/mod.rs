//! The HTTP toolbox: what every feature needs to answer a browser, and nothing about blogging.
//!
//! [`fast_path`] stands in front and answers from [`crate::cache`]; [`public`] is the way of a public page through
//! it; [`page`] sends pages; [`error::Error`] is the one error of handlers; [`form`] reads forms and carries their errors
//! back to their fields; [`frame`] is what stands around every page; [`origin`] the address of the site and its name for
//! error pages; [`assets`] are the embedded, content-hashed files, [`accent`] is the colour that a site has of its own;
//! [`middleware`] is what every request passes; [`mod@client_address`] tells from where a request comes; [`cpu_pool`] bounds work
//! that costs CPU time, [`rendering`] is that of Markdown, [`picture`] that of uploads; [`priority`] says which requests come
//! first under overload, and [`overload`] what becomes of the others; [`route_words`] is what other addresses keep away from;
//! [`request_durations`] measures every request; [`site_key`] derives the keys that things are signed with, [`ticket`] signs
//! what an account brings back.

#![warn(missing_docs)]

pub mod accent;
pub mod assets;
pub mod client_address;
mod cost;
pub mod cpu_pool;
pub mod error;
pub mod error_page;
pub mod fast_path;
pub mod form;
pub mod form_id;
pub mod frame;
pub mod head;
pub mod middleware;
pub mod node;
pub mod origin;
pub mod overload;
pub mod page;
pub mod picture;
pub mod priority;
pub mod public;
pub mod rendering;
pub mod request_durations;
pub mod route_words;
pub mod site_key;
pub mod ticket;
pub mod time;

pub use client_address::{ClientAddress, client_address, is_from_this_machine};
pub use cost::Cost;
pub use error::{Error, OrNotFound, Result};
pub use form::{Form, FormErrors};
pub use form_id::{FormId, FormIds, Makes};
pub use frame::Frame;
pub use head::Head;
pub use middleware::ids::Ids;
pub use origin::SiteOrigin;
