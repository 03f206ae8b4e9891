//! All SQL of commenting.

mod item;
mod queue;
mod revisions;
mod thread;
mod write;

pub use item::*;
pub use queue::*;
pub use revisions::*;
pub use thread::*;
pub use write::*;
