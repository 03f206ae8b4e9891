//! The pages of writing, a file for each: it reads the form, calls the act and makes a page of what that says.

pub mod bulk;
pub mod byline;
pub mod correct;
pub mod dashboard;
pub mod duplicate;
pub mod editor;
mod editor_page;
mod gate;
pub mod history;
pub mod leave_note;
pub mod merge;
pub mod notes;
pub mod pins;
pub mod preview;
pub mod preview_links;
pub mod publish;
mod refused_save;
pub mod review;
pub mod schedule;
pub mod shared_preview;
mod submit;
mod tag_page;
pub mod tags;
pub mod template;
pub mod trash;
pub mod unpublish;
