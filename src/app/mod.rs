//! The composition root: configuration, the state that handlers share, the server, the command line. It
//! alone knows every room; nothing but `main.rs` and the routes know it.

mod accept_history;
mod background;
mod build_state;
mod cache_warmup;
pub mod cli;
pub mod commands;
pub mod config;
pub mod database;
mod dev_cluster;
pub mod doctor;
pub mod history;
mod metrics;
mod privileges;
mod reload_config;
mod restore;
pub mod server;
mod service;
mod shutdown;
mod sockets;
mod startup_checks;
pub mod telemetry;
pub mod worker;

pub use build_state::{build_pools, build_state};
pub use metrics::registry;
pub use service::service;
