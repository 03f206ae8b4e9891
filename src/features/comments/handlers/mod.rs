pub mod compose;
pub mod decide;
pub mod delete;
pub mod edit;
mod gate;
pub mod queue;
pub mod report;
pub mod show;
