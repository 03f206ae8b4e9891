//! All SQL of commenting.

mod item;
mod queue;
mod thread;
mod write;

pub use item::*;
pub use queue::*;
pub use thread::*;
pub use write::*;
