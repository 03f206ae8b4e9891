//! The first visit and the site's settings: an empty site leads every visitor to `/setup`, which makes the
//! owner, who knows the code that `serve` printed, and may load the sample content; afterwards admins change what it asked at `/admin/site`.
//! Tables: `site`, through the features it stands on.

pub mod code;
pub mod first_visit;
mod forms;
pub mod settings;
mod views;
