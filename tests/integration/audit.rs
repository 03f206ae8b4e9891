//! The audit log and what belongs to the same act: one business action is one id, in the row, in the invalidations and in
//! the purges.

use masthead::access::Actor;
use masthead::db::audit::{self, Entry};

use crate::support::TestApp;

fn actor() -> Actor {
    Actor::command("test")
}

#[actix_web::test]
async fn what_an_act_changes_and_takes_down_is_found_by_the_ids_of_its_row() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let post = ann.publish("Here", "Text.").await;
    ann.edit(&post.id, &[("markdown", "Other words.")], "publish")
        .await
        .assert_status(303);
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "First words.")],
    )
    .await
    .assert_status(303);
    let remark = app.text("select public_id::text from comments").await;
    ann.post(
        &format!("/comments/{remark}/edit"),
        &[("markdown", "Second words.")],
    )
    .await
    .assert_status(303);
    let hide = [
        ("decision", "hide"),
        ("reason", "House rules."),
        ("version", "2"),
    ];
    owner
        .post(&format!("/comments/{remark}/decide"), &hide)
        .await
        .assert_status(303);
    ann.post("/settings/profile", &[("name", "Ann Lee")])
        .await
        .assert_status(303);
    for verb in ["unpublish", "publish", "trash", "restore"] {
        ann.post(&format!("/p/{}/{verb}", post.id), &[])
            .await
            .assert_status(303);
    }
    let site = [
        ("name", "H"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
    ];
    owner.post("/admin/site", &site).await.assert_status(303);
    assert!(app.count("select count(*) from cache_invalidations").await >= 10);
    let lost = "select count(*) from cache_invalidations i
                where not exists (select from audit_log a where a.transaction_id = i.transaction_id)";
    assert_eq!(app.count(lost).await, 0, "changes whose act cannot be told");
}

/// A door that forgets to say to which action its transaction belongs acts not at all, instead of taking something down
/// that no notice finds again.
#[actix_web::test]
async fn nothing_is_recorded_in_a_transaction_that_belongs_to_no_action() {
    let app = TestApp::new().await;
    let db = app.db();
    let entry = || Entry {
        act: "site.update",
        object_kind: "site",
        ..Entry::default()
    };
    let mut tx = db.begin().await.unwrap();
    assert!(audit::record(&mut tx, &actor(), entry()).await.is_err());
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    let actor = actor();
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        app.count("select count(*) from audit_log where act = 'site.update'")
            .await,
        1
    );
}
