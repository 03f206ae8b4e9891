//! What tests stand on: [`TestApp`] is a site with its own database, [`Actor`] somebody in front of it who
//! uses public routes only.

mod actor;
mod app;
mod cluster;
mod response;
mod stub;
mod until;

pub use actor::Actor;
pub use app::TestApp;
pub use cluster::{database, fresh_database};
pub use response::Response;
pub use stub::{Asked, Stub};
pub use until::until;

/// A password that the strength check accepts.
pub const PASSWORD: &str = "nine quiet lanterns";
