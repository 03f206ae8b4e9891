//! How much can be left by a link, also by two nodes at once.

use futures_util::future::join_all;

use super::{Guest, notes, plain, run, share, shared};
use crate::support::TestApp;

/// Fills a link with notes of another hour.
const OLD_NOTES: &str = "
    insert into guest_notes (public_id, link_id, created_at, name, comment, paragraph, paragraph_hash, position)
    select gen_random_uuid(), (select min(id) from preview_links), now() - interval '2 hours', '', 'Well.', 'x', substr(sha256('x'), 1, 16), 0
    from generate_series(1, 190) n";

#[actix_web::test]
async fn within_an_hour_a_link_takes_so_many_and_gives_the_rest_back() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    for n in 0..20 {
        guest.comment(0, &format!("Note {n}.")).await;
    }
    let fields = [("comment", "One more."), ("name", "Ada")];
    let refused = guest.leave(0, &fields).await;
    refused.assert_status(429);
    assert_eq!(refused.header("retry-after"), Some("3600"));
    assert_eq!(refused.header("referrer-policy"), Some("no-referrer"));
    assert!(refused.one(".errors").contains("20 notes within an hour"));
    assert_eq!(refused.field("comment"), "One more.");
    assert_eq!(refused.field("name"), "Ada");
    let other = share(&mut ann, &id).await;
    Guest::new(&app, &other).comment(0, "By another.").await;
    run(
        &app,
        "update guest_notes set created_at = created_at - interval '1 hour'",
    )
    .await;
    guest.send(&refused, &fields).await.assert_status(303);
    assert_eq!(app.count("select count(*) from guest_notes").await, 22);
}

#[actix_web::test]
async fn a_link_is_full_with_two_hundred() {
    let app = TestApp::new().await;
    let (mut ann, id, mut guest) = shared(&app).await;
    run(&app, OLD_NOTES).await;
    for _ in 0..10 {
        guest.comment(0, "Note.").await;
    }
    run(
        &app,
        "update guest_notes set created_at = now() - interval '2 hours'",
    )
    .await;
    let refused = guest.leave(0, &[("comment", "One more.")]).await;
    refused.assert_status(422);
    assert!(refused.one(".errors").contains("200 notes already"));
    assert_eq!(refused.field("comment"), "One more.");
    assert_eq!(notes(&mut ann, &id).await.all(".guest-note").len(), 200);
}

#[actix_web::test]
async fn two_nodes_keep_to_the_limits_together() {
    let app = TestApp::new().await;
    let node = app.second_node().await;
    let (_, _, mut guest) = shared(&app).await;
    let way = guest.ways().await[0].clone();
    let address = format!("{}{}", guest.link, plain(&way));
    let tries = (0..40).map(|n| {
        let mut who = [&app, &node][n % 2].anonymous();
        let address = address.clone();
        async move {
            let sent = who.post_to(&address, &[("comment", "At once.")]).await;
            sent.status.as_u16()
        }
    });
    let mut answers = join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [[303; 20], [429; 20]].concat());
    run(&app, "delete from guest_notes").await;
    run(&app, OLD_NOTES).await;
    let tries = (0..20).map(|n| {
        let mut who = [&app, &node][n % 2].anonymous();
        let address = address.clone();
        async move {
            let sent = who.post_to(&address, &[("comment", "At once.")]).await;
            sent.status.as_u16()
        }
    });
    let mut answers = join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [[303; 10], [422; 10]].concat());
    assert_eq!(app.count("select count(*) from guest_notes").await, 200);
}
