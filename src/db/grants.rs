//! The rights of the serving role: it reads and writes rows, calls functions (also where a database gives that right to no role by
//! itself), owns nothing and cannot change the schema. The process that migrates completes them afterwards, one process at a time.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// Two numbers of our own, so that no other lock of the application is meant. Older versions lock the tables for jobs by
/// them while they migrate these.
const MIGRATION_LOCK: (i32, i32) = (0x6d61_7374, 1);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longer than any migration should take. A holder on a machine that vanished would otherwise keep every node from starting.
const LOCK_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// An older version that starts at the same time changes the same rows of the catalogue, under no lock.
const TRIES: u32 = 10;

/// Why the migration lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The server could not be asked.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Another process kept it for all of this time.
    #[error("another process has held the migration lock for {} s: see who does in pg_locks, locktype advisory", .0.as_secs())]
    Held(Duration),
}

/// A connection that holds the migration lock for as long as it is open.
pub async fn connect_alone(owner: &PgConnectOptions) -> Result<PgConnection, LockError> {
    connect_alone_within(owner, LOCK_TIMEOUT).await
}

/// The lock is asked for again and again instead of waited for: a statement that waits holds a snapshot, and an index that
/// the holder creates concurrently would wait for that. The pauses vary, so that nodes started together do not ask together.
pub async fn connect_alone_within(
    owner: &PgConnectOptions,
    limit: Duration,
) -> Result<PgConnection, LockError> {
    let mut conn = owner.connect().await?;
    let (ours, migrations) = MIGRATION_LOCK;
    let lock = async |conn: &mut PgConnection| {
        sqlx::query_scalar::<_, bool>("select pg_try_advisory_lock($1, $2)")
            .bind(ours)
            .bind(migrations)
            .fetch_one(conn)
            .await
    };
    let begun = Instant::now();
    while !lock(&mut conn).await? {
        if begun.elapsed() > limit {
            return Err(LockError::Held(limit));
        }
        tokio::time::sleep(LOOK_EVERY.mul_f64(rand::random_range(0.5..1.5))).await;
    }
    Ok(conn)
}

/// What a role shall have in a schema. A partition is reached by way of its table only.
pub struct Grants<'a> {
    /// The schema, as it is named in the catalogue.
    pub schema: &'a str,
    /// The role that serves.
    pub role: &'a str,
    /// Tables on which it may do only this; of all others it may read, add, change and remove rows.
    pub restricted: &'a [(&'a str, &'a [&'a str])],
}

impl Grants<'_> {
    /// The statements that are missing: none where everything is as it shall be. No table gets a right that it loses again.
    pub async fn missing(&self, conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
        let owner: String = sqlx::query_scalar("select current_user::text")
            .fetch_one(&mut *conn)
            .await?;
        if owner == self.role {
            return Ok(Vec::new());
        }
        let (names, privileges): (Vec<&str>, Vec<String>) = self
            .restricted
            .iter()
            .map(|(name, privileges)| (*name, privileges.join(",")))
            .unzip();
        sqlx::query_scalar(
            "with tables as (
                 select c.oid, c.relacl, c.relispartition or only_this.name is not null as restricted,
                        case when c.relispartition then '{}'
                             when only_this.name is not null then string_to_array(only_this.privileges, ',')
                             else '{select,insert,update,delete}' end::text[] as wanted
                 from pg_class c left join unnest($3::text[], $4::text[]) as only_this (name, privileges) on only_this.name = c.relname
                 where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p', 'v', 'm', 'f'))
             select format('grant usage on schema %I to %I', $1, $2)
             where to_regnamespace($1) is not null and not has_schema_privilege($2, $1, 'usage')
             union all
             select format('grant %s on table %s to %I', string_agg(privilege, ', '), oid::regclass, $2)
             from tables, unnest(wanted) as privilege
             where not has_table_privilege($2, oid, privilege) group by oid
             union all
             select format('revoke %s on table %s from %I', string_agg(acl.privilege_type, ', '), tables.oid::regclass, $2)
             from tables, aclexplode(relacl) as acl
             where restricted and acl.grantee = (select oid from pg_roles where rolname = $2)
               and lower(acl.privilege_type) <> all (wanted) group by tables.oid
             union all
             select format('grant execute on function %s to %I', oid::regprocedure, $2)
             from pg_proc
             where pronamespace = to_regnamespace($1) and prokind = 'f' and prorettype <> 'trigger'::regtype
               and proowner = to_regrole(current_user::text) and not has_function_privilege($2, oid, 'execute')
               and not exists (select from pg_depend
                               where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
             union all
             select format('grant usage on sequence %s to %I', oid::regclass, $2)
             from pg_class
             where relnamespace = to_regnamespace($1)
               and case relkind when 'S' then not has_sequence_privilege($2, oid, 'usage') else false end",
        )
        .bind(self.schema)
        .bind(self.role)
        .bind(names)
        .bind(privileges)
        .fetch_all(conn)
        .await
    }
}

/// Executes what `missing` finds, in one transaction; nothing where it finds nothing.
pub async fn complete(
    conn: &mut PgConnection,
    missing: impl AsyncFn(&mut PgConnection) -> sqlx::Result<Vec<String>>,
) -> sqlx::Result<()> {
    let mut tried = 0;
    loop {
        tried += 1;
        match complete_once(conn, &missing).await {
            Err(error) if tried < TRIES && is_clash(&error) => tokio::time::sleep(LOOK_EVERY).await,
            result => return result,
        }
    }
}

async fn complete_once(
    conn: &mut PgConnection,
    missing: &impl AsyncFn(&mut PgConnection) -> sqlx::Result<Vec<String>>,
) -> sqlx::Result<()> {
    let mut tx = conn.begin().await?;
    let statements = missing(&mut tx).await?;
    if statements.is_empty() {
        return tx.rollback().await;
    }
    for statement in statements {
        // A role's name cannot be bound as a parameter; it comes from the operator's own database address and was quoted
        // by the server.
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

/// Another process changed the same row of the catalogue in this moment, or created the same policy.
fn is_clash(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    code == "XX000" && error.message().contains("concurrently")
        || matches!(code.as_ref(), "42710" | "23505" | "40001" | "40P01")
}
