//! Pinned posts: at the top of the front page for admins, of an author's page for the author.

use crate::support::{Actor, Published, TestApp};

async fn press(actor: &mut Actor, post: &Published, button: &str) {
    let done = actor.post(&format!("/p/{}/{button}", post.id), &[]).await;
    done.assert_status(303);
    let told = actor.get(done.location()).await.all("[role=status]");
    let expected = match button.starts_with("unp") {
        true => "No longer pinned.",
        false => "Pinned. It stands at the top",
    };
    let is_told = told.iter().any(|line| line.contains(expected));
    assert!(is_told, "{button}: {told:?}");
}

/// The titles above the months: the lead, and the tier.
async fn top(app: &TestApp) -> Vec<String> {
    let page = app.anonymous().get("/").await;
    let mut titles = page.all(".lead-story .entry-title");
    titles.extend(page.all(".tier-story .entry-title"));
    titles
}

async fn posts(ann: &mut Actor, count: usize) -> Vec<Published> {
    let mut posts = Vec::new();
    for n in 0..count {
        posts.push(ann.publish(&format!("Post {n}"), "Some text.").await);
    }
    posts
}

#[actix_web::test]
async fn pinned_posts_lead_the_front_page() {
    let app = TestApp::new().await;
    let (mut ann, mut owner) = (app.author("ann").await, app.owner().await);
    let posts = posts(&mut ann, 9).await;
    assert_eq!(top(&app).await[0], "Post 8");
    press(&mut owner, &posts[1], "pin-to-front").await;
    assert_eq!(top(&app).await[..2], ["Post 1", "Post 8"]);
    let front = app.anonymous().get("/").await;
    assert_eq!(front.all(".stories > .pinned"), ["Pinned"]);
    assert_eq!(
        front.all("article .p-name").len(),
        9,
        "none stands there twice"
    );
    press(&mut owner, &posts[2], "pin-to-front").await;
    assert_eq!(top(&app).await[..3], ["Post 2", "Post 1", "Post 8"]);
    let edit = owner.get(&format!("/p/{}/edit", posts[2].id)).await;
    assert!(edit.text().contains("Unpin from the front page"));
    // Three at most: the one that was pinned first makes room, and pinning again moves to the top.
    for n in [3, 4, 2] {
        press(&mut owner, &posts[n], "pin-to-front").await;
    }
    assert_eq!(
        top(&app).await[..4],
        ["Post 2", "Post 4", "Post 3", "Post 8"]
    );
    press(&mut owner, &posts[4], "unpin-from-front").await;
    assert_eq!(top(&app).await[..3], ["Post 2", "Post 3", "Post 8"]);
    // What readers cannot get is not at the top either, and is there again with the post.
    for (button, first) in [("unpublish", "Post 3"), ("publish", "Post 2")] {
        let path = format!("/p/{}/{button}", posts[2].id);
        ann.post(&path, &[]).await.assert_status(303);
        assert_eq!(top(&app).await[0], first);
    }
    let feed = app.anonymous().get("/feed.atom").await.text();
    assert!(
        feed.find("Post 8").unwrap() < feed.find("Post 2").unwrap(),
        "feeds have their order"
    );
}

#[actix_web::test]
async fn an_author_pins_posts_to_the_own_page() {
    let app = TestApp::new().await;
    let (mut ann, mut ben) = (app.author("ann").await, app.author("ben").await);
    let posts = posts(&mut ann, 22).await;
    let titles = async |path: &str| app.anonymous().get(path).await.all(".entry-title");
    press(&mut ann, &posts[0], "pin").await;
    let page = app.anonymous().get("/@ann").await;
    assert_eq!(page.all(".pinned .entry-title"), ["Post 0"]);
    let shown = titles("/@ann").await;
    assert_eq!(shown[..2], ["Post 0", "Post 21"]);
    // Nothing is missing where the list goes on.
    let older = page.attribute("a[rel=next]", "href").unwrap();
    assert_eq!(titles(&older).await, ["Post 1", "Post 0"]);
    assert_eq!(top(&app).await[0], "Post 21", "the front page is not hers");
    let one = ben.publish("Alone", "Text.").await;
    press(&mut ben, &one, "pin").await;
    assert_eq!(titles("/@ben").await, ["Alone"]);
    press(&mut ann, &posts[0], "unpin").await;
    assert_eq!(titles("/@ann").await[0], "Post 21");
}

/// Pages have their place in the menu, and drafts have no button.
#[actix_web::test]
async fn only_public_posts_are_pinned() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let draft = owner
        .draft(&[("title", "Draft"), ("markdown", "Text.")])
        .await;
    let edit = owner.get(&format!("/p/{draft}/edit")).await;
    assert!(!edit.text().contains("Pin to"), "a draft");
    let id = owner.get("/new?kind=page").await.field("id");
    let form = [
        ("id", &*id),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
        ("title", "About"),
        ("markdown", "Text."),
    ];
    owner.post("/new", &form).await.assert_status(303);
    let publish = format!("/p/{id}/publish");
    owner.post(&publish, &[]).await.assert_status(303);
    let edit = owner.get(&format!("/p/{id}/edit")).await;
    assert!(!edit.text().contains("Pin to"), "a page");
    let refused = owner.post(&format!("/p/{id}/pin-to-front"), &[]).await;
    refused.assert_status(404);
}
