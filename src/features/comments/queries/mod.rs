//! All SQL of commenting.

mod comment;
mod post;
mod queue;
mod queue_line;
mod reports;
mod revisions;
mod thread;
mod unseen;
mod waiting;
mod whole_thread;
mod write;

pub use comment::*;
pub use post::*;
pub use queue::*;
pub use queue_line::*;
pub use reports::*;
pub use revisions::*;
pub use thread::*;
pub use unseen::*;
pub use waiting::*;
pub use whole_thread::*;
pub use write::*;
