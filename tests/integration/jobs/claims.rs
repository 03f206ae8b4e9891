//! How jobs are claimed, held and given up: each by one worker at a time, for as long as that one lives.

use std::sync::Arc;
use std::time::Duration;

use masthead::db::Tx;
use masthead::jobs::{
    self, Backoff, Handlers, Ids, Job, JobSpec, PurgeCdn, Worker, enqueue, enqueue_once,
};
use masthead::metrics::Registry;
use serde::{Deserialize, Serialize};

use super::{Distant, Endless, GATED, Queue, Trial};
use crate::support::{PATIENCE, until};

const HOUR: Duration = Duration::from_secs(3600);

/// Many at a time.
#[derive(Serialize, Deserialize)]
struct Many {
    number: usize,
}

impl Job for Many {
    const SPEC: JobSpec = JobSpec {
        concurrency: 8,
        ..JobSpec::named("test.many")
    };
}

/// A job that fails each time, with the waits of all kinds that say nothing else.
#[derive(Serialize, Deserialize)]
struct Failing {}

impl Job for Failing {
    const SPEC: JobSpec = JobSpec {
        concurrency: 20,
        max_attempts: i16::MAX,
        backoff: Backoff::DEFAULT,
        ..JobSpec::named("test.failing")
    };
}

/// A job that ends its task, and has no second attempt.
#[derive(Serialize, Deserialize)]
struct Panicking {
    word: String,
}

impl Job for Panicking {
    const SPEC: JobSpec = JobSpec {
        max_attempts: 1,
        ..JobSpec::named("test.panicking")
    };
}

/// One after the other.
#[derive(Serialize, Deserialize)]
struct Ranked {
    name: String,
    rank: i16,
}

impl Job for Ranked {
    const SPEC: JobSpec = JobSpec::named("test.ranked");

    fn priority(&self) -> i16 {
        self.rank
    }
}

fn worker(queue: &Queue, handlers: Handlers) -> Worker {
    Worker::start(
        &queue.serving_role,
        queue.db.enqueued(),
        handlers,
        Vec::new(),
    )
}

async fn many(queue: &Queue, count: usize) {
    let mut tx = queue.db.begin().await.unwrap();
    for number in 0..count {
        let job = Many { number };
        enqueue(&mut tx, &job, Ids::default(), Duration::ZERO)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn of_many_workers_each_job_is_claimed_by_one() {
    let queue = Queue::new().await;
    many(&queue, 400).await;
    let handlers = || {
        let runs = queue.runs.clone();
        Handlers::default().on(move |job: Many| {
            runs.lock().unwrap().push(job.number.to_string());
            async { Ok(()) }
        })
    };
    let workers: Vec<Worker> = (0..4).map(|_| worker(&queue, handlers())).collect();
    until("all are done", PATIENCE, async || queue.left().await == 0).await;
    for worker in workers {
        worker.stop().await;
    }
    let mut runs = queue.runs();
    runs.sort();
    let done = runs.len();
    runs.dedup();
    assert_eq!((done, runs.len()), (400, 400));
}

#[actix_web::test]
async fn no_more_of_a_kind_are_done_at_a_time_than_it_says() {
    let queue = Queue::new().await;
    many(&queue, 30).await;
    let (held, free) = (queue.waiting.clone(), queue.gate.clone());
    let handlers = Handlers::default().on(move |_: Many| {
        let free = free.clone();
        held.add_permits(1);
        async move {
            free.notified().await;
            Ok(())
        }
    });
    let worker = worker(&queue, handlers);
    until("as many as may have begun", PATIENCE, async || {
        queue.waiting.available_permits() == 8
    })
    .await;
    let leased = "select count(*) from jobs where worker is not null";
    assert_eq!(queue.number(leased).await, 8);
    for ended in 0..30 {
        assert!(queue.waiting.available_permits() <= 8 + ended);
        queue.gate.notify_one();
        until("its place is taken", PATIENCE, async || {
            queue.waiting.available_permits() >= (8 + ended).min(30)
        })
        .await;
    }
    until("all are done", PATIENCE, async || queue.left().await == 0).await;
    worker.stop().await;
}

/// The worker here looks by itself once an hour.
#[actix_web::test]
async fn a_job_is_taken_at_once_where_it_was_enqueued() {
    let queue = Queue::new().await;
    let worker = queue.worker_polling(HOUR, Vec::new());
    for name in ["first", "second", "third"] {
        queue.trial(name, 0).await;
        until(name, PATIENCE, async || queue.left().await == 0).await;
    }
    assert_eq!(queue.runs(), ["first", "second", "third"]);
    let mut tx = queue.db.begin().await.unwrap();
    once(&mut tx, "the only one").await;
    tx.commit().await.unwrap();
    until("the only one", PATIENCE, async || queue.left().await == 0).await;
    worker.stop().await;
}

async fn once(tx: &mut Tx, name: &str) {
    let job = Trial {
        name: name.to_owned(),
        fails: 0,
    };
    enqueue_once(tx, &job, Ids::default()).await.unwrap();
}

#[actix_web::test]
async fn of_jobs_enqueued_at_the_same_time_of_which_one_is_enough_one_waits() {
    let queue = Queue::new().await;
    for round in 0..20 {
        let names: Vec<String> = (0..6).map(|n| format!("{round}-{n}")).collect();
        let enqueued = names.iter().map(async |name| {
            let mut tx = queue.db.begin().await.unwrap();
            once(&mut tx, name).await;
            tx.commit().await.unwrap();
        });
        futures_util::future::join_all(enqueued).await;
        assert_eq!(queue.left().await, 1);
        let name: String = sqlx::query_scalar("select payload ->> 'name' from jobs")
            .fetch_one(&queue.superuser)
            .await
            .unwrap();
        assert!(names.contains(&name), "{name}");
    }
}

/// The one that is being done may have read what it works on already.
#[actix_web::test]
async fn beside_a_job_that_is_being_done_another_waits_and_takes_its_place_when_it_fails() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    let mut tx = queue.db.begin().await.unwrap();
    let gated = Trial {
        name: "under way".to_owned(),
        fails: GATED,
    };
    enqueue_once(&mut tx, &gated, Ids::default()).await.unwrap();
    tx.commit().await.unwrap();
    until("it has begun", PATIENCE, async || {
        queue.waiting.available_permits() == 1
    })
    .await;
    for name in ["next", "the one after"] {
        let mut tx = queue.db.begin().await.unwrap();
        once(&mut tx, name).await;
        tx.commit().await.unwrap();
    }
    assert_eq!(queue.left().await, 2);
    // It fails with its process.
    drop(worker);
    sqlx::query("update jobs set leased_until = now() where worker is not null")
        .execute(&queue.superuser)
        .await
        .unwrap();
    let worker = queue.worker(Vec::new());
    until("one is done", PATIENCE, async || queue.left().await == 0).await;
    assert_eq!(queue.runs(), ["the one after"]);
    worker.stop().await;
}

#[actix_web::test]
async fn a_job_of_a_dead_process_comes_back_and_has_lost_an_attempt() {
    let queue = Queue::new().await;
    let first = queue.worker(Vec::new());
    queue.ask(&Endless {}).await;
    until("it has begun", PATIENCE, async || {
        queue.waiting.available_permits() == 1
    })
    .await;
    drop(first);
    // Its lease goes on: another worker does others meanwhile.
    let second = queue.worker(Vec::new());
    queue.trial("another", 0).await;
    until("another", PATIENCE, async || queue.left().await == 1).await;
    second.stop().await;
    assert_eq!(queue.waiting.available_permits(), 1);
    let held = "select count(*) from jobs where attempts = 1
                and leased_until between now() + interval '10 seconds' and now() + interval '1 minute'";
    assert_eq!(queue.number(held).await, 1);

    sqlx::query("update jobs set leased_until = now() - interval '1 second'")
        .execute(&queue.superuser)
        .await
        .unwrap();
    let third = queue.worker(Vec::new());
    until("it has begun again", PATIENCE, async || {
        queue.waiting.available_permits() == 2
    })
    .await;
    let again = "select count(*) from jobs where attempts = 2 and last_error like '%died%'";
    assert_eq!(queue.number(again).await, 1);
    drop(third);
}

/// It waits as after any other failure, so that what kills its process does not do so twelve times in a row.
#[actix_web::test]
async fn what_died_with_its_process_waits_as_after_any_failure_and_is_given_up_in_the_end() {
    let queue = Queue::new().await;
    for number in 0..2 {
        queue.ask(&Distant { number }).await;
    }
    let died =
        "update jobs set worker = gen_random_uuid(), leased_until = now() - interval '1 second',
                attempts = case payload ->> 'number' when '0' then 1 else max_attempts end";
    sqlx::query(died).execute(&queue.superuser).await.unwrap();
    let worker = queue.worker(Vec::new());
    until("both are free", PATIENCE, async || {
        queue
            .number("select count(*) from jobs where worker is null")
            .await
            == 2
    })
    .await;
    worker.stop().await;
    let waits =
        "select count(*) from jobs where attempts = 1 and failed_at is null and run_at > now()";
    assert_eq!(queue.number(waits).await, 1);
    let letters = jobs::failed(&mut queue.db.fresh().await.unwrap())
        .await
        .unwrap();
    assert_eq!((letters.len(), letters[0].attempts), (1, 12));
    assert!(letters[0].error.contains("died"), "{}", letters[0].error);
}

/// Of those that come back under one key, the earlier ones give way: two may not wait under it.
#[actix_web::test]
async fn of_two_that_died_under_one_key_the_later_comes_back_and_the_queue_goes_on() {
    let queue = Queue::new().await;
    let died = "insert into jobs (kind, payload, run_at, unique_key, attempts, max_attempts, worker, leased_until)
        select 'test.distant', json_build_object('number', n), now(), 'one key', 1, 12,
               gen_random_uuid(), now() - interval '1 second'
        from generate_series(1, 3) n";
    sqlx::query(died).execute(&queue.superuser).await.unwrap();
    let worker = queue.worker(Vec::new());
    until("one is left, and waits", PATIENCE, async || {
        queue
            .number("select sum(case when worker is null then 1 else 10 end)::bigint from jobs")
            .await
            == 1
    })
    .await;
    let later = "select count(*) from jobs where payload ->> 'number' = '3' and run_at > now()";
    assert_eq!(queue.number(later).await, 1);
    queue.trial("goes on", 0).await;
    until("another is done", PATIENCE, async || {
        queue.runs() == ["goes on"]
    })
    .await;
    worker.stop().await;
}

#[actix_web::test]
async fn a_failure_that_cannot_be_noted_holds_up_no_other_job() {
    let queue = Queue::new().await;
    for statement in [
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$",
        "create trigger refuse before update of run_at on jobs for each row execute function refuse()",
    ] {
        sqlx::query(statement)
            .execute(&queue.superuser)
            .await
            .unwrap();
    }
    let worker = queue.worker(Vec::new());
    queue.ask(&Distant { number: 1 }).await;
    until("it has failed", PATIENCE, async || {
        queue
            .number("select count(*) from jobs where attempts = 1")
            .await
            == 1
            && queue.runs().is_empty()
    })
    .await;
    for name in ["one", "two"] {
        queue.trial(name, 0).await;
        until(name, PATIENCE, async || {
            queue.runs().last().is_some_and(|last| last == name)
        })
        .await;
    }
    drop(worker);
}

#[actix_web::test]
async fn a_heartbeat_keeps_a_job_for_as_long_as_its_process_lives() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    queue.ask(&Endless {}).await;
    until("it has begun", PATIENCE, async || {
        queue.waiting.available_permits() == 1
    })
    .await;
    let shorter = "update jobs set leased_until = now() + interval '20 seconds'";
    sqlx::query(shorter)
        .execute(&queue.superuser)
        .await
        .unwrap();
    let renewed = "select count(*) from jobs where attempts = 1 and leased_until > now() + interval '40 seconds'";
    until("its lease is renewed", PATIENCE, async || {
        queue.number(renewed).await == 1
    })
    .await;
    drop(worker);
}

/// The waits are noted by the database in the moment of each failure.
#[actix_web::test]
async fn waits_are_random_up_to_a_bound_that_doubles_up_to_an_hour() {
    let queue = Queue::new().await;
    for statement in [
        "create table waits (attempts smallint, seconds float8)",
        "create function note_wait() returns trigger language plpgsql security definer as
         $$ begin insert into public.waits values (new.attempts, extract(epoch from new.run_at - clock_timestamp())); return new; end $$",
        "create trigger note_wait after update of run_at on jobs for each row execute function note_wait()",
        "insert into jobs (kind, payload, run_at, attempts, max_attempts)
         select 'test.failing', '{}', now(), attempts, 32767
         from unnest('{0,1,2,10,11,24,32765}'::smallint[]) as attempts, generate_series(1, 40)",
    ] {
        sqlx::query(statement)
            .execute(&queue.superuser)
            .await
            .unwrap();
    }
    let handlers = Handlers::default().on(|_: Failing| async { anyhow::bail!("as always") });
    let worker = worker(&queue, handlers);
    until("each has failed", PATIENCE, async || {
        queue
            .number("select count(distinct id) from jobs where last_error is not null")
            .await
            == 280
    })
    .await;
    worker.stop().await;
    // Some come back at once, so that one more attempt may be there already.
    for (attempt, bound) in [
        (1, 2.0),
        (3, 8.0),
        (11, 2048.0),
        (12, 3600.0),
        (25, 3600.0),
        (32766, 3600.0),
    ] {
        let (least, most): (f64, f64) =
            sqlx::query_as("select min(seconds), max(seconds) from waits where attempts = $1")
                .bind(attempt)
                .fetch_one(&queue.superuser)
                .await
                .unwrap();
        // Of forty, the chance that all are in one half is one in a million millions.
        assert!(
            least < bound / 2.0 && most > bound / 2.0 && most <= bound,
            "after {attempt} attempts: from {least} to {most} of {bound} s"
        );
    }
}

#[actix_web::test]
async fn of_a_kind_what_matters_more_is_done_first_and_then_what_came_first() {
    let queue = Queue::new().await;
    for (name, rank) in [("third", 5), ("first", -3), ("fourth", 5), ("second", 0)] {
        let name = name.to_owned();
        queue.ask(&Ranked { name, rank }).await;
    }
    let runs = queue.runs.clone();
    let handlers = Handlers::default().on(move |job: Ranked| {
        runs.lock().unwrap().push(job.name);
        async { Ok(()) }
    });
    let worker = worker(&queue, handlers);
    until("all are done", PATIENCE, async || queue.left().await == 0).await;
    assert_eq!(queue.runs(), ["first", "second", "third", "fourth"]);
    worker.stop().await;
    let rank = |hard| {
        let tags = Vec::new();
        PurgeCdn { tags, hard }.priority()
    };
    assert!(rank(true) < rank(false), "take-downs go before edits");
}

#[actix_web::test]
async fn a_panic_and_a_payload_that_cannot_be_read_are_failures_with_a_reason() {
    let queue = Queue::new().await;
    queue
        .ask(&Panicking {
            word: "overboard".to_owned(),
        })
        .await;
    let unreadable = "insert into jobs (kind, payload, run_at, max_attempts) values ('test.panicking', '{\"word\": 7}', now(), 1)";
    sqlx::query(unreadable)
        .execute(&queue.superuser)
        .await
        .unwrap();
    let handlers =
        Handlers::default().on(|job: Panicking| async move { panic!("man {}", job.word) });
    let worker = worker(&queue, handlers);
    let failed = async || {
        jobs::failed(&mut queue.db.fresh().await.unwrap())
            .await
            .unwrap()
    };
    until("both are given up", PATIENCE, async || {
        failed().await.len() == 2
    })
    .await;
    let letters = failed().await;
    assert_eq!(letters[0].error, "panicked: man overboard");
    assert!(
        letters[1].error.starts_with("its payload cannot be read"),
        "{}",
        letters[1].error
    );
    worker.stop().await;
}

/// Nothing can be claimed where what is done cannot be settled; what runs meanwhile must not come to count as given up.
#[actix_web::test]
async fn a_heartbeat_gets_through_where_nothing_can_be_claimed() {
    let queue = Queue::new().await;
    let worker = queue.worker(Vec::new());
    queue.ask(&Endless {}).await;
    until("it has begun", PATIENCE, async || {
        queue.waiting.available_permits() == 1
    })
    .await;
    for statement in [
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$",
        "create trigger refuse before update of attempts on jobs for each row execute function refuse()",
        "update jobs set leased_until = now() + interval '20 seconds'",
    ] {
        sqlx::query(statement)
            .execute(&queue.superuser)
            .await
            .unwrap();
    }
    queue.trial("cannot be claimed", 0).await;
    let renewed = "select count(*) from jobs where attempts = 1 and leased_until > now() + interval '40 seconds'";
    until("its lease is renewed", PATIENCE, async || {
        queue.number(renewed).await == 1
    })
    .await;
    assert!(queue.runs().is_empty());
    drop(worker);
}

#[actix_web::test]
async fn attempts_and_dead_letters_are_measured() {
    let queue = Queue::new().await;
    let metrics = Arc::<jobs::Metrics>::default();
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let has = |line: &str| {
        registry
            .scrape()
            .unwrap()
            .lines()
            .any(|found| found == line)
    };
    let handlers = || {
        Handlers::measured(metrics.clone())
            .on(|_: Many| async { Ok(()) })
            .on(|job: Panicking| async move { panic!("man {}", job.word) })
    };
    many(&queue, 3).await;
    let word = "overboard".to_owned();
    queue.ask(&Panicking { word }).await;
    let first = worker(&queue, handlers());
    until("all were tried", PATIENCE, async || {
        has(r#"masthead_job_duration_seconds_count{kind="test.many",outcome="success"} 3"#)
            && has(
                r#"masthead_job_duration_seconds_count{kind="test.panicking",outcome="failure"} 1"#,
            )
    })
    .await;
    assert!(has(
        r#"masthead_job_duration_seconds_count{kind="test.many",outcome="failure"} 0"#
    ));
    first.stop().await;
    // Also where no worker runs.
    metrics.look(&queue.db).await;
    assert!(has("masthead_jobs_failed 1") && has("masthead_jobs_oldest_wait_seconds 0"));
    let hour = "insert into jobs (kind, payload, run_at, max_attempts) values ('test.many', '{}', now() - interval '1 hour', 1)";
    sqlx::query(hour).execute(&queue.superuser).await.unwrap();
    metrics.look(&queue.db).await;
    let waits = registry.scrape().unwrap();
    let waits = waits
        .lines()
        .find_map(|line| line.strip_prefix("masthead_jobs_oldest_wait_seconds "));
    assert!(waits.unwrap().parse::<f64>().unwrap() >= 3600.0);
}
