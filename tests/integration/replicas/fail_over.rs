//! The primary dies in the middle of writing, a replica takes its place: what was acknowledged is there.

use std::time::{Duration, Instant};

use masthead::db::embedded::Durability;

use crate::support::{Actor, Cluster, PATIENCE, rounds, until};

const SOON: Duration = PATIENCE;

#[actix_web::test]
async fn prove_a_fail_over_loses_nothing_that_was_acknowledged() {
    let fail_overs = rounds(1, 20);
    let (mut acknowledged, mut lost, mut writable) = (0, 0, Vec::new());
    for round in 0..fail_overs {
        let (saved, missing, after) = fail_over(round).await;
        acknowledged += saved;
        lost += missing;
        writable.push(after);
    }
    writable.sort();
    println!(
        "{fail_overs} fail-overs with a synchronous standby: {acknowledged} acknowledged saves, {lost} lost; first save after \
         the promotion: median {:.1} s, longest {:.1} s",
        writable[writable.len() / 2].as_secs_f64(),
        writable[writable.len() - 1].as_secs_f64(),
    );
    assert_eq!(lost, 0);
}

/// Acknowledged and lost saves, and how long after the promotion the next one was taken.
async fn fail_over(round: u64) -> (usize, usize, Duration) {
    let mut cluster = Cluster::with(Durability::Durable).await;
    cluster.servers.wait_for_any_of(&[1, 2]).await.unwrap();
    let app = cluster.node(|_| {}).await;
    app.follow().await;
    app.set_up().await;
    let mut writers = Vec::new();
    for number in 0..4 {
        writers.push(app.author(&format!("writer{number}")).await);
    }
    let stop = std::cell::Cell::new(false);
    let work = async {
        let storm = writers.iter_mut().map(|writer| drafts(writer, &stop));
        futures_util::future::join_all(storm).await
    };
    let murder = async {
        let enough = 20 + round % 30;
        until("some saves", SOON, async || {
            app.count_or_zero("select count(*) from revisions").await >= enough as i64
        })
        .await;
        cluster.servers.kill(0);
        stop.set(true);
    };
    let (saved, ()) = futures_util::join!(work, murder);
    let saved: Vec<String> = saved.into_iter().flatten().collect();

    // An operator, or what stands in for one, takes the one that has more of the log.
    let (one, two) = (cluster.received(1).await, cluster.received(2).await);
    let (winner, other) = if one >= two { (1, 2) } else { (2, 1) };
    cluster.servers.promote(winner).await.unwrap();
    let promoted = Instant::now();
    cluster.servers.follow(other, winner).await.unwrap();
    let writer = &mut writers[0];
    until("a save is taken", SOON, async || {
        save(writer, &format!("after {round}")).await.is_some()
    })
    .await;
    let after = promoted.elapsed();
    let kept = cluster.ids_of_posts(winner).await;
    let missing = saved.iter().filter(|id| !kept.contains(*id)).count();
    (saved.len(), missing, after)
}

/// Saves drafts until told to stop; gives the ids of those that were acknowledged.
async fn drafts(writer: &mut Actor, stop: &std::cell::Cell<bool>) -> Vec<String> {
    let mut saved = Vec::new();
    while !stop.get() {
        if let Some(id) = save(writer, "Text that must not be lost").await {
            saved.push(id);
        }
    }
    saved
}

async fn save(writer: &mut Actor, text: &str) -> Option<String> {
    let form = [
        ("kind", "post"),
        ("version", "0"),
        ("title", "Storm"),
        ("markdown", text),
        ("action", "save"),
    ];
    let answer = writer.post("/new", &form).await;
    // `/p/{id}/edit?saved=1`
    (answer.status.as_u16() == 303).then(|| answer.location().split('/').nth(2).unwrap().to_owned())
}
