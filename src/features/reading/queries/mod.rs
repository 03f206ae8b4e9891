//! All SQL of reading.

mod article;
mod lists;
mod places;
mod tags;

pub use article::*;
pub use lists::*;
pub use places::*;
pub use tags::*;
