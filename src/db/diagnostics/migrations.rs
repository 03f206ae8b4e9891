//! How far the schema is.

use sqlx::migrate::Migrate;
use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::db::migrate::MIGRATIONS;

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
