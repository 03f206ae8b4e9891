//! What was taken down is shown nowhere again, least of all because something else broke.

use std::time::Duration;

use crate::support::{Actor, TestApp, until};

const PATIENCE: Duration = Duration::from_secs(10);

/// Writes a comment under a public post; its id.
async fn comment(by: &mut Actor, post: &str, text: &str) -> String {
    let id = by.get(&format!("{post}/comment")).await.field("id");
    by.post(&format!("{post}/comment"), &[("id", &id), ("markdown", text)]).await.assert_status(303);
    id
}

async fn hide(staff: &mut Actor, comment: &str) {
    let version = staff.get(&format!("/comments/{comment}/decide")).await.field("version");
    let form = [("decision", "hide"), ("reason", "House rules."), ("version", &version)];
    staff.post(&format!("/comments/{comment}/decide"), &form).await.assert_status(303);
}

#[actix_web::test]
async fn hidden_words_stay_hidden_while_the_database_is_away() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Talk", "Text.").await.path;
    let id = comment(&mut ann, &post, "Secret words.").await;
    assert!(app.anonymous().get(&post).await.text().contains("Secret words."));
    hide(&mut app.owner().await, &id).await;
    app.lose_database().await;
    assert!(!app.anonymous().get(&post).await.text().contains("Secret words."));
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
    ann.post(&format!("/p/{}/trash", post.id), &[]).await.assert_status(303);
    let heard = "select count(*) from cache_acknowledgements a join cache_invalidations i on i.id = a.invalidation_id
                 where i.gone";
    until("both nodes have carried it out", PATIENCE, async || app.count(heard).await == 2).await;
    app.lose_database().await;
    let shown = second.anonymous().get(&post.path).await;
    shown.assert_status(503);
    assert!(!shown.text().contains("Secret words."));
    app.find_database().await;
    second.until_answered(&post.path, 404, "").await;
}
