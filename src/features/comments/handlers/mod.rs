pub mod compose;
pub mod delete;
pub mod edit;
mod gate;
pub mod moderate;
pub mod queue;
pub mod report;
pub mod show;
