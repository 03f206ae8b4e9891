//! Saving and reading again, over and over: the own text is always there, and mostly it comes from a replica.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Actor, Cluster, PATIENCE, TestApp, rounds, until};

/// A writer who saves at one node and reads at another, which keeps nothing in memory.
struct Pair {
    ann: Actor,
    reads_at: TestApp,
    id: String,
    path: String,
    number: u64,
}

impl Pair {
    async fn on(cluster: &Cluster) -> Pair {
        let (a, b) = (
            cluster.node(|_| {}).await,
            super::without_memory(cluster).await,
        );
        a.set_up().await;
        let mut ann = a.author("ann").await;
        let post = ann.publish("Number 0", "Text.").await;
        Pair {
            ann,
            reads_at: b,
            id: post.id,
            path: post.path,
            number: 0,
        }
    }

    /// Saves a new title and reads the page. Whether that shows an older one.
    async fn save_and_read(&mut self) -> bool {
        self.number += 1;
        let (title, version) = (format!("Number {}", self.number), self.number.to_string());
        let form = [
            ("id", self.id.as_str()),
            ("kind", "post"),
            ("version", &version),
            ("title", &title),
            ("markdown", "Text."),
            ("action", "publish"),
        ];
        self.ann
            .post(&format!("/p/{}/edit", self.id), &form)
            .await
            .assert_status(303);
        let page = self.ann.at(&self.reads_at).get(&self.path).await;
        page.assert_status(200);
        page.one("h1") != title
    }

    fn sticky(&self) -> (f64, f64) {
        let of = |by: &str| {
            self.reads_at.metric(&format!(
                "masthead_db_read_your_writes_total{{by=\"{by}\"}}"
            ))
        };
        (of("replica") + of("replica_after_wait"), of("primary"))
    }

    /// How many of the reads since `before` a replica answered, in percent.
    fn share_since(&self, before: (f64, f64)) -> f64 {
        let now = self.sticky();
        let (replica, primary) = (now.0 - before.0, now.1 - before.1);
        100.0 * replica / (replica + primary).max(1.0)
    }
}

#[actix_web::test]
async fn a_server_that_has_replayed_exactly_up_to_the_cookie_shows_the_change() {
    let mut cluster = Cluster::start().await;
    let app = cluster.node(|_| {}).await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    // Receives what follows, and does not apply it before it knows where to stop.
    cluster.servers.pause(2).await.unwrap();
    let post = ann.publish("Up to here", "Text.").await;
    let token = ann.cookie("ryw").unwrap().to_owned();
    let lsn = u64::from_str_radix(token.split('.').nth(2).unwrap(), 16).unwrap();
    ann.edit(&post.id, &[("title", "And further")], "publish")
        .await
        .assert_status(303);
    cluster.until_received(2).await;
    for (name, value) in [
        (
            "recovery_target_lsn",
            format!("{:X}/{:X}", lsn >> 32, lsn & u64::from(u32::MAX)),
        ),
        // The record that begins there is the first one that is not applied.
        ("recovery_target_inclusive", "off".into()),
        ("recovery_target_action", "pause".into()),
    ] {
        cluster.servers.set(2, name, &value).await.unwrap();
    }
    cluster.servers.kill(2);
    cluster.servers.start_again(2).unwrap();
    until("it has stopped there", PATIENCE, async || {
        cluster.stands_still(2).await
    })
    .await;
    assert_eq!(
        (
            cluster.title_on(2, &post.id).await.as_str(),
            cluster.is_public_on(2, &post.id).await
        ),
        ("Up to here", true)
    );
}

#[actix_web::test]
async fn prove_own_writes_are_never_missed() {
    let loops = rounds(60, 10_000);
    let cluster = Cluster::start().await;
    let mut pair = Pair::on(&cluster).await;
    let mut stale = 0;
    let before = pair.sticky();
    for _ in 0..loops / 3 {
        stale += u64::from(pair.save_and_read().await);
    }
    let idle = pair.share_since(before);

    let load = Load::start(&cluster, 500).await;
    let before = pair.sticky();
    for _ in 0..loops / 3 {
        stale += u64::from(pair.save_and_read().await);
    }
    let busy = pair.share_since(before);
    let reached = load.stop();

    // One replica a minute and a half behind, the other somewhere up to 150 ms.
    cluster.servers.lag(1, 90_000).await.unwrap();
    until("it is left", PATIENCE, async || {
        pair.reads_at.metric("masthead_db_in_rotation") == 1.0
    })
    .await;
    let before = pair.sticky();
    for number in 0..loops - 2 * (loops / 3) {
        if number % 20 == 0 {
            cluster
                .servers
                .lag(2, rand::random_range(0..150))
                .await
                .unwrap();
        }
        stale += u64::from(pair.save_and_read().await);
    }
    let lagging = pair.share_since(before);
    println!(
        "{loops} saves read again: {stale} stale; from replicas {idle:.0} % idle, {busy:.0} % beside {reached:.0} other \
         transactions a second, {lagging:.0} % with one replica 90 s behind and the other up to 150 ms"
    );
    assert_eq!(stale, 0);
}

/// Other people's transactions on the primary, at even intervals.
struct Load {
    ended: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    began: Instant,
}

impl Load {
    async fn start(cluster: &Cluster, per_second: u64) -> Load {
        const WRITERS: u64 = 4;
        let options = cluster
            .servers
            .connect_options(0, masthead::db::embedded::Role::Superuser);
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(WRITERS as u32)
            .connect_with(options)
            .await
            .unwrap();
        sqlx::query("create table load (id bigint generated always as identity, text text)")
            .execute(&pool)
            .await
            .unwrap();
        let load = Load {
            ended: Arc::default(),
            count: Arc::default(),
            began: Instant::now(),
        };
        for _ in 0..WRITERS {
            let (pool, ended, count) = (pool.clone(), load.ended.clone(), load.count.clone());
            tokio::spawn(async move {
                let mut due =
                    tokio::time::interval(Duration::from_micros(1_000_000 * WRITERS / per_second));
                while !ended.load(Ordering::Relaxed) {
                    due.tick().await;
                    let insert = "insert into load (text) select repeat('text ', 20) from generate_series(1, 10)";
                    if sqlx::query(insert).execute(&pool).await.is_ok() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        load
    }

    /// How many it were a second.
    fn stop(self) -> f64 {
        self.ended.store(true, Ordering::Relaxed);
        self.count.load(Ordering::Relaxed) as f64 / self.began.elapsed().as_secs_f64()
    }
}
