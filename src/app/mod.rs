//! The composition root: configuration, the state that handlers share, the server, the command line. It
//! alone knows every room; nothing but `main.rs` and the routes know it.

pub mod cli;
pub mod commands;
pub mod config;
mod dev_cluster;
pub mod doctor;
mod emergency;
mod history;
mod metrics;
mod prepare;
mod privileges;
mod reread;
mod restore;
pub mod server;
mod shutdown;
pub mod state;
pub mod telemetry;
mod warm;
pub mod worker;

pub use state::{AppState, PublicRequest};
