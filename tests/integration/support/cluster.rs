//! The throw-away cluster: started once for the process, dies with it.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use masthead::app::history;
use masthead::db::embedded::{Durability, EmbeddedConfig, EmbeddedPostgres, Role};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::of_this_run;

const TEMPLATE: &str = "masthead_template";

struct Cluster {
    postgres: EmbeddedPostgres,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);
/// Clones of one template are made one at a time: Postgres wants nobody else connected to it.
static CLONING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Options for the app and for the superuser on a fresh copy of the migrated template.
pub async fn database() -> (PgConnectOptions, PgConnectOptions) {
    let cluster = CLUSTER.get_or_init(start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let _turn = CLONING.lock().await;
    let mut admin = cluster
        .postgres
        .connect_options(Role::Superuser, "postgres")
        .connect()
        .await
        .unwrap();
    run(
        &mut admin,
        format!(
            "create database {name} template {TEMPLATE} strategy file_copy owner masthead_owner"
        ),
    )
    .await;
    admin.close().await.unwrap();
    (
        cluster.postgres.connect_options(Role::App, &name),
        cluster.postgres.connect_options(Role::Superuser, &name),
    )
}

/// An empty database, for tests of migrations: options of its owner.
pub async fn fresh_database() -> PgConnectOptions {
    let cluster = CLUSTER.get_or_init(start);
    let name = format!("empty_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let _turn = CLONING.lock().await;
    let mut admin = cluster
        .postgres
        .connect_options(Role::Superuser, "postgres")
        .connect()
        .await
        .unwrap();
    run(
        &mut admin,
        format!("create database {name} owner masthead_owner"),
    )
    .await;
    cluster.postgres.connect_options(Role::Owner, &name)
}

/// A database that no release has brought up to date yet: options for the app and for the superuser.
pub async fn database_before_any_release() -> (PgConnectOptions, PgConnectOptions) {
    let owner = fresh_database().await;
    let name = owner.get_database().unwrap();
    let cluster = CLUSTER.get_or_init(start);
    (
        cluster.postgres.connect_options(Role::App, name),
        cluster.postgres.connect_options(Role::Superuser, name),
    )
}

fn start() -> Cluster {
    let base_dir = of_this_run().join("cluster");
    let bin_dir = std::env::var_os("MASTHEAD_POSTGRES_BIN_DIR").map(PathBuf::from);
    let config = EmbeddedConfig {
        base_dir,
        bin_dir,
        durability: Durability::Fast,
        copy_of: None,
    };
    let postgres = EmbeddedPostgres::start_on_own_thread(&config).unwrap();
    let owner = postgres.connect_options(Role::Owner, TEMPLATE);
    let superuser = postgres.connect_options(Role::Superuser, "postgres");
    // The first test may already be inside a runtime.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut admin = superuser.connect().await.unwrap();
            run(
                &mut admin,
                format!("create database {TEMPLATE} owner masthead_owner"),
            )
            .await;
            history::migrate_all(&owner, Role::App.name())
                .await
                .unwrap();
        });
    })
    .join()
    .unwrap();
    Cluster { postgres }
}

async fn run(conn: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement))
        .execute(conn)
        .await
        .unwrap();
}
