//! What tests stand on: [`TestApp`] is a site with its own database, [`Actor`] somebody in front of it who
//! uses public routes only.

mod actor;
mod app;
mod cluster;
mod response;

pub use actor::Actor;
pub use app::TestApp;
pub use cluster::fresh_database;
pub use response::Response;

/// A password that the strength check accepts.
pub const PASSWORD: &str = "nine quiet lanterns";
