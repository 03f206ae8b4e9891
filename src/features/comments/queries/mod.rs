//! All SQL of commenting.

mod comment;
mod queue;
mod revisions;
mod thread;
mod waiting;
mod write;

pub use comment::*;
pub use queue::*;
pub use revisions::*;
pub use thread::*;
pub use waiting::*;
pub use write::*;
