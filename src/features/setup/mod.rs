//! The first visit and the site's settings: an empty site leads every visitor to `/setup`, which makes the
//! owner, who knows the code that `serve` printed, and may load the sample content; afterwards admins find at `/admin` what waits, at `/admin/jobs` what failed in the background, and change at `/admin/site` what it asked.
//! Tables: `site`, through the features it stands on.

pub mod admin;
pub mod code;
pub mod first_visit;
mod footer;
mod forms;
pub mod jobs;
pub mod pictures;
mod queries;
pub mod retry_jobs;
pub mod settings;
mod views;
mod zones;
