pub mod byline;
pub mod desk;
pub mod editor;
pub mod publication;
pub mod tags;
pub mod trash;
