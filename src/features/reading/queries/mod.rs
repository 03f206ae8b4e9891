//! All SQL of reading.

mod archive;
mod article;
mod lists;
mod places;
mod tags;
mod writers;

pub use archive::*;
pub use article::*;
pub use lists::*;
pub use places::*;
pub use tags::*;
pub use writers::*;

use lists::list_query;
