//! All SQL of reading.

mod archive;
mod article;
mod authors;
mod corrections;
mod linked_post;
mod links;
mod lists;
mod offers;
mod places;
mod related;
mod tags;

pub use archive::*;
pub use article::*;
pub use authors::*;
pub use corrections::*;
pub use linked_post::*;
pub use links::*;
pub use lists::*;
pub use offers::*;
pub use places::*;
pub use related::*;
pub use tags::*;

use lists::list_query;
