//! A dump on its way into the private database: it is read beside the one that is there, and takes its place when it is
//! known to be good.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use chrono::Utc;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{DATABASE, EmbeddedPostgres, Role};

const NAME: &str = "masthead_incoming";

/// A new database beside the site's.
pub struct Incoming<'a> {
    postgres: &'a EmbeddedPostgres,
    admin: PgConnection,
}

impl<'a> Incoming<'a> {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn create(postgres: &'a EmbeddedPostgres) -> anyhow::Result<Self> {
        let admin = postgres
            .connect_options(Role::Superuser, "postgres")
            .connect()
            .await?;
        let mut incoming = Incoming { postgres, admin };
        // Of a run that broke off.
        incoming
            .execute(format!("drop database if exists {NAME}"))
            .await?;
        let (owner, app) = (Role::Owner.name(), Role::App.name());
        incoming
            .execute(format!(
                "create database {NAME} owner {owner} template template0 encoding 'UTF8'"
            ))
            .await?;
        incoming
            .execute(format!("revoke all on database {NAME} from public"))
            .await?;
        incoming
            .execute(format!("grant connect on database {NAME} to {app}"))
            .await?;
        Ok(incoming)
    }

    /// As the role that owns it.
    pub fn owner(&self) -> PgConnectOptions {
        self.postgres.connect_options(Role::Owner, NAME)
    }

    /// Reads a dump in any of the forms that `pg_dump` writes, as a whole or not at all.
    ///
    /// # Errors
    ///
    /// When it is none, or no dump of a site.
    pub async fn load(&self, bin_dir: &Path, dump: &Path) -> anyhow::Result<()> {
        let is_text = !dump.is_dir()
            && is_text(dump).with_context(|| format!("{} cannot be read", dump.display()))?;
        let program = bin_dir.join(if is_text { "psql" } else { "pg_restore" });
        let output = self
            .restoring(&program, dump, is_text)
            .output()
            .with_context(|| {
                format!(
                    "{} cannot be run; is the client of PostgreSQL installed?",
                    program.display()
                )
            })?;
        ensure!(
            output.status.success(),
            "the dump cannot be restored: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let mut conn = self.owner().connect().await?;
        let is_site: bool = sqlx::query_scalar("select to_regclass('public.site') is not null")
            .fetch_one(&mut conn)
            .await?;
        ensure!(is_site, "this is no dump of a Masthead site");
        Ok(conn.close().await?)
    }

    fn restoring(&self, program: &Path, dump: &Path, is_text: bool) -> Command {
        let mut command = Command::new(program);
        command.arg("--host").arg(self.postgres.socket_dir()).args([
            "--port=5432",
            "--username=postgres",
            "--no-password",
            "--single-transaction",
        ]);
        command.arg(format!("--dbname={NAME}"));
        if is_text {
            command.args([
                "--no-psqlrc",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                "--output=/dev/null",
                "--file",
            ]);
        } else {
            // Who owns and may what is said by this site, whatever it was called where the dump was made.
            command
                .args(["--exit-on-error", "--no-owner", "--no-privileges"])
                .arg(format!("--role={}", Role::Owner.name()));
        }
        command.arg(dump);
        command
    }

    /// Takes the place of the site's database, after it was migrated, and gives the name under which that one is kept.
    ///
    /// # Errors
    ///
    /// When something is connected to either; then everything is as it was.
    pub async fn take_place(mut self) -> anyhow::Result<String> {
        // Whatever it says of itself, it was not here: the first node that serves it removes what meant something only there.
        let mut conn = self.owner().connect().await?;
        sqlx::query(
            "insert into database_identity (system_identifier) values (0)
             on conflict (only_row) do update set system_identifier = 0",
        )
        .execute(&mut conn)
        .await?;
        conn.close().await?;
        #[expect(clippy::disallowed_methods, reason = "part of a name")]
        let kept = format!("{DATABASE}_until_{}", Utc::now().format("%Y%m%d_%H%M%S"));
        let mut tx = self.admin.begin().await?;
        for (from, to) in [(DATABASE, kept.as_str()), (NAME, DATABASE)] {
            // Made of constants and numbers.
            sqlx::query(AssertSqlSafe(format!(
                "alter database {from} rename to {to}"
            )))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn discard(mut self) -> anyhow::Result<()> {
        self.execute(format!("drop database {NAME} with (force)"))
            .await
    }

    /// Statements are made of constants.
    async fn execute(&mut self, statement: String) -> anyhow::Result<()> {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut self.admin)
            .await?;
        Ok(())
    }
}

/// All others begin with this word, or are of no use to `psql` either.
fn is_text(file: &Path) -> std::io::Result<bool> {
    let mut start = [0; 512];
    let length = File::open(file)?.take(512).read(&mut start)?;
    // A tar file has its first file's name at its beginning.
    Ok(!start[..length].starts_with(b"PGDMP") && !start[..length].starts_with(b"toc.dat"))
}
