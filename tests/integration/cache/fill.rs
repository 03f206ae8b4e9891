//! One load for many, no old page for good, and no more memory than was given: the cache by itself, with pages that
//! come from a number instead of a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use masthead::cache::{Cache, CacheOutcome, Lifetimes, Load, LoadError, Public, Settings};
use masthead::db::{CacheTag, Db, PoolSizes, Switches};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Semaphore;

use crate::support::{PATIENCE, rounds, until};

struct Memory {
    cache: Cache,
    db: Db,
}

fn memory(bytes: u64, lifetimes: Lifetimes) -> Memory {
    // Never connected: nothing here reads from it.
    let db = Db::open(
        &PgConnectOptions::new_without_pgpass(),
        &[],
        PoolSizes {
            write: 1,
            fresh: 1,
            read: 1,
        },
        Switches::default(),
    );
    let settings = Settings {
        bytes,
        lifetimes,
        compress_first: false,
        missing: Box::new(|| "nothing".into()),
        missing_tags: Vec::new(),
    };
    Memory {
        cache: Cache::new(settings, db.clone()),
        db,
    }
}

fn ample() -> Memory {
    memory(64 << 20, Lifetimes::default())
}

impl Memory {
    /// What a commit does after it.
    fn invalidate(&self, tag: &CacheTag) {
        self.db
            .invalidations()
            .versions
            .bump([tag].into_iter(), [].into_iter(), None);
    }

    fn take_down(&self, tag: &CacheTag) {
        self.db
            .invalidations()
            .versions
            .bump([].into_iter(), [tag].into_iter(), None);
    }

    async fn get(&self, key: &str, load: &Load) -> Result<(String, CacheOutcome), LoadError> {
        let served = self.cache.get(key, "/test", load.clone()).await?;
        let body = &served
            .entry
            .representation(masthead::cache::http::encoding::Encoding::Identity)
            .body;
        Ok((String::from_utf8(body.to_vec()).unwrap(), served.outcome))
    }
}

fn page(text: impl Into<String>, tag: &CacheTag) -> Public {
    Public::document(text.into(), "text/plain", [tag.clone()])
}

fn load<F>(make: impl Fn() -> F + Send + Sync + 'static) -> Load
where
    F: Future<Output = Result<Public, LoadError>> + Send + 'static,
{
    Arc::new(move |_| Box::pin(make()))
}

fn down() -> LoadError {
    LoadError {
        unavailable: true,
        cause: Arc::new(anyhow::anyhow!("away")),
    }
}

/// Pairs of a load and an edit that race on two threads. The load reads, then dawdles; the edit commits, dawdles and
/// invalidates. Afterwards nobody may find the old page, however the two met.
#[test]
fn prove_an_edit_that_races_a_load_leaves_no_old_page() {
    let pairs = rounds(4_000, 100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (stale, met) = runtime.block_on(race(pairs));
    println!(
        "{pairs} pairs of edit and load, in {met} the load read the old state: {stale} stale for good"
    );
    assert!(met > 0, "the two never met: the race proves nothing");
    assert_eq!(stale, 0);
    let (stale, _) = runtime.block_on(race_without_fences(pairs.min(4_000)));
    println!(
        "the same with moka's get_with and invalidate: {stale} of {} stale for good",
        pairs.min(4_000)
    );
    assert!(
        stale > 0,
        "the race does not reach the window that tag versions close"
    );
}

async fn race(pairs: u64) -> (u64, u64) {
    let memory = Arc::new(ample());
    let (mut stale, mut met) = (0, 0);
    for number in 0..pairs {
        let (key, tag) = (
            format!("/race/{}", number % 64),
            CacheTag::new("at", (number % 64).to_string().as_str()),
        );
        // The key is old from the round before.
        memory.invalidate(&tag);
        let state = Arc::new(AtomicU64::new(0));
        let reads = load({
            let (state, tag) = (state.clone(), tag.clone());
            move || {
                let (state, tag) = (state.clone(), tag.clone());
                async move {
                    let read = state.load(Ordering::SeqCst);
                    dawdle(number % 7).await;
                    Ok(page(read.to_string(), &tag))
                }
            }
        });
        let loading = tokio::spawn({
            let (memory, key, reads) = (memory.clone(), key.clone(), reads.clone());
            async move { memory.get(&key, &reads).await.unwrap().0 }
        });
        let editing = tokio::spawn({
            let (memory, tag) = (memory.clone(), tag.clone());
            async move {
                dawdle(number % 3).await;
                state.store(1, Ordering::SeqCst);
                dawdle(number % 5).await;
                memory.invalidate(&tag);
            }
        });
        editing.await.unwrap();
        // From here on the edit is acknowledged, whether the load has ended or not.
        stale += u64::from(memory.get(&key, &reads).await.unwrap().0 != "1");
        met += u64::from(loading.await.unwrap() == "0");
        stale += u64::from(memory.get(&key, &reads).await.unwrap().0 != "1");
    }
    (stale, met)
}

/// The same race against the calls that this house forbids.
async fn race_without_fences(pairs: u64) -> (u64, u64) {
    let map: moka::future::Cache<u64, u64> = moka::future::Cache::new(10_000);
    let mut stale = 0;
    for number in 0..pairs {
        let state = Arc::new(AtomicU64::new(0));
        let loading = tokio::spawn({
            let (map, state) = (map.clone(), state.clone());
            async move {
                let made = async {
                    let read = state.load(Ordering::SeqCst);
                    dawdle(number % 7).await;
                    read
                };
                map.get_with(number, made).await
            }
        });
        let editing = tokio::spawn({
            let (map, state) = (map.clone(), state.clone());
            async move {
                dawdle(number % 3).await;
                state.store(1, Ordering::SeqCst);
                dawdle(number % 5).await;
                map.invalidate(&number).await;
            }
        });
        editing.await.unwrap();
        loading.await.unwrap();
        stale += u64::from(
            map.get_with(number, async { state.load(Ordering::SeqCst) })
                .await
                != 1,
        );
    }
    (stale, pairs)
}

async fn dawdle(turns: u64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// A page that is made only when it may be: each load takes a permit. It shows `text`.
struct Gated {
    load: Load,
    loads: Arc<AtomicU64>,
    gate: Arc<Semaphore>,
    text: Arc<AtomicU64>,
}

fn gated(tag: &CacheTag) -> Gated {
    let (loads, gate, text) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(Semaphore::new(0)),
        Arc::new(AtomicU64::new(1)),
    );
    let made = load({
        let (loads, gate, text, tag) = (loads.clone(), gate.clone(), text.clone(), tag.clone());
        move || {
            loads.fetch_add(1, Ordering::SeqCst);
            let (gate, text, tag) = (gate.clone(), text.load(Ordering::SeqCst), tag.clone());
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(page(text.to_string(), &tag))
            }
        }
    });
    Gated {
        load: made,
        loads,
        gate,
        text,
    }
}

/// Scenario 30: a thousand people at a cold page make one load.
#[actix_web::test]
async fn a_herd_at_a_cold_page_makes_one_load() {
    let memory = Arc::new(ample());
    let Gated {
        load: waits,
        loads,
        gate,
        ..
    } = gated(&CacheTag::singleton("site"));
    let herd: Vec<_> = (0..1000)
        .map(|_| {
            let (memory, waits) = (memory.clone(), waits.clone());
            tokio::spawn(async move { memory.get("/cold", &waits).await })
        })
        .collect();
    until("the load begins", PATIENCE, async || {
        loads.load(Ordering::SeqCst) > 0
    })
    .await;
    gate.add_permits(1);
    let answers: Vec<_> = join_all(herd)
        .await
        .into_iter()
        .map(|done| done.unwrap().unwrap().1)
        .collect();
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(
        answers
            .iter()
            .filter(|outcome| matches!(outcome, CacheOutcome::Miss { .. }))
            .count(),
        1
    );
    assert_eq!(memory.cache.counters().collapsed.get(), 999);
}

#[actix_web::test]
async fn a_reader_who_leaves_does_not_take_the_page_along() {
    let memory = Arc::new(ample());
    let Gated {
        load: waits,
        loads,
        gate,
        ..
    } = gated(&CacheTag::singleton("site"));
    let impatient = tokio::spawn({
        let (memory, waits) = (memory.clone(), waits.clone());
        async move { memory.get("/slow", &waits).await }
    });
    until("the load begins", PATIENCE, async || {
        loads.load(Ordering::SeqCst) > 0
    })
    .await;
    impatient.abort();
    let _ = impatient.await;
    gate.add_permits(1);
    assert_eq!(memory.get("/slow", &waits).await.unwrap().0, "1");
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_load_that_panics_is_an_error_and_the_next_one_works() {
    let memory = ample();
    let broken = Arc::new(AtomicBool::new(true));
    let panics = load({
        let broken = broken.clone();
        move || {
            let broken = broken.clone();
            async move {
                assert!(!broken.load(Ordering::SeqCst), "planted");
                Ok(page("well", &CacheTag::singleton("site")))
            }
        }
    });
    assert!(
        !memory
            .get("/panics", &panics)
            .await
            .unwrap_err()
            .unavailable
    );
    broken.store(false, Ordering::SeqCst);
    assert_eq!(memory.get("/panics", &panics).await.unwrap().0, "well");
}

/// A page whose source can fail, and how often it was asked.
struct Source {
    load: Load,
    loads: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
    text: Arc<AtomicU64>,
}

fn source(tag: &CacheTag) -> Source {
    let (loads, fails, text) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(1)),
    );
    let made = load({
        let (loads, fails, text, tag) = (loads.clone(), fails.clone(), text.clone(), tag.clone());
        move || {
            loads.fetch_add(1, Ordering::SeqCst);
            let (fails, text, tag) = (
                fails.load(Ordering::SeqCst),
                text.load(Ordering::SeqCst),
                tag.clone(),
            );
            async move {
                tokio::task::yield_now().await;
                if fails {
                    Err(down())
                } else {
                    Ok(page(text.to_string(), &tag))
                }
            }
        }
    });
    Source {
        load: made,
        loads,
        fails,
        text,
    }
}

#[actix_web::test]
async fn an_error_is_shared_by_those_who_wait_and_then_left_alone_for_a_while() {
    let memory = Arc::new(ample());
    let tag = CacheTag::singleton("site");
    let source = source(&tag);
    source.fails.store(true, Ordering::SeqCst);
    let all = join_all((0..50).map(|_| memory.get("/broken", &source.load))).await;
    assert!(
        all.iter()
            .all(|answer| answer.as_ref().is_err_and(|fault| fault.unavailable))
    );
    assert_eq!(
        source.loads.load(Ordering::SeqCst),
        1,
        "one load for all, and none again at once"
    );
    source.fails.store(false, Ordering::SeqCst);
    until("it is tried again", PATIENCE, async || {
        memory.get("/broken", &source.load).await.is_ok()
    })
    .await;
}

#[actix_web::test]
async fn an_old_copy_is_shown_while_there_is_no_new_one_unless_it_was_taken_down() {
    let memory = ample();
    let tag = CacheTag::new("author", "ann");
    let source = source(&tag);
    assert_eq!(memory.get("/page", &source.load).await.unwrap().0, "1");
    source.text.store(2, Ordering::SeqCst);
    source.fails.store(true, Ordering::SeqCst);
    memory.invalidate(&tag);
    assert_eq!(
        memory.get("/page", &source.load).await.unwrap(),
        ("1".to_owned(), CacheOutcome::Stale)
    );
    memory.take_down(&tag);
    assert!(memory.get("/page", &source.load).await.is_err());
    memory.invalidate(&tag);
    assert!(
        memory.get("/page", &source.load).await.is_err(),
        "a later edit does not bring it back"
    );
    source.fails.store(false, Ordering::SeqCst);
    until("it is made anew", PATIENCE, async || {
        memory
            .get("/page", &source.load)
            .await
            .is_ok_and(|(text, _)| text == "2")
    })
    .await;
}

/// A failure is left alone for a while, but not through an edit: its author must see it.
#[actix_web::test]
async fn an_edit_ends_the_waiting_after_a_failure() {
    let memory = ample();
    let tag = CacheTag::new("author", "ann");
    let source = source(&tag);
    memory.get("/page", &source.load).await.unwrap();
    memory.invalidate(&tag);
    source.fails.store(true, Ordering::SeqCst);
    assert_eq!(
        memory.get("/page", &source.load).await.unwrap().1,
        CacheOutcome::Stale
    );
    source.fails.store(false, Ordering::SeqCst);
    source.text.store(2, Ordering::SeqCst);
    memory.invalidate(&tag);
    assert_eq!(
        memory.get("/page", &source.load).await.unwrap().0,
        "2",
        "at once, although a failure was a moment ago"
    );
}

/// Who has an old copy to show does not wait for ever, and the new page is made all the same.
#[actix_web::test]
async fn a_slow_page_is_renewed_although_nobody_waits_for_it() {
    let memory = ample();
    let tag = CacheTag::new("author", "ann");
    let Gated {
        load: made,
        gate,
        text,
        ..
    } = gated(&tag);
    gate.add_permits(1);
    memory.get("/page", &made).await.unwrap();
    text.store(2, Ordering::SeqCst);
    memory.invalidate(&tag);
    assert_eq!(
        memory.get("/page", &made).await.unwrap(),
        ("1".to_owned(), CacheOutcome::Stale)
    );
    gate.add_permits(1);
    until("the slow page is there", PATIENCE, async || {
        memory.get("/page", &made).await.unwrap() == ("2".to_owned(), CacheOutcome::Hit)
    })
    .await;
}

/// Rule B6: a page that changes faster than it can be made is made once for all who wait, not once for each.
#[actix_web::test]
async fn a_storm_of_changes_does_not_queue_loads() {
    let memory = Arc::new(ample());
    let tag = CacheTag::singleton("posts");
    let loads = Arc::new(AtomicU64::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let overtaken = load({
        let (memory, loads, gate, tag) = (
            Arc::downgrade(&memory),
            loads.clone(),
            gate.clone(),
            tag.clone(),
        );
        move || {
            let (memory, gate, tag) = (memory.clone(), gate.clone(), tag.clone());
            loads.fetch_add(1, Ordering::SeqCst);
            async move {
                gate.acquire().await.unwrap().forget();
                // While it was made, it was changed again.
                memory.upgrade().unwrap().invalidate(&tag);
                Ok(page("overtaken", &tag))
            }
        }
    });
    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let (memory, overtaken) = (memory.clone(), overtaken.clone());
            tokio::spawn(async move { memory.get("/front", &overtaken).await.unwrap().1 })
        })
        .collect();
    until("all wait", PATIENCE, async || {
        loads.load(Ordering::SeqCst) == 1 && waiting.iter().all(|task| !task.is_finished())
    })
    .await;
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1000);
    let answers: Vec<CacheOutcome> = join_all(waiting)
        .await
        .into_iter()
        .map(|how| how.unwrap())
        .collect();
    assert_eq!(
        loads.load(Ordering::SeqCst),
        1,
        "one load for everybody who was there before it ended"
    );
    assert!(
        answers.iter().all(|how| *how == CacheOutcome::Superseded),
        "and nobody may share it on"
    );
    // Who comes now asks for what is true now.
    memory.get("/front", &overtaken).await.unwrap();
    assert_eq!(loads.load(Ordering::SeqCst), 2);
}

/// Scenario 33: a page that is always asked for is made anew about once a lifetime, and nobody waits for it.
#[actix_web::test]
async fn nobody_waits_for_a_page_that_is_asked_for_all_the_time() {
    let soft = Duration::from_millis(300);
    let memory = memory(
        1 << 20,
        Lifetimes {
            soft,
            ..Lifetimes::default()
        },
    );
    let source = source(&CacheTag::singleton("site"));
    memory.get("/hot", &source.load).await.unwrap();
    let began = Instant::now();
    until(
        "it is made anew four times",
        Duration::from_secs(30),
        async || {
            let (_, outcome) = memory.get("/hot", &source.load).await.unwrap();
            assert_eq!(outcome, CacheOutcome::Hit);
            memory.cache.counters().refreshes.get() >= 4
        },
    )
    .await;
    // A lifetime is nine tenths of what it says at the least, so more than so many do not fit into the time it took.
    let lifetimes = began.elapsed().as_secs_f64() / soft.mul_f64(0.85).as_secs_f64();
    let refreshes = memory.cache.counters().refreshes.get();
    assert!(
        refreshes as f64 <= lifetimes + 1.0,
        "{refreshes} refreshes in {lifetimes:.1} lifetimes"
    );
    assert_eq!(memory.cache.counters().misses.get(), 1);
    assert_eq!(memory.cache.counters().drift.get(), 0);
}

/// A change that nobody announces is found by the comparison, counted, and repaired.
#[actix_web::test]
async fn an_unannounced_change_is_found_counted_and_repaired() {
    let memory = memory(
        1 << 20,
        Lifetimes {
            soft: Duration::from_millis(20),
            ..Lifetimes::default()
        },
    );
    let tag = CacheTag::new("author", "ann");
    let source = source(&tag);
    memory.get("/page", &source.load).await.unwrap();
    source.text.store(2, Ordering::SeqCst);
    until("the drift is counted", PATIENCE, async || {
        memory.get("/page", &source.load).await.unwrap();
        memory.cache.counters().drift.get() == 1
    })
    .await;
    assert_eq!(memory.get("/page", &source.load).await.unwrap().0, "2");
    // One that was announced is none.
    source.text.store(3, Ordering::SeqCst);
    memory.invalidate(&tag);
    assert_eq!(memory.get("/page", &source.load).await.unwrap().0, "3");
    let before = memory.cache.counters().refreshes.get();
    until("more refreshes", PATIENCE, async || {
        memory.get("/page", &source.load).await.unwrap();
        memory.cache.counters().refreshes.get() > before + 2
    })
    .await;
    assert_eq!(memory.cache.counters().drift.get(), 1);
}

/// A crawl of very many addresses never takes more than was given.
#[test]
fn prove_a_crawl_stays_inside_the_memory() {
    let pages = rounds(20_000, 1_000_000);
    let limit = 8 << 20;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let most = runtime.block_on(async {
        let memory = Arc::new(memory(limit, Lifetimes::default()));
        let crawlers: Vec<_> = (0..4)
            .map(|crawler| {
                let memory = memory.clone();
                tokio::spawn(async move { crawl(&memory, crawler, pages / 4, limit).await })
            })
            .collect();
        join_all(crawlers)
            .await
            .into_iter()
            .map(|most| most.unwrap())
            .max()
            .unwrap()
    });
    println!("{pages} addresses of 3 kB: at most {most} of {limit} bytes resident");
    assert!(most > limit / 2, "the memory was not even used: {most}");
}

async fn crawl(memory: &Memory, crawler: u64, pages: u64, limit: u64) -> u64 {
    let mut most = 0;
    for number in 0..pages {
        let text = load(move || async move {
            Ok(page(
                "x".repeat(3000),
                &CacheTag::new("at", number.to_string().as_str()),
            ))
        });
        memory
            .get(&format!("/{crawler}/{number}"), &text)
            .await
            .unwrap();
        let resident = memory.cache.resident();
        // What is being answered right now, by four crawlers and the compression behind them, is not stored yet.
        assert!(
            resident <= limit + 8 * 5000,
            "{resident} bytes at page {number}"
        );
        most = most.max(resident);
    }
    most
}
