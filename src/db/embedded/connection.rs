//! How the private cluster is connected to: its database, its roles, its socket.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Created with the cluster; owned by [`Role::Owner`].
pub const DATABASE: &str = "masthead";

/// A role of the private cluster, each with a socket connection that asks for no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, in every database. Only for the test suite and repairs.
    Superuser,
    /// Owns the database `masthead` and runs migrations.
    Owner,
    /// Serves requests: may connect, and may do what migrations grant to it.
    App,
}

impl Role {
    /// The role's name in PostgreSQL, for `GRANT` and connection URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Superuser => "postgres",
            Self::Owner => "masthead_owner",
            Self::App => "masthead_app",
        }
    }
}

pub(super) fn options(socket_dir: &Path, role: Role, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        // Named, because sqlx would otherwise take it from the environment.
        .port(5432)
        .ssl_mode(PgSslMode::Disable)
        .username(role.name())
        .database(database)
}
