//! What `masthead doctor` asks a database: the server, the serving role's rights, migrations, and how the
//! site in it is doing. Reads only, and nothing here needs more than the serving role has.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrate;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::Result;
use super::migrate::MIGRATIONS;

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

/// How far the schema is from the one that this binary expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrations {
    /// How many stand in the table of migrations, also those that this binary does not know.
    pub applied: usize,
    /// Known here and not applied there.
    pub waiting: Vec<i64>,
    /// Applied there and not known here: a newer Masthead was at work.
    pub unknown: Vec<i64>,
    /// Applied with another text than this binary has.
    pub changed: Vec<i64>,
}

/// Compares applied and known migrations. A database that was never migrated has none applied.
///
/// # Errors
///
/// When the connection is gone, or the role may not read the table of migrations.
pub async fn migrations(conn: &mut PgConnection) -> Result<Migrations> {
    let known: Vec<(i64, &[u8])> = MIGRATIONS
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .map(|migration| (migration.version, &*migration.checksum))
        .collect();
    let there =
        sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "there!""#)
            .fetch_one(&mut *conn)
            .await?;
    let applied = match there {
        true => conn
            .list_applied_migrations(&MIGRATIONS.table_name)
            .await
            .map_err(|error| match error {
                sqlx::migrate::MigrateError::Execute(error) => error,
                other => sqlx::Error::Migrate(Box::new(other)),
            })?,
        false => Vec::new(),
    };
    let applied: Vec<(i64, &[u8])> = applied
        .iter()
        .map(|migration| (migration.version, &*migration.checksum))
        .collect();
    Ok(compare(&known, &applied))
}

fn compare(known: &[(i64, &[u8])], applied: &[(i64, &[u8])]) -> Migrations {
    let lacks =
        |list: &[(i64, &[u8])], version: i64| list.iter().all(|(other, _)| *other != version);
    let versions =
        |list: Vec<&(i64, &[u8])>| list.into_iter().map(|(version, _)| *version).collect();
    Migrations {
        applied: applied.len(),
        waiting: versions(
            known
                .iter()
                .filter(|(version, _)| lacks(applied, *version))
                .collect(),
        ),
        unknown: versions(
            applied
                .iter()
                .filter(|(version, _)| lacks(known, *version))
                .collect(),
        ),
        changed: versions(
            applied
                .iter()
                .filter(|one| !lacks(known, one.0) && !known.contains(one))
                .collect(),
        ),
    }
}

/// Whether any process runs the site.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    /// The first visit is done: the site has a name and an owner.
    pub set_up: bool,
    /// Owners who can sign in.
    pub owners: i64,
}

/// Asks who runs the site. Needs the tables.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn staff(conn: &mut PgConnection) -> Result<Staff> {
    let row = sqlx::query!(
        r#"select exists (select from site where set_up_at is not null) as "set_up!",
                  (select count(*) from users where role = 'owner' and disabled_at is null) as "owners!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(Staff {
        set_up: row.set_up,
        owners: row.owners,
    })
}

/// An account's handle, and the key by which it is found and kept apart from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Database key of the account.
    pub id: i64,
    /// The handle as its account spells it.
    pub username: String,
    /// The form that is unique: two handles that look alike have one key.
    pub key: String,
}

/// The next handles after an account, in the order of the accounts.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key from users where id > $1 order by id limit $2",
        after,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The handles that are stored under one of these keys.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles_with_keys(conn: &mut PgConnection, keys: &[String]) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key from users where username_key = any($1) order by id",
        keys
    )
    .fetch_all(conn)
    .await?)
}

/// Handles that differ in nothing but i and l, those alike next to each other, at most `limit`.
///
/// # Errors
///
/// When the connection is gone or the tables are not there.
pub async fn handles_of_one_class(conn: &mut PgConnection, limit: i64) -> Result<Vec<Handle>> {
    Ok(sqlx::query_as!(
        Handle,
        "select id, username, username_key as key
         from (select id, username, username_key, count(*) over (partition by translate(username_key, 'i', 'l')) as alike
               from users) counted
         where alike > 1 order by translate(username_key, 'i', 'l'), id limit $1",
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// What stands between here and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooler {
    /// Connections are the server's own.
    None,
    /// It hands out its own connections, each to one client at a time.
    Session,
    /// It gives a connection to another client after each transaction: statements that were prepared on one are then
    /// another session's, which gives wrong rows without an error.
    Transaction,
}

/// Whether something between here and the server hands out its own connections (PgBouncer and the like), and how.
///
/// A connection gets the process of another one while that is open (transaction mode), or of one that was closed (session
/// mode).
/// A pooler that is in use by others may escape; so it is tried a few times.
///
/// # Errors
///
/// When a connection is refused: some poolers refuse the settings that serving asks for.
pub async fn pooler(options: &PgConnectOptions) -> Result<Pooler> {
    let mut found = Pooler::None;
    let mut seen = HashSet::new();
    for _ in 0..3 {
        let mut first = options.connect().await?;
        let one = backend(&mut first).await?;
        let mut second = options.connect().await?;
        let two = backend(&mut second).await?;
        if two == one {
            return Ok(Pooler::Transaction);
        }
        second.close().await?;
        first.close().await?;
        // The pooler may hand out either of them, or wait with one until it has cleaned it.
        if !seen.insert(one) || !seen.insert(two) {
            found = Pooler::Session;
        }
    }
    Ok(found)
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

/// Without preparing anything: that is what goes wrong behind some poolers.
async fn backend(conn: &mut PgConnection) -> Result<i32> {
    use sqlx::Row;
    Ok(sqlx::raw_sql("select pg_backend_pid()")
        .fetch_one(conn)
        .await?
        .try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_compared_by_version_and_text() {
        let known: [(i64, &[u8]); 3] = [(1, b"one"), (2, b"two"), (3, b"three")];
        let nothing = compare(&known, &[]);
        assert_eq!((nothing.applied, nothing.waiting), (0, vec![1, 2, 3]));
        let found = compare(&known, &[(1, b"one"), (2, b"other"), (9, b"nine")]);
        assert_eq!(
            found,
            Migrations {
                applied: 3,
                waiting: vec![3],
                unknown: vec![9],
                changed: vec![2]
            }
        );
        assert_eq!(
            compare(&known, &known),
            Migrations {
                applied: 3,
                ..Migrations::default()
            }
        );
    }
}
