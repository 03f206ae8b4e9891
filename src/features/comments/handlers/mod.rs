//! The pages of commenting, a file for each: it reads the form, calls the act and makes a page of what that says.

pub mod compose;
mod compose_page;
pub mod delete;
pub mod edit;
mod gate;
pub mod moderate;
pub mod queue;
pub mod report;
pub mod show;
