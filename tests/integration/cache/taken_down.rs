//! What was taken down is shown nowhere again, least of all because something else broke.

use std::time::{Duration, Instant};

use masthead::cdn::Driver;

use super::places::picture;
use crate::support::{Actor, PASSWORD, PATIENCE, TestApp, free_port, rounds, until};

/// Writes a comment under a public post; its id.
async fn comment(by: &mut Actor, post: &str, text: &str) -> String {
    let id = by.get(&format!("{post}/comment")).await.field("id");
    by.post(
        &format!("{post}/comment"),
        &[("id", &id), ("markdown", text)],
    )
    .await
    .assert_status(303);
    id
}

async fn hide(staff: &mut Actor, comment: &str) {
    let version = staff
        .get(&format!("/comments/{comment}/decide"))
        .await
        .field("version");
    let form = [
        ("decision", "hide"),
        ("reason", "House rules."),
        ("version", &version),
    ];
    staff
        .post(&format!("/comments/{comment}/decide"), &form)
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn hidden_words_stay_hidden_while_the_database_is_away() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Talk", "Text.").await.path;
    let id = comment(&mut ann, &post, "Secret words.").await;
    assert!(
        app.anonymous()
            .get(&post)
            .await
            .text()
            .contains("Secret words.")
    );
    hide(&mut app.owner().await, &id).await;
    app.lose_database().await;
    assert!(
        !app.anonymous()
            .get(&post)
            .await
            .text()
            .contains("Secret words.")
    );
    app.find_database().await;
    app.until_answered(&post, 200, "Talk").await;
}

/// It must not take the take-down for an edit, of which the old text would do in an outage.
#[actix_web::test]
async fn another_node_does_not_show_it_in_an_outage_either() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Gone", "Secret words.").await;
    second.anonymous().get(&post.path).await.assert_status(200);
    ann.post(&format!("/p/{}/trash", post.id), &[])
        .await
        .assert_status(303);
    let heard = "select count(*) from cache_acknowledgements a join cache_invalidations i on i.id = a.invalidation_id
                 where i.gone";
    until("both nodes have carried it out", PATIENCE, async || {
        app.count(heard).await == 2
    })
    .await;
    app.lose_database().await;
    let shown = second.anonymous().get(&post.path).await;
    shown.assert_status(503);
    assert!(!shown.text().contains("Secret words."));
    app.find_database().await;
    second.until_answered(&post.path, 404, "").await;
}

/// The answer to a take-down waits so long for other nodes, and then says that they are outstanding.
const ANSWER_WAITS: Duration = Duration::from_millis(250);

/// Takes something down, by `act`, and looks at once at another node. A copy may be there only after an answer that has
/// waited for as long as it may, as on a very busy machine.
async fn is_gone_after(
    act: impl Future<Output = ()>,
    mut shows: impl AsyncFnMut() -> bool,
) -> bool {
    let begun = Instant::now();
    act.await;
    let is_late = begun.elapsed() >= ANSWER_WAITS;
    if !shows().await {
        return true;
    }
    if is_late {
        until("it is gone", PATIENCE, async || !shows().await).await;
    }
    is_late
}

/// Whoever has taken something down, and looks again at once at another node, does not find it.
#[actix_web::test]
async fn prove_a_take_down_is_answered_when_the_other_nodes_have_carried_it_out() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let mut ann = app.author("ann").await;
    let mut owner = app.owner().await;
    let mut reader = second.anonymous();
    for round in 0..rounds(5, 200) {
        let post = ann
            .publish(&format!("Round {round}"), "Secret words.")
            .await;
        let rude = comment(&mut ann, &post.path, "Rude words.").await;
        until("the other node has the comment", PATIENCE, async || {
            reader.get(&post.path).await.text().contains("Rude words.")
        })
        .await;
        let hidden = is_gone_after(hide(&mut owner, &rude), async || {
            reader.get(&post.path).await.text().contains("Rude words.")
        })
        .await;
        assert!(hidden, "round {round}");
        for verb in ["unpublish", "trash"] {
            ann.post(&format!("/p/{}/publish", post.id), &[])
                .await
                .assert_status(303);
            until("the other node has it", PATIENCE, async || {
                reader.get(&post.path).await.status == 200
            })
            .await;
            let path = format!("/p/{}/{verb}", post.id);
            let act = async {
                ann.post(&path, &[]).await.assert_status(303);
            };
            let gone =
                is_gone_after(act, async || reader.get(&post.path).await.status != 404).await;
            assert!(gone, "round {round}: {verb}");
        }
    }
}

#[actix_web::test]
async fn names_and_pictures_that_were_taken_back_stay_away_in_an_outage() {
    let app = TestApp::new().await;
    let mut ben = app.author("ben").await;
    let post = ben.publish("Mine", "Text.").await.path;
    ben.send(picture()).await.assert_status(303);
    for path in [post.as_str(), "/@ben"] {
        assert!(
            app.anonymous()
                .get(path)
                .await
                .assert_status(200)
                .text()
                .contains("/avatars/")
        );
    }
    ben.post("/settings/avatar/remove", &[])
        .await
        .assert_status(303);
    let taken = "select count(*) from cache_invalidations where gone and tags[1] like 'picture-%'";
    assert_eq!(app.count(taken).await, 1, "caches give the picture up");
    let email = ben.get("/settings").await.field("email");
    let rename = [
        ("username", "benjamin"),
        ("email", email.as_str()),
        ("current_password", PASSWORD),
    ];
    ben.post("/settings/account", &rename)
        .await
        .assert_status(303);
    app.lose_database().await;
    for path in [post.as_str(), "/@ben"] {
        app.anonymous().get(path).await.assert_status(503);
    }
    app.find_database().await;
    app.until_answered("/@benjamin", 200, "Mine").await;
}

/// The purge waits in its table, and nobody fetches it from there.
#[actix_web::test]
async fn a_cdn_that_has_not_confirmed_is_said_to_be_outstanding() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = format!("http://127.0.0.1:{}", free_port()).parse().unwrap();
    let app = TestApp::with(|settings| {
        settings.cdn = Driver::Varnish {
            urls: vec![address],
        }
    })
    .await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Taken", "Secret.").await;
    let done = ann.post(&format!("/p/{}/unpublish", post.id), &[]).await;
    let notice = ann.get(done.location()).await.one(".note[role=status]");
    assert!(
        notice.contains("has not confirmed it yet") && notice.contains("up to an hour"),
        "{notice}"
    );
    assert!(!notice.contains("no longer"), "{notice}");
}
