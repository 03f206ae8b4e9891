//! The settings of one process, read once at its start.
//!
//! Each setting can stand in four places; the first that has it wins: the flag (`--listen`), the environment
//! (`MASTHEAD_LISTEN`), the TOML file (`listen = …`), the default. The file is the one named by `--config` or
//! `MASTHEAD_CONFIG`, else `masthead.toml` in the working directory if it is there. `keys` lists every setting with
//! its names, what it means and what it accepts: to add one, put it there, then into [`Settings`] and [`load()`].
//! `masthead config check` prints the outcome with the place that each value came from.
//!
//! Settings that an administrator changes while the site runs (sign-up mode, title) are rows in the database, not
//! here.

mod cdn;
mod error;
mod file;
mod key;
mod keys;
mod layers;
mod load;
mod network;
mod reference;
mod renamed;
mod report;
mod secret_key;
mod settings;
mod surroundings;
mod values;

pub use error::ConfigError;
pub use load::{Loaded, load};
pub use reference::reference;
pub use report::{Origin, Report};
pub use settings::{Settings, state_dir};
pub use surroundings::{Flags, Surroundings};
pub use values::{Jobs, Listen, LogFormat};

#[cfg(test)]
mod tests;
