//! The server, the rights of the connected role, and how a replica stands.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::db::Result;

/// The server as it describes itself.
#[derive(Clone, Debug)]
pub struct Server {
    /// As in `server_version_num`: 150004 is version 15.4.
    pub version: i32,
    /// As in `server_encoding`; the site needs `UTF8`.
    pub encoding: String,
    /// Connections that roles without superuser can have at the same time, on the whole server.
    pub connections: i32,
    /// New transactions of this role may not write.
    pub read_only: bool,
    /// Its clock while it answered.
    pub now: DateTime<Utc>,
}

/// Asks the server about itself.
///
/// # Errors
///
/// When the connection is gone.
pub async fn server(conn: &mut PgConnection) -> Result<Server> {
    let row = sqlx::query!(
        r#"select current_setting('server_version_num')::int as "version!",
                  current_setting('server_encoding') as "encoding!",
                  current_setting('max_connections')::int
                      - current_setting('superuser_reserved_connections')::int as "connections!",
                  current_setting('default_transaction_read_only')::bool as "read_only!",
                  clock_timestamp() as "now!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(Server {
        version: row.version,
        encoding: row.encoding,
        connections: row.connections,
        read_only: row.read_only,
        now: row.now,
    })
}

/// The rights of the role that is connected.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// Of the role.
    pub name: String,
    /// Passes every check of rights: a fault in a query could then reach the whole server.
    pub superuser: bool,
    /// May create databases or roles.
    pub creates: bool,
    /// Owns tables of the site, itself or as a member of the owner: can change the schema and take any right.
    pub owns_tables: bool,
    /// Can change or remove rows of the audit log.
    pub rewrites_audit_log: bool,
}

/// Asks what the connected role may do. Answers for a database without tables too.
///
/// # Errors
///
/// When the connection is gone.
pub async fn rights(conn: &mut PgConnection) -> Result<Rights> {
    let row = sqlx::query!(
        r#"select rolname::text as "name!", rolsuper as "superuser!", rolcreatedb or rolcreaterole as "creates!",
                  exists (select from pg_class
                          where relnamespace = to_regnamespace('public') and relkind in ('r', 'p')
                            and pg_has_role(relowner, 'usage')) as "owns_tables!",
                  exists (select from pg_class
                          where (oid = to_regclass('public.audit_log')
                                 or oid in (select inhrelid from pg_inherits
                                            where inhparent = to_regclass('public.audit_log')))
                            and has_table_privilege(oid, 'update, delete, truncate')) as "rewrites_audit_log!"
           from pg_roles where rolname = current_user"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Rights {
        name: row.name,
        superuser: row.superuser,
        creates: row.creates,
        owns_tables: row.owns_tables,
        rewrites_audit_log: row.rewrites_audit_log,
    })
}

/// How a replica stands.
pub struct ReplicaStanding {
    /// It is a replica; false after it was promoted.
    pub in_recovery: bool,
    /// The role may see whom it hears from.
    pub may_tell: bool,
}

/// Asks a server whether it is a replica and whether this role may see its primary.
///
/// # Errors
///
/// When the connection is gone.
pub async fn standing(conn: &mut PgConnection) -> Result<ReplicaStanding> {
    Ok(sqlx::query_as!(
        ReplicaStanding,
        r#"select pg_is_in_recovery() as "in_recovery!",
                  pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "may_tell!""#
    )
    .fetch_one(conn)
    .await?)
}
