//! What it costs to ask for a job inside a transaction, on a durable Postgres of its own, and what it would cost to notify
//! workers in the same transaction: commits with a notification wait for one another. `make prove` measures, `make test` looks
//! that each way works.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use masthead::app::history::migrate_all;
use masthead::db::embedded::{DATABASE, Durability, EmbeddedConfig, EmbeddedPostgres, Role};
use masthead::db::{Db, PoolSizes, Switches};
use masthead::jobs::{Ids, PurgeCdn, enqueue, enqueue_purge};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};

const CLIENTS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One small row and the commit, with what every commit leaves.
    Nothing,
    /// A job as well.
    Job,
    /// The two jobs of a purge instead.
    Purge,
    /// The job, and a notification.
    Notified,
    /// The same while another session listens.
    Heard,
}

#[test]
fn prove_what_a_job_adds_to_a_transaction() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let each = if full { 2000 } else { 20 };
    let directory = std::env::temp_dir().join(format!(
        "masthead-enqueue-{}",
        uuid::Uuid::new_v4().simple()
    ));
    std::fs::create_dir(&directory).unwrap();
    std::fs::set_permissions(&directory, Permissions::from_mode(0o711)).unwrap();
    let postgres = start(directory.join("postgres"));
    let database = postgres.connect_options(Role::Owner, DATABASE);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(prepare(&database));
    for way in [
        Way::Nothing,
        Way::Job,
        Way::Purge,
        Way::Notified,
        Way::Heard,
    ] {
        let took = runtime.block_on(measure(&database, way, each));
        let rate = (CLIENTS * each) as f64 / took.as_secs_f64();
        let line = format!("{way:?}: {rate:.0} transactions/s, {CLIENTS} clients, {each} each\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    postgres.stop().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}

fn start(base_dir: PathBuf) -> EmbeddedPostgres {
    let bin_dir = std::env::var_os("MASTHEAD_POSTGRES_BIN_DIR").map(PathBuf::from);
    EmbeddedPostgres::start_on_own_thread(&EmbeddedConfig {
        base_dir,
        bin_dir,
        durability: Durability::Durable,
        copy_of: None,
    })
    .unwrap()
}

async fn prepare(database: &PgConnectOptions) {
    migrate_all(database, Role::App.name()).await.unwrap();
    let mut conn = database.connect().await.unwrap();
    sqlx::query("create table note (id bigint generated always as identity primary key, said text not null)")
        .execute(&mut conn)
        .await
        .unwrap();
}

async fn measure(database: &PgConnectOptions, way: Way, each: usize) -> Duration {
    let mut admin = database.connect().await.unwrap();
    sqlx::query("truncate note, jobs")
        .execute(&mut admin)
        .await
        .unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await
        .unwrap();
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    if way == Way::Heard {
        listener.listen("jobs").await.unwrap();
    }
    let size = u32::try_from(CLIENTS).unwrap();
    let sizes = PoolSizes {
        write: size,
        fresh: 1,
        read: 1,
    };
    let db = Db::open(database, &[], sizes, Switches::default());
    futures_util::future::join_all((0..CLIENTS).map(|_| transaction(&db, way))).await;
    let begun = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..each {
                transaction(&db, way).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let took = begun.elapsed();
    let jobs: i64 = sqlx::query_scalar("select count(*) from jobs")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let wanted = match way {
        Way::Nothing => 0,
        Way::Purge => 2,
        _ => 1,
    };
    assert_eq!(jobs as usize, wanted * CLIENTS * (each + 1));
    took
}

async fn transaction(db: &Db, way: Way) {
    let mut tx = db.begin().await.unwrap();
    sqlx::query("insert into note (said) values ('something')")
        .execute(&mut *tx)
        .await
        .unwrap();
    match way {
        Way::Nothing => {}
        Way::Job => enqueue(&mut tx, &purge(), Ids::default(), Duration::ZERO)
            .await
            .unwrap(),
        Way::Purge => enqueue_purge(&mut tx, &purge().tags, false, None, None)
            .await
            .unwrap(),
        Way::Notified | Way::Heard => {
            enqueue(&mut tx, &purge(), Ids::default(), Duration::ZERO)
                .await
                .unwrap();
            sqlx::query("select pg_notify('jobs', '')")
                .execute(&mut *tx)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
}

fn purge() -> PurgeCdn {
    PurgeCdn {
        tags: vec!["post-0192".into(), "author-0192".into(), "front".into()],
        hard: false,
    }
}
