//! The throw-away cluster: started once for the process, dies with it. The database of a test goes soon after the test:
//! hundreds of them, kept to the end, would fill a small disk.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

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
/// Databases that no test needs any more.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A test has a thread of its own, and has ended when the thread has.
struct OfOneTest(RefCell<Vec<String>>);

thread_local! {
    static OF_THIS_TEST: OfOneTest = const { OfOneTest(RefCell::new(Vec::new())) };
}

impl Drop for OfOneTest {
    fn drop(&mut self) {
        ENDED.lock().unwrap().append(self.0.get_mut());
    }
}

/// Options for the app and for the superuser on a fresh copy of the migrated template.
pub async fn database() -> (PgConnectOptions, PgConnectOptions) {
    let cluster = CLUSTER.get_or_init(start);
    let template = format!("template {TEMPLATE} strategy file_copy");
    let name = create("test", &template).await;
    (
        cluster.postgres.connect_options(Role::App, &name),
        cluster.postgres.connect_options(Role::Superuser, &name),
    )
}

/// An empty database, for tests of migrations: options of its owner.
pub async fn fresh_database() -> PgConnectOptions {
    let cluster = CLUSTER.get_or_init(start);
    let name = create("empty", "").await;
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

/// Creates a database for the test that runs on this thread, and removes those of tests that have ended.
async fn create(kind: &str, how: &str) -> String {
    let name = format!("{kind}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let _turn = CLONING.lock().await;
    let cluster = CLUSTER.get_or_init(start);
    let superuser = cluster
        .postgres
        .connect_options(Role::Superuser, "postgres");
    let mut admin = superuser.connect().await.unwrap();
    let ended = std::mem::take(&mut *ENDED.lock().unwrap());
    for left in ended {
        let statement = format!("drop database if exists {left} with (force)");
        run(&mut admin, statement).await;
    }
    let statement = format!("create database {name} {how} owner masthead_owner");
    run(&mut admin, statement).await;
    admin.close().await.unwrap();
    OF_THIS_TEST.with(|test| test.0.borrow_mut().push(name.clone()));
    name
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
