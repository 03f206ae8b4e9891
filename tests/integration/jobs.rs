//! Background jobs: enqueued with their cause, tried again, given up, taken up again; and one leader for the clock.

mod claims;
mod take_over;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use masthead::db::{Db, PoolSizes, Switches, public_id};
use masthead::jobs::{self, Backoff, Handlers, Ids, Job, JobSpec, Scheduled, Worker, enqueue};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::{Notify, Semaphore};

use crate::support::{PATIENCE, TestApp, database, until};

const QUICK: Backoff = Backoff {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(80),
};

/// A job that fails so many times.
#[derive(Clone, Serialize, Deserialize)]
struct Trial {
    name: String,
    fails: usize,
}

impl Job for Trial {
    const SPEC: JobSpec = JobSpec {
        backoff: QUICK,
        max_attempts: 4,
        ..JobSpec::named("test.trial")
    };
}

/// A job that is asked for by the clock.
#[derive(Serialize, Deserialize)]
struct Chime {}

impl Job for Chime {
    const SPEC: JobSpec = JobSpec::named("test.chime");
}

/// A job that takes longer than it may.
#[derive(Serialize, Deserialize)]
struct Patient {}

impl Job for Patient {
    const SPEC: JobSpec = JobSpec {
        time_limit: Duration::from_millis(200),
        max_attempts: 1,
        ..JobSpec::named("test.patient")
    };
}

/// A job that outlasts every stop.
#[derive(Serialize, Deserialize)]
struct Endless {}

impl Job for Endless {
    const SPEC: JobSpec = JobSpec::named("test.endless");
}

/// A job that fails each time and then waits for up to an hour.
#[derive(Serialize, Deserialize)]
struct Distant {
    number: u32,
}

impl Job for Distant {
    const SPEC: JobSpec = JobSpec {
        concurrency: 4,
        backoff: Backoff {
            base: Duration::from_secs(3600),
            cap: Duration::from_secs(3600),
        },
        ..JobSpec::named("test.distant")
    };
}

/// Instead of failing, such a trial waits at the gate.
const GATED: usize = usize::MAX;

/// A database of its own, and what was done.
struct Queue {
    serving_role: PgConnectOptions,
    db: Db,
    superuser: PgPool,
    /// One entry each time a job ran: its name.
    runs: Arc<Mutex<Vec<String>>>,
    gate: Arc<Notify>,
    /// One permit for each function that began and waits, at the gate or for ever. A row that is locked says less: its job may
    /// still lie in the queue of the process, which a stop gives back.
    waiting: Arc<Semaphore>,
}

impl Queue {
    async fn new() -> Queue {
        let (serving_role, superuser) = database().await;
        let db = Db::open(
            &serving_role,
            &[],
            PoolSizes {
                write: 8,
                fresh: 1,
                read: 1,
            },
            Switches::default(),
        );
        let superuser = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(superuser);
        Queue {
            serving_role,
            db,
            superuser,
            runs: Arc::default(),
            gate: Arc::default(),
            waiting: Arc::new(Semaphore::new(0)),
        }
    }

    /// A process that does jobs; several may be started.
    fn worker(&self, schedule: Vec<Scheduled>) -> Worker {
        self.worker_polling(Duration::from_millis(500), schedule)
    }

    fn worker_polling(&self, poll: Duration, schedule: Vec<Scheduled>) -> Worker {
        let (trials, chimes, gate) = (self.runs.clone(), self.runs.clone(), self.gate.clone());
        let (gated, endless) = (self.waiting.clone(), self.waiting.clone());
        let handlers = Handlers::default()
            .on(move |trial: Trial| {
                let (runs, gate, waiting) = (trials.clone(), gate.clone(), gated.clone());
                async move {
                    if trial.fails == GATED {
                        waiting.add_permits(1);
                        gate.notified().await;
                        runs.lock().unwrap().push(trial.name);
                        return Ok(());
                    }
                    let mut runs = runs.lock().unwrap();
                    runs.push(trial.name.clone());
                    let tried = runs.iter().filter(|name| **name == trial.name).count();
                    anyhow::ensure!(tried > trial.fails, "trial {tried} of \"{}\"", trial.name);
                    Ok(())
                }
            })
            .on(move |_: Chime| {
                let runs = chimes.clone();
                async move {
                    runs.lock().unwrap().push("chime".to_owned());
                    Ok(())
                }
            })
            .on(|_: Distant| async { anyhow::bail!("as always") })
            .on(|_: Patient| async { std::future::pending().await })
            .on(move |_: Endless| {
                endless.add_permits(1);
                async { std::future::pending().await }
            });
        Worker::start_polling(
            poll,
            &self.serving_role,
            self.db.enqueued(),
            handlers,
            schedule,
        )
    }

    async fn ask<J: Job>(&self, job: &J) {
        let mut tx = self.db.begin().await.unwrap();
        enqueue(
            &mut tx,
            job,
            Ids {
                correlation_id: Some(public_id()),
                transaction_id: None,
            },
            Duration::ZERO,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn trial(&self, name: &str, fails: usize) {
        self.ask(&Trial {
            name: name.to_owned(),
            fails,
        })
        .await;
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.superuser)
            .await
            .unwrap()
    }

    async fn left(&self) -> i64 {
        self.number("select count(*) from jobs").await
    }

    fn runs(&self) -> Vec<String> {
        self.runs.lock().unwrap().clone()
    }
}

#[actix_web::test]
async fn a_job_is_there_if_its_transaction_commits() {
    let queue = Queue::new().await;
    let mut tx = queue.db.begin().await.unwrap();
    let job = Trial {
        name: "gone".to_owned(),
        fails: 0,
    };
    enqueue(&mut tx, &job, Ids::default(), Duration::ZERO)
        .await
        .unwrap();
    drop(tx);
    assert_eq!(queue.left().await, 0);
    queue.trial("kept", 0).await;
    let worker = queue.worker(Vec::new());
    until("the job is done", PATIENCE, async || {
        queue.left().await == 0
    })
    .await;
    assert_eq!(queue.runs(), ["kept"]);
    worker.stop().await;
}

#[actix_web::test]
async fn a_job_that_fails_is_tried_again_and_keeps_nobody_waiting() {
    let queue = Queue::new().await;
    queue.trial("stubborn", 3).await;
    for name in ["a", "b", "c"] {
        queue.trial(name, 0).await;
    }
    let worker = queue.worker(Vec::new());
    until("all are done", PATIENCE, async || queue.left().await == 0).await;
    let runs = queue.runs();
    assert_eq!(
        runs.iter().filter(|name| *name == "stubborn").count(),
        4,
        "{runs:?}"
    );
    // One at a time, and the first to fail: had it kept its place, the others would have run after its last try.
    assert_eq!(runs.last().unwrap(), "stubborn", "{runs:?}");
    worker.stop().await;
}

#[actix_web::test]
async fn after_a_failure_the_job_waits_as_long_as_its_kind_says() {
    let queue = Queue::new().await;
    for statement in [
        "create table waits (number bigint generated always as identity, seconds float8)",
        "create function note_wait() returns trigger language plpgsql security definer as
         $$ begin insert into public.waits (seconds) values (extract(epoch from new.run_at - clock_timestamp())); return new; end $$",
        "create trigger note_wait after update of run_at on jobs for each row execute function note_wait()",
    ] {
        sqlx::query(statement).execute(&queue.superuser).await.unwrap();
    }
    let worker = queue.worker(Vec::new());
    queue.trial("stubborn", 3).await;
    until("it is done", PATIENCE, async || queue.left().await == 0).await;
    let short: Vec<bool> = sqlx::query_scalar("select seconds <= 0.08 from waits order by number")
        .fetch_all(&queue.superuser)
        .await
        .unwrap();
    assert_eq!(short, [true, true, true]);
    worker.stop().await;
}

/// By the clock of the database, whatever this machine is busy with: of forty that wait between nothing and an hour, the
/// chance that less than half wait longer than ten minutes is one in a billion.
#[actix_web::test]
async fn jobs_that_failed_together_come_back_one_by_one_over_the_whole_wait() {
    let queue = Queue::new().await;
    for number in 0..40 {
        queue.ask(&Distant { number }).await;
    }
    let worker = queue.worker(Vec::new());
    let failed = "select count(*) from jobs where attempts > 0 and worker is null";
    until("each has failed once", PATIENCE, async || {
        queue.number(failed).await == 40
    })
    .await;
    worker.stop().await;
    let later =
        "select count(*) from jobs where attempts = 1 and run_at > now() + interval '10 minutes'";
    assert!(
        queue.number(later).await >= 20,
        "{}",
        queue.number(later).await
    );
    let moments = "select count(distinct date_trunc('second', run_at)) from jobs";
    assert!(
        queue.number(moments).await >= 30,
        "{}",
        queue.number(moments).await
    );
}

#[actix_web::test]
async fn what_fails_always_is_kept_with_its_reason_and_can_be_retried() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    queue.trial("hopeless", 4).await;
    queue.trial("fine", 0).await;
    let dead = async || {
        jobs::failed(&mut queue.db.fresh().await.unwrap())
            .await
            .unwrap()
    };
    until("it is given up", PATIENCE, async || {
        !dead().await.is_empty()
    })
    .await;
    let letters = dead().await;
    let letter = &letters[0];
    assert_eq!(
        (letters.len(), letter.kind.as_str(), letter.attempts),
        (1, "test.trial", 4)
    );
    assert_eq!(letter.error, "trial 4 of \"hopeless\"");
    assert!(letter.correlation_id.is_some());
    until("the other one is done", PATIENCE, async || {
        queue.left().await == 1
    })
    .await;
    let health = jobs::health(&mut queue.db.fresh().await.unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((health.failed, health.oldest_runnable), (1, None));

    let mut tx = queue.db.begin().await.unwrap();
    assert!(!jobs::retry(&mut tx, letter.id + 1).await.unwrap());
    assert!(jobs::retry(&mut tx, letter.id).await.unwrap());
    tx.commit().await.unwrap();
    until("the retry is done", PATIENCE, async || {
        queue.left().await == 0
    })
    .await;
    assert_eq!(
        queue
            .runs()
            .iter()
            .filter(|name| *name == "hopeless")
            .count(),
        5
    );
    worker.stop().await;
}

#[actix_web::test]
async fn a_retry_of_all_leaves_those_alone_that_still_wait() {
    let queue = Queue::new().await;
    for (name, attempts) in [("dead", 4), ("dead too", 4), ("waiting", 1)] {
        queue.trial(name, 0).await;
        let age = "update jobs set attempts = $1, run_at = now() + interval '1 hour',
                   failed_at = case when $1 = max_attempts then now() end where attempts = 0";
        sqlx::query(age)
            .bind(attempts)
            .execute(&queue.superuser)
            .await
            .unwrap();
    }
    let mut tx = queue.db.begin().await.unwrap();
    assert_eq!(jobs::retry_all(&mut tx).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(
        queue
            .number("select count(*) from jobs where attempts = 0 and run_at <= now()")
            .await,
        2
    );
    assert_eq!(
        queue
            .number("select count(*) from jobs where attempts = 1 and run_at > now()")
            .await,
        1
    );
}

#[actix_web::test]
async fn a_job_that_takes_too_long_has_failed() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    queue.ask(&Patient {}).await;
    let dead = async || {
        jobs::failed(&mut queue.db.fresh().await.unwrap())
            .await
            .unwrap()
    };
    until("it is given up", PATIENCE, async || {
        !dead().await.is_empty()
    })
    .await;
    assert_eq!(dead().await[0].error, "took longer than 200ms");
    worker.stop().await;
}

#[actix_web::test]
async fn a_stop_lets_jobs_finish_and_gives_back_those_that_do_not() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    queue.ask(&Endless {}).await;
    queue.trial("gated", GATED).await;
    until("both have begun", PATIENCE, async || {
        queue.waiting.available_permits() == 2
    })
    .await;
    tokio::join!(worker.stop(), async { queue.gate.notify_one() });
    assert_eq!(queue.runs(), ["gated"]);
    let given_back =
        "select count(*) from jobs where worker is null and attempts = 0 and kind = 'test.endless'";
    assert_eq!((queue.left().await, queue.number(given_back).await), (1, 1));
}

#[actix_web::test]
async fn work_goes_on_after_every_connection_was_cut() {
    let queue = Queue::new().await;
    let worker = queue.worker(vec![Scheduled::every(SECOND, Chime {})]);
    until("the clock is heard", PATIENCE, async || {
        !queue.runs().is_empty()
    })
    .await;
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where datname = current_database() and application_name in ('masthead/jobs', 'masthead/leader')";
    assert!(queue.number(cut).await >= 2);
    queue.trial("after", 0).await;
    until("the job is done", PATIENCE, async || {
        queue.runs().contains(&"after".to_owned())
    })
    .await;
    until("it leads again", PATIENCE, async || {
        queue.number(EPOCH).await >= 2
    })
    .await;
    worker.stop().await;
}

#[actix_web::test]
async fn many_jobs_do_not_wait_for_the_clock() {
    let queue = Queue::new().await;
    for n in 0..200 {
        queue.trial(&n.to_string(), 0).await;
    }
    let worker = queue.worker(Vec::new());
    // One at each look, twice a second, would be done after a hundred seconds.
    until("all are done", PATIENCE, async || queue.left().await == 0).await;
    worker.stop().await;
}

#[actix_web::test]
async fn the_serving_role_cannot_change_the_queue_s_table() {
    let queue = Queue::new().await;
    for statement in [
        "alter table jobs add column mine int",
        "create table mine (id int)",
        "truncate jobs",
    ] {
        let mut tx = queue.db.begin().await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(
            refused
                .as_database_error()
                .and_then(|e| e.code())
                .as_deref(),
            Some("42501"),
            "{statement}: {refused}"
        );
    }
}

const EPOCH: &str = "select coalesce(max(epoch), 0) from leaders";
const SECOND: Duration = Duration::from_secs(1);

/// Ticks of the schedule, in the order of their first enqueuing, with how often each was.
async fn ticks(queue: &Queue) -> BTreeMap<i64, i64> {
    sqlx::query_as::<_, (i64, i64)>("select tick, count(*) from enqueued group by tick")
        .fetch_all(&queue.superuser)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

/// Notes every scheduled job that is ever enqueued, by a trigger.
async fn note_ticks(queue: &Queue) {
    for statement in [
        "create table enqueued (tick bigint)",
        "create function note() returns trigger language plpgsql security definer as
         $$ begin insert into public.enqueued values (split_part(new.unique_key, '@', 2)::bigint); return new; end $$",
        "create trigger note after insert on jobs for each row when (new.unique_key is not null) execute function note()",
    ] {
        sqlx::query(statement).execute(&queue.superuser).await.unwrap();
    }
}

#[actix_web::test]
async fn a_killed_leader_is_followed_by_another_and_no_tick_runs_twice() {
    let queue = Queue::new().await;
    note_ticks(&queue).await;
    let schedule = || vec![Scheduled::every(SECOND, Chime {})];
    let first = queue.worker(schedule());
    until("somebody leads", PATIENCE, async || {
        queue.number(EPOCH).await == 1
    })
    .await;
    let second = queue.worker(schedule());
    until("the clock is heard", PATIENCE, async || {
        ticks(&queue).await.len() >= 3
    })
    .await;
    assert_eq!(queue.number(EPOCH).await, 1);

    drop(first);
    let killed = Instant::now();
    until("the other one leads", PATIENCE, async || {
        queue.number(EPOCH).await >= 2
    })
    .await;
    let before = ticks(&queue).await.len();
    until("the clock is heard again", PATIENCE, async || {
        ticks(&queue).await.len() > before
    })
    .await;
    eprintln!("a new leader after {:?}", killed.elapsed());

    until("all are done", PATIENCE, async || {
        let enqueued: i64 = ticks(&queue).await.values().sum();
        queue.runs().len() as i64 >= enqueued
    })
    .await;
    let ticks = ticks(&queue).await;
    assert!(ticks.values().all(|times| *times == 1), "{ticks:?}");
    second.stop().await;
}

#[actix_web::test]
async fn of_two_who_enqueue_the_same_tick_one_does() {
    let queue = Queue::new().await;
    note_ticks(&queue).await;
    let worker = queue.worker(vec![Scheduled::every(SECOND, Chime {})]);
    until("the clock is heard", PATIENCE, async || {
        !ticks(&queue).await.is_empty()
    })
    .await;
    // Another leader is faster by a moment: it has the next tick and did not commit yet.
    let mut tx = queue.db.begin().await.unwrap();
    let next = "update schedule_ticks set tick = tick + interval '1 second' returning extract(epoch from tick)::bigint";
    let taken: i64 = sqlx::query_scalar(next).fetch_one(&mut *tx).await.unwrap();
    let waits = "select count(*) from pg_stat_activity
                 where datname = current_database() and application_name = 'masthead/leader' and wait_event_type = 'Lock'";
    until("the leader waits for it", PATIENCE, async || {
        queue.number(waits).await == 1
    })
    .await;
    tx.commit().await.unwrap();
    until("the clock goes on", PATIENCE, async || {
        ticks(&queue).await.keys().any(|tick| *tick > taken)
    })
    .await;
    let ticks = ticks(&queue).await;
    assert!(!ticks.contains_key(&taken), "{taken} in {ticks:?}");
    worker.stop().await;
}

#[actix_web::test]
async fn a_leader_of_the_past_is_refused() {
    let queue = Queue::new().await;
    note_ticks(&queue).await;
    let worker = queue.worker(vec![Scheduled::every(SECOND, Chime {})]);
    until("the clock is heard", PATIENCE, async || {
        ticks(&queue).await.len() >= 2
    })
    .await;
    // As if it had slept, and another one had taken over meanwhile.
    sqlx::query("update leaders set epoch = epoch + 1, node = 'other', until = now() + interval '6 seconds'")
        .execute(&queue.superuser)
        .await
        .unwrap();
    let before = ticks(&queue).await.len();
    until("the other lease is over", PATIENCE, async || {
        let heard = ticks(&queue).await.len();
        // Asked for by its node: the moment between its lease and the next one is short.
        let led = queue
            .number("select count(*) from leaders where node = 'other' and until > now()")
            .await
            > 0;
        assert!(!led || heard == before, "a tick of a leader of the past");
        !led
    })
    .await;
    until("it leads again, in a later epoch", PATIENCE, async || {
        queue.number(EPOCH).await == 3
    })
    .await;
    until("the clock is heard again", PATIENCE, async || {
        ticks(&queue).await.len() > before
    })
    .await;
    worker.stop().await;
}

#[actix_web::test]
async fn a_leader_that_stops_hands_over_at_once() {
    let queue = Queue::new().await;
    let first = queue.worker(Vec::new());
    until("somebody leads", PATIENCE, async || {
        queue.number(EPOCH).await == 1
    })
    .await;
    first.stop().await;
    assert_eq!(
        queue
            .number("select count(*) from leaders where until > clock_timestamp()")
            .await,
        0
    );
    let second = queue.worker(Vec::new());
    until("the next one leads", PATIENCE, async || {
        queue.number(EPOCH).await == 2
    })
    .await;
    second.stop().await;
}

#[actix_web::test]
async fn sessions_that_ended_are_pruned_by_the_clock() {
    let app = TestApp::new().await;
    app.author("ann").await;
    app.author("ben").await;
    sqlx::query("update sessions set expires_at = now() - interval '1 second' where user_id = (select id from users where username = 'ann')")
        .execute(&app.database)
        .await
        .unwrap();
    let before = app.count("select count(*) from sessions").await;
    let worker = app.start_worker();
    until("the ended session is gone", PATIENCE, async || {
        app.count("select count(*) from sessions where expires_at < now()")
            .await
            == 0
    })
    .await;
    assert_eq!(app.count("select count(*) from sessions").await, before - 1);
    worker.stop().await;
}

#[actix_web::test]
async fn what_nodes_may_still_have_to_read_is_not_pruned() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("Old", "Text.").await;
    for statement in [
        "update cache_invalidations set at = at - interval '25 hours'",
        "update commit_marks set at = at - interval '25 hours'",
        "insert into cache_nodes (node, name, seen_at) values
             (gen_random_uuid(), 'long gone', now() - interval '25 hours'), (gen_random_uuid(), 'away', now() - interval '23 hours')",
    ] {
        sqlx::query(statement).execute(&app.database).await.unwrap();
    }
    ann.publish("Young", "Text.").await;
    sqlx::query("update cache_invalidations set at = at - interval '23 hours' where at > now() - interval '1 hour'")
        .execute(&app.database)
        .await
        .unwrap();
    let invalidations = async || {
        app.count("select count(*) from cache_invalidations where at > now() - interval '24 hours'")
            .await
    };
    let marks = async || {
        app.count("select count(*) from commit_marks where at > now() - interval '24 hours'")
            .await
    };
    let young = (invalidations().await, marks().await);
    assert!(young.0 > 0 && young.1 > 0);
    masthead::cache::PruneInvalidations {}
        .run(&app.db())
        .await
        .unwrap();
    // The job's own transaction leaves a mark, too.
    assert_eq!(invalidations().await, young.0);
    assert!(marks().await >= young.1);
    assert_eq!(
        app.count("select count(*) from cache_invalidations").await,
        young.0
    );
    assert_eq!(
        app.count("select count(*) from commit_marks").await,
        marks().await
    );
    assert_eq!(
        app.text("select string_agg(name, ' ') from cache_nodes")
            .await,
        "away"
    );
}
