//! What `masthead doctor` asks a database: the server, the serving role's rights, migrations, and how the
//! site in it is doing. Reads only, and nothing here needs more than the serving role has.

mod accounts;
mod migrations;
mod pooler;
mod server;

pub use accounts::{Handle, Staff, handles, handles_of_one_class, handles_with_keys, staff};
pub use migrations::{Migrations, migrations};
pub use pooler::{Pooler, pooler};
pub use server::{ReplicaStanding, Rights, Server, rights, server, standing};
