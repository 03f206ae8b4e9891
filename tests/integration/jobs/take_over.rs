//! Jobs of releases that kept them in tables of a library: they are moved, once, whenever they appear, and what a living worker
//! of such a release holds is left to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use masthead::app::history::migrate_all;
use masthead::db::migrate::{MIGRATIONS, run_set};
use masthead::db::public_id;
use masthead::jobs::{self, Handlers, PurgeCdn, PurgesLeft, Worker};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use super::Queue;
use crate::support::{PATIENCE, fresh_database, until};

/// Tables as the releases before made them, with nothing in them.
const OLD_QUEUE: &str = include_str!("graphile_worker.sql");
/// The first migration of this queue.
const OURS: i64 = 20_261_128_010_101;

const ENQUEUE: &str = "insert into graphile_worker._private_jobs (task_id, payload, max_attempts, run_at)
    select id, $2::json, 12, clock_timestamp() from graphile_worker._private_tasks where identifier = $1";

async fn run(pool: &PgPool, statements: &'static str) {
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

async fn text(pool: &PgPool, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// Kind, attempts, and how it stands, of all jobs in the order of their payloads.
const JOBS: &str = "select coalesce(string_agg(format('%s:%s/%s%s%s', payload ->> 'name', attempts, max_attempts,
        case when failed_at is not null then ' failed' when run_at > now() then ' later' end, coalesce(' ' || last_error, '')),
        ', ' order by payload ->> 'name'), '') from jobs";
const OLD_JOBS: &str =
    "select coalesce(string_agg(payload ->> 'name', ' ' order by payload ->> 'name'), '')
    from graphile_worker._private_jobs";

#[actix_web::test]
async fn what_waits_and_what_failed_is_moved_by_the_migration_and_the_rest_when_its_worker_is_gone()
{
    let owner = fresh_database().await;
    let before = MIGRATIONS.iter().filter(|m| m.version < OURS).cloned();
    let before = Migrator::with_migrations(before.collect());
    run_set(&before, &owner, "masthead_app").await.unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(owner.clone())
        .await
        .unwrap();
    run(&pool, OLD_QUEUE).await;
    run(
        &pool,
        r#"insert into graphile_worker._private_workers (id, last_heartbeat_at) values
               ('living', now()), ('dead', now() - interval '2 minutes');
           insert into graphile_worker._private_jobs (task_id, payload, attempts, max_attempts, run_at, key, locked_at, locked_by,
                                                      last_error) values
               (1, '{"name": "a waits"}', 2, 12, now() - interval '1 minute', null, null, null, 'TaskError("no \"CDN\"\nthere")'),
               (1, '{"name": "b has come"}', 0, 12, now(), null, null, null, null),
               (1, '{"name": "c is for later"}', 0, 12, now() + interval '1 hour', 'c', null, null, null),
               (1, '{"name": "d failed"}', 12, 12, now() - interval '1 minute', 'd', null, null, 'TaskError("no")'),
               (1, '{"name": "e is being done"}', 1, 12, now() - interval '1 hour', null, now() - interval '1 hour', 'living', null),
               (1, '{"name": "f was being done"}', 1, 12, now() - interval '1 hour', null, now() - interval '1 hour', 'dead', null),
               (1, '{"name": "g was the last attempt"}', 12, 12, now() - interval '1 hour', null, now() - interval '1 hour', 'gone', null)"#,
    )
    .await;
    migrate_all(&owner, "masthead_app").await.unwrap();
    let moved = "a waits:2/12 no \"CDN\"\nthere, d failed:12/12 failed no, f was being done:1/12, \
                 g was the last attempt:12/12 failed";
    assert_eq!(text(&pool, JOBS).await, moved);
    assert_eq!(
        text(&pool, OLD_JOBS).await,
        "b has come c is for later e is being done"
    );
    // The old release stops, and gives back what it was doing.
    run(
        &pool,
        "delete from graphile_worker._private_workers where id = 'living';
         update graphile_worker._private_jobs set locked_at = null, locked_by = null, attempts = 0;
         select take_over_graphile_jobs(); select take_over_graphile_jobs()",
    )
    .await;
    assert_eq!(
        text(&pool, JOBS).await,
        "a waits:2/12 no \"CDN\"\nthere, b has come:0/12, c is for later:0/12 later, d failed:12/12 failed no, \
         e is being done:0/12, f was being done:1/12, g was the last attempt:12/12 failed"
    );
    assert_eq!(text(&pool, OLD_JOBS).await, "");
    let keys = "select string_agg(unique_key, ' ') from jobs where unique_key is not null";
    assert_eq!(text(&pool, keys).await, "c");
}

/// A release that is put back knows only its own tables.
#[actix_web::test]
async fn the_way_back_of_the_migrations_loses_no_job() {
    let owner = fresh_database().await;
    migrate_all(&owner, "masthead_app").await.unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(owner.clone())
        .await
        .unwrap();
    run(
        &pool,
        r#"insert into jobs (kind, payload, run_at, unique_key, attempts, max_attempts, worker, leased_until, last_error, failed_at) values
               ('test.trial', '{"name": "a waits"}', now(), 'a', 2, 12, null, null, 'no CDN', null),
               ('test.new', '{"name": "b is for later"}', now() + interval '1 hour', null, 0, 12, null, null, null, null),
               ('test.trial', '{"name": "c failed"}', now(), null, 12, 12, null, null, 'no', now()),
               ('test.trial', '{"name": "d is done for the last time"}', now(), 'd', 12, 12, gen_random_uuid(), now(), null, null),
               ('test.trial', '{"name": "d has another in its place"}', now(), 'd', 0, 12, null, null, null, null),
               ('test.trial', '{"name": "e is done for the last time"}', now(), 'e', 12, 12, gen_random_uuid(), now(), null, null)"#,
    )
    .await;
    let mut conn = owner.connect().await.unwrap();
    let refused = MIGRATIONS.undo(&mut conn, OURS - 1).await.unwrap_err();
    assert!(
        format!("{:#}", anyhow::Error::from(refused)).contains("jobs are left (6)"),
        "jobs would be lost"
    );
    run(&pool, OLD_QUEUE).await;
    MIGRATIONS.undo(&mut conn, OURS - 1).await.unwrap();
    conn.close().await.unwrap();
    let back = "select string_agg(format('%s:%s/%s%s', payload ->> 'name', attempts, max_attempts, ' ' || key),
                                  ', ' order by payload ->> 'name')
                from graphile_worker._private_jobs";
    assert_eq!(
        text(&pool, back).await,
        "a waits:2/12 a, b is for later:0/12, c failed:12/12, d has another in its place:0/12 d, \
         e is done for the last time:11/12 e"
    );
}

#[actix_web::test]
async fn a_site_that_begins_with_this_release_has_no_tables_of_another_queue() {
    let owner = fresh_database().await;
    migrate_all(&owner, "masthead_app").await.unwrap();
    let mut conn = owner.connect().await.unwrap();
    let there: bool = sqlx::query_scalar("select to_regnamespace('graphile_worker') is not null")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert!(!there);
    conn.close().await.unwrap();
}

/// A queue beside the tables of an earlier release.
async fn beside_the_old_queue() -> Queue {
    let queue = Queue::new().await;
    run(&queue.superuser, OLD_QUEUE).await;
    queue
}

#[actix_web::test]
async fn what_an_earlier_release_enqueues_while_this_one_works_is_done() {
    let queue = beside_the_old_queue().await;
    let worker = queue.worker(Vec::new());
    for name in ["one", "two"] {
        sqlx::query(ENQUEUE)
            .bind("test.trial")
            .bind(serde_json::json!({ "name": name, "fails": 0 }))
            .execute(&queue.superuser)
            .await
            .unwrap();
        until(name, PATIENCE, async || {
            queue.runs().contains(&name.to_owned())
        })
        .await;
    }
    until("nothing is left", PATIENCE, async || {
        queue.left().await == 0
    })
    .await;
    assert_eq!(queue.runs(), ["one", "two"]);
    worker.stop().await;
}

#[actix_web::test]
async fn of_many_who_move_the_same_jobs_each_is_moved_once() {
    let queue = beside_the_old_queue().await;
    run(
        &queue.superuser,
        "insert into graphile_worker._private_jobs (task_id, payload)
         select 3, json_build_object('name', n) from generate_series(1, 2000) n",
    )
    .await;
    let moving = (0..4).map(async |_| {
        let mut moved = 0;
        for _ in 0..4 {
            let mut tx = queue.db.begin().await.unwrap();
            let now: i64 = sqlx::query_scalar("select take_over_graphile_jobs(at_most => 300)")
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            moved += now;
        }
        moved
    });
    let moved: i64 = futures_util::future::join_all(moving).await.iter().sum();
    let rest: i64 = sqlx::query_scalar("select take_over_graphile_jobs()")
        .fetch_one(&queue.superuser)
        .await
        .unwrap();
    assert_eq!(moved + rest, 2000);
    let distinct = "select count(distinct payload ->> 'name') from jobs";
    assert_eq!(
        (queue.left().await, queue.number(distinct).await),
        (2000, 2000)
    );
}

#[actix_web::test]
async fn purges_that_lie_in_the_old_queue_count_as_not_done() {
    let queue = beside_the_old_queue().await;
    run(
        &queue.superuser,
        "insert into graphile_worker._private_workers (id, last_heartbeat_at) values ('living', now())",
    )
    .await;
    let action = public_id();
    sqlx::query(ENQUEUE)
        .bind("cdn.purge")
        .bind(serde_json::json!({ "tags": ["post-1"], "hard": true, "transaction_id": action }))
        .execute(&queue.superuser)
        .await
        .unwrap();
    let left = async || {
        let mut conn = queue.db.fresh().await.unwrap();
        jobs::purges_left(&mut conn, action).await.unwrap()
    };
    assert_eq!(left().await, PurgesLeft { due: 1, all: 1 });
    run(
        &queue.superuser,
        "delete from graphile_worker._private_workers; select take_over_graphile_jobs()",
    )
    .await;
    assert_eq!(left().await, PurgesLeft { due: 1, all: 1 });
}

/// A worker of an earlier release: takes, does and ends jobs as the library did, until it dies with what it holds.
async fn old_worker(pool: PgPool, done: Arc<Mutex<Vec<String>>>, dies_after: usize) {
    let beat =
        "insert into graphile_worker._private_workers (id, last_heartbeat_at) values ('old', now())
                on conflict (id) do update set last_heartbeat_at = now()";
    let take = "update graphile_worker._private_jobs set locked_at = now(), locked_by = 'old', attempts = attempts + 1
                where id in (select id from graphile_worker._private_jobs where is_available and run_at <= now()
                             order by priority, run_at limit 4 for update skip locked)
                returning id, payload -> 'tags' ->> 0";
    while done.lock().unwrap().len() < dies_after {
        sqlx::query(beat).execute(&pool).await.unwrap();
        let taken: Vec<(i64, String)> = sqlx::query_as(take).fetch_all(&pool).await.unwrap();
        for (id, tag) in taken.into_iter().skip(1) {
            done.lock().unwrap().push(tag);
            sqlx::query("delete from graphile_worker._private_jobs where id = $1")
                .bind(id)
                .execute(&pool)
                .await
                .unwrap();
        }
        // The first of each four is what it still works at.
        tokio::task::yield_now().await;
    }
    // As if a minute had passed.
    let dead = "update graphile_worker._private_workers set last_heartbeat_at = now() - interval '2 minutes';
                update graphile_worker._private_jobs set locked_at = now() - interval '2 minutes' where locked_at is not null";
    run(&pool, dead).await;
}

#[actix_web::test]
async fn prove_purges_enqueued_in_the_old_queue_during_the_change_are_each_done() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let count = if full { 1000 } else { 100 };
    let queue = beside_the_old_queue().await;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with((*queue.superuser.connect_options()).clone())
        .await
        .unwrap();
    let done: Arc<Mutex<Vec<String>>> = Arc::default();
    let old = tokio::spawn(old_worker(pool.clone(), done.clone(), count / 4));
    let handlers = || {
        let done = done.clone();
        Handlers::default().on(move |purge: PurgeCdn| {
            done.lock().unwrap().extend(purge.tags);
            async { Ok(()) }
        })
    };
    let start = || {
        Worker::start(
            &queue.serving_role,
            queue.db.enqueued(),
            handlers(),
            Vec::new(),
        )
    };
    let mut workers = Vec::new();
    for number in 0..count {
        sqlx::query(ENQUEUE)
            .bind("cdn.purge")
            .bind(serde_json::json!({ "tags": [number.to_string()], "hard": false }))
            .execute(&pool)
            .await
            .unwrap();
        if number % (count / 2) == count / 4 {
            workers.push(start());
        }
    }
    old.await.unwrap();
    let left =
        "select (select count(*) from jobs) + (select count(*) from graphile_worker._private_jobs)";
    until("nothing is left", PATIENCE, async || {
        queue.number(left).await == 0
    })
    .await;
    let distinct: BTreeSet<String> = done.lock().unwrap().iter().cloned().collect();
    assert_eq!(distinct.len(), count);
    for worker in workers {
        worker.stop().await;
    }
}
