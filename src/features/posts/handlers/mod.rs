pub mod byline;
pub mod desk;
pub mod editor;
pub mod publication;
mod receipt;
pub mod trash;
