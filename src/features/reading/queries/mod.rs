//! All SQL of reading.

mod archive;
mod article;
mod authors;
mod lists;
mod places;
mod tags;

pub use archive::*;
pub use article::*;
pub use authors::*;
pub use lists::*;
pub use places::*;
pub use tags::*;

use lists::list_query;
