//! The private PostgreSQL of the default run and of the test suite: installed server programs, run as a child of
//! this process, reachable only over a socket in a directory of mode 0700.
//!
//! [`EmbeddedPostgres::start`] does everything: it finds the programs (`binaries`), chooses and locks the base
//! directory (`directory`), hands over from root to another user (`account`), creates the cluster with its two
//! roles and the database `masthead` when there is none (`cluster`), rewrites the settings (`settings`), starts
//! the server and waits until it takes connections (`process`). A crash of either process needs no care: the next
//! start waits for what is left of the old server and PostgreSQL replays its log.
//!
//! The base directory holds `data` (the cluster), `run` (the socket), `lock` (held while a Masthead uses it) and
//! `postgres.log`. [`Replicated`] is several of them, for developers and tests: a primary and streaming replicas.
//! Two rules for callers:
//!
//! - The server is told to shut down when the **thread** that called `start` ends, because that is what Linux
//!   binds the death signal to. Call it from `main` before the async runtime is built, or use
//!   [`EmbeddedPostgres::start_on_own_thread`]; never call it from a thread pool. A site uses
//!   [`WatchedPostgres`], which also starts the server again when it ends unasked.
//! - Close the connection pools before [`EmbeddedPostgres::stop`], so that no query is cut off.

mod account;
mod binaries;
mod cluster;
mod config;
mod connection;
mod directory;
mod error;
mod hand_over;
mod incoming;
mod log;
mod look;
mod pid_file;
mod postgres;
mod process;
mod replicated;
mod settings;
mod socket;
mod watch;

pub use account::Account;
pub use config::EmbeddedConfig;
pub use connection::{DATABASE, Role};
pub use error::EmbeddedError;
pub use hand_over::{HandedOver, hand_over};
pub use incoming::Incoming;
pub use look::{Look, look};
pub use postgres::EmbeddedPostgres;
pub use replicated::{PRIMARY, Replicated};
pub use settings::Durability;
pub use watch::WatchedPostgres;
