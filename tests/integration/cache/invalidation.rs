//! Every change shows at once on every page. The pages of a node with memory are compared, byte by byte, with those
//! of a node without any on the same database: what differs is an invalidation that somebody forgot.

use std::fs;

use data_encoding::HEXLOWER;
use masthead::db::public_id;
use masthead::features::accounts::Access;
use masthead::features::demo;
use masthead::features::reading::jobs::{offer_posts, relate_posts};
use masthead::features::transfer::{self, import_markdown};
use masthead::routes;
use sha2::{Digest, Sha256};

use super::places::picture;
use crate::support::{Actor, PASSWORD, Response, TestApp};

/// What may stand in the place of a part of an address: something that is there at some time, was there, or never is.
fn candidates(part: &str) -> Vec<String> {
    let now = chrono::Utc::now();
    let fixed: &[&str] = match part {
        "year" => return vec![now.format("%Y").to_string(), "2019".to_owned()],
        "month" => return vec![now.format("%m").to_string()],
        "author" => &["ann", "bob", "annabel", "carl", "nobody", "olga"],
        "slug" => &["loaf", "crust", "crumb", "old"],
        "tag" => &["bread", "salt", "nothing"],
        "format" => &["atom", "rss", "json"],
        "version" => &["0123456789abcdef"],
        "part" => &["posts-1", "authors-1", "tags-1"],
        "id" => &["019a1111-2222-7333-8444-555566667777"],
        "path" => &[
            "about",
            "about/team",
            "imprint",
            "imprint/team",
            "2019/tides.html",
            "nothing",
        ],
        other => panic!("say here what stands in the place of {other}"),
    };
    fixed.iter().map(|word| (*word).to_owned()).collect()
}

/// The addresses of a line of the route table.
fn addresses(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return vec![pattern.to_owned()];
    };
    let (part, after) = rest.split_once('}').unwrap();
    let part = part.split(':').next().unwrap();
    let put = |word: &String| addresses(&format!("{before}{word}{after}"));
    candidates(part).iter().flat_map(put).collect()
}

/// A node with memory, one without, and every address that a change could be seen at: those of all public pages.
struct Pair {
    cached: TestApp,
    plain: TestApp,
    paths: Vec<String>,
}

impl Pair {
    async fn new() -> Pair {
        let cached = TestApp::new().await;
        let plain = cached.without_memory().await;
        let table = routes::table();
        let public = table
            .iter()
            .filter(|line| line.access == Access::CachedPublic);
        let paths = public.flat_map(|line| addresses(line.path)).collect();
        Pair {
            cached,
            plain,
            paths,
        }
    }

    fn watch(&mut self, path: &str) {
        self.paths.push(path.to_owned());
    }

    /// The picture that links to a post show now.
    async fn watch_picture(&mut self, post: &str) {
        let page = self.plain.anonymous().get(post).await;
        let image = page.attribute("meta[property='og:image']", "content");
        let image = image.unwrap();
        self.watch(&image[image.find("/p/").unwrap()..]);
    }

    /// Fills the memory, so that what follows meets copies.
    async fn warm(&self) {
        for path in &self.paths {
            self.cached.anonymous().get(path).await;
            let again = self.cached.anonymous().get(path).await;
            let kept = again.header("cache-status").unwrap().contains("; hit");
            assert!(
                kept || again.status.as_u16() != 200,
                "{path} is not in memory: {:?}",
                again.header("cache-status")
            );
        }
    }

    /// Compares everything after `change`, and fills the memory for the next one.
    async fn same_after(&self, change: &str) {
        for path in &self.paths {
            let (shown, right) = (
                self.cached.anonymous().get(path).await,
                self.plain.anonymous().get(path).await,
            );
            assert_eq!(told(&shown), told(&right), "{path} is old after: {change}");
        }
        self.warm().await;
    }
}

fn told(answer: &Response) -> (u16, Option<String>, String) {
    (
        answer.status.as_u16(),
        answer.header("location").map(str::to_owned),
        words(&answer.body),
    )
}

/// The answer itself; of a picture, its hash: a fault prints both.
fn words(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => HEXLOWER.encode(&Sha256::digest(body)),
    }
}

#[actix_web::test]
async fn whatever_authors_do_is_seen_everywhere_at_once() {
    let mut pair = Pair::new().await;
    pair.warm().await;
    let mut ann = pair.cached.author("ann").await;
    pair.same_after("a person joins").await;
    let mut bob = pair.cached.author("bob").await;
    let loaf = ann
        .publish_with(&[("title", "Loaf"), ("markdown", "Flour."), ("tags", "bread")])
        .await;
    pair.watch(&format!("/p/{}", loaf.id));
    pair.watch_picture(&loaf.path).await;
    pair.same_after("a first post").await;
    ann.edit(
        &loaf.id,
        &[("title", "A loaf"), ("markdown", "Flour, water.")],
        "publish",
    )
    .await;
    pair.watch_picture(&loaf.path).await;
    pair.same_after("an update").await;
    ann.edit(&loaf.id, &[("markdown", "Not public yet.")], "save")
        .await;
    pair.same_after("a save that is not public").await;
    ann.edit(
        &loaf.id,
        &[("slug", "crust"), ("tags", "bread, salt")],
        "publish",
    )
    .await;
    pair.same_after("another address and another tag").await;
    ann.edit(
        &loaf.id,
        &[("tags", "salt"), ("authors", "ann, bob")],
        "publish",
    )
    .await;
    pair.same_after("a tag less and an author asked").await;
    bob.accept(&loaf.id).await;
    pair.same_after("an author more").await;
    bob.publish_with(&[
        ("title", "Crumb"),
        ("markdown", "Crumb."),
        ("tags", "bread"),
    ])
    .await;
    pair.same_after("a post of somebody else").await;
    ann.edit(&loaf.id, &[("authors", "ann")], "publish").await;
    pair.same_after("an author less").await;
    ann.edit(&loaf.id, &[("authors", "bob, ann")], "publish")
        .await;
    bob.accept(&loaf.id).await;
    pair.same_after("the author again, and first").await;
    bob.post(&format!("/p/{}/byline/decline", loaf.id), &[])
        .await
        .assert_status(303);
    pair.same_after("an author who no longer wants to be one")
        .await;
    for date in ["2019-11-03T10:00", "2024-02-29T23:30", ""] {
        ann.edit(&loaf.id, &[("date", date)], "publish").await;
        pair.same_after("another date").await;
    }
    ann.edit(&loaf.id, &[("unlisted", "on")], "publish").await;
    pair.same_after("unlisting").await;
    ann.edit(&loaf.id, &[("unlisted", "")], "publish").await;
    pair.same_after("listing again").await;
    let mut owner = pair.cached.owner().await;
    for button in ["pin-to-front", "unpin-from-front", "pin-to-front"] {
        let path = format!("/p/{}/{button}", loaf.id);
        owner.post(&path, &[]).await.assert_status(303);
        pair.same_after(button).await;
    }
    for button in ["pin", "unpin", "pin"] {
        let path = format!("/p/{}/{button}", loaf.id);
        ann.post(&path, &[]).await.assert_status(303);
        pair.same_after(button).await;
    }
    for (button, what) in [
        ("unpublish", "taking back"),
        ("publish", "publishing again"),
        ("trash", "the trash"),
        ("restore", "restoring"),
    ] {
        ann.post(&format!("/p/{}/{button}", loaf.id), &[])
            .await
            .assert_status(303);
        pair.same_after(what).await;
    }
}

#[actix_web::test]
async fn names_and_pictures_are_seen_everywhere_at_once() {
    let mut pair = Pair::new().await;
    let (mut ann, mut bob) = (
        pair.cached.author("ann").await,
        pair.cached.author("bob").await,
    );
    let loaf = ann
        .publish_with(&[
            ("title", "Loaf"),
            ("markdown", "Flour."),
            ("tags", "bread"),
            ("authors", "ann, bob"),
        ])
        .await;
    bob.accept(&loaf.id).await;
    pair.watch(&format!("/p/{}", loaf.id));
    pair.watch_picture(&loaf.path).await;
    comment(&mut bob, &loaf.path, "I like it.").await;
    pair.same_after("a comment").await;
    bob.post(
        "/settings/profile",
        &[("name", "Bob Baker"), ("bio", "Bakes.")],
    )
    .await
    .assert_status(303);
    pair.same_after("another name").await;
    ann.post(
        "/settings/profile",
        &[
            ("name", "Ann Lee"),
            ("bio", "Eats."),
            ("website", "https://example.org"),
        ],
    )
    .await
    .assert_status(303);
    pair.same_after("another profile").await;
    let account = [
        ("username", "annabel"),
        ("email", "person1@example.org"),
        ("current_password", PASSWORD),
    ];
    ann.post("/settings/account", &account)
        .await
        .assert_status(303);
    pair.same_after("another handle").await;
    let back = [
        ("username", "ann"),
        ("email", "person1@example.org"),
        ("current_password", PASSWORD),
    ];
    ann.post("/settings/account", &back)
        .await
        .assert_status(303);
    pair.same_after("the old handle again").await;
    bob.send(picture()).await.assert_status(303);
    pair.same_after("a picture").await;
    bob.post("/settings/avatar/remove", &[])
        .await
        .assert_status(303);
    pair.same_after("no picture").await;
}

#[actix_web::test]
async fn neighbours_and_related_posts_are_seen_everywhere_at_once() {
    let mut pair = Pair::new().await;
    let (mut ann, mut bob) = (
        pair.cached.author("ann").await,
        pair.cached.author("bob").await,
    );
    let mut made = Vec::new();
    for (title, tags) in [
        ("Loaf", "bread"),
        ("Crust", "salt"),
        ("Third", "bread, salt"),
    ] {
        let fields = [("title", title), ("markdown", "Flour."), ("tags", tags)];
        made.push(ann.publish_with(&fields).await);
        pair.same_after("one more post").await;
    }
    let fields = [("title", "Crumb"), ("markdown", "Dry."), ("tags", "salt")];
    let crumb = bob.publish_with(&fields).await;
    pair.watch(&made[2].path);
    pair.same_after("a post of somebody else").await;
    relate_posts(&pair.cached.db()).await.unwrap();
    pair.same_after("the first lists of related posts").await;
    let crust = made[1].id.clone();
    for (id, fields, what) in [
        (&crust, ("title", "A crust"), "another title"),
        (&crust, ("slug", "old"), "another address"),
        (&crust, ("tags", "bread"), "another tag"),
        (&crust, ("unlisted", "on"), "unlisting"),
        (&crust, ("unlisted", ""), "listing again"),
        (&made[2].id, ("authors", "ann, bob"), "an author asked"),
    ] {
        ann.edit(id, &[fields], "publish").await;
        pair.same_after(what).await;
        relate_posts(&pair.cached.db()).await.unwrap();
        pair.same_after("other related posts").await;
    }
    bob.accept(&made[2].id).await;
    pair.same_after("a post in two lists").await;
    for (id, button) in [
        (&crust, "unpublish"),
        (&crust, "publish"),
        (&made[2].id, "trash"),
    ] {
        ann.post(&format!("/p/{id}/{button}"), &[])
            .await
            .assert_status(303);
        pair.same_after(button).await;
    }
    bob.post(&format!("/p/{}/trash", crumb.id), &[])
        .await
        .assert_status(303);
    pair.same_after("the trash").await;
    relate_posts(&pair.cached.db()).await.unwrap();
    offer_posts(&pair.cached.db()).await.unwrap();
    pair.same_after("lists without it").await;
    for (actor, id) in [(&mut bob, &crumb.id), (&mut ann, &made[2].id)] {
        actor
            .post(&format!("/p/{id}/restore"), &[])
            .await
            .assert_status(303);
        pair.same_after("restoring").await;
    }
}

#[actix_web::test]
async fn comments_are_seen_everywhere_at_once() {
    let pair = Pair::new().await;
    let mut owner = pair.cached.owner().await;
    let (mut ann, mut carl) = (
        pair.cached.author("ann").await,
        pair.cached.author("carl").await,
    );
    let loaf = ann
        .publish_with(&[("title", "Loaf"), ("markdown", "Flour.")])
        .await;
    pair.same_after("a post").await;
    let first = comment(&mut carl, &loaf.path, "First!").await;
    pair.same_after("a comment").await;
    carl.post(
        &format!("/comments/{first}/edit"),
        &[("markdown", "Second thoughts.")],
    )
    .await
    .assert_status(303);
    pair.same_after("an edited comment").await;
    decide(&mut owner, &first, "hide").await;
    pair.same_after("a hidden comment").await;
    decide(&mut owner, &first, "approve").await;
    pair.same_after("an approved comment").await;
    carl.post(&format!("/comments/{first}/delete"), &[])
        .await
        .assert_status(303);
    pair.same_after("a deleted comment").await;
    ann.edit(&loaf.id, &[("comment_policy", "all_held")], "publish")
        .await;
    pair.same_after("another policy").await;
    let held = comment(&mut carl, &loaf.path, "Please?").await;
    pair.same_after("a comment that waits").await;
    decide(&mut owner, &held, "approve").await;
    pair.same_after("an approval").await;
    offer_posts(&pair.cached.db()).await.unwrap();
    pair.same_after("lists of what is newest and most discussed")
        .await;
    let name = [("name", "Ann Baker"), ("bio", "")];
    ann.post("/settings/profile", &name)
        .await
        .assert_status(303);
    pair.same_after("another name of the author whose post they have")
        .await;
    decide(&mut owner, &held, "delete").await;
    pair.same_after("a deletion by staff").await;
}

#[actix_web::test]
async fn pages_and_settings_are_seen_everywhere_at_once() {
    let pair = Pair::new().await;
    pair.warm().await;
    let mut owner = pair.cached.owner().await;
    let about = page(
        &mut owner,
        &[
            ("title", "About"),
            ("markdown", "Us."),
            ("menu_position", "1"),
        ],
    )
    .await;
    pair.same_after("a page in the menu").await;
    let team = page(
        &mut owner,
        &[
            ("title", "Team"),
            ("markdown", "People."),
            ("parent", "about"),
        ],
    )
    .await;
    pair.same_after("a page below it").await;
    let moved = [
        ("title", "Imprint"),
        ("markdown", "Us."),
        ("slug", "imprint"),
        ("menu_position", "2"),
    ];
    save_page(&mut owner, &about, &moved, "publish").await;
    pair.same_after("a page that moves with the one below it")
        .await;
    owner
        .post(&format!("/p/{about}/unpublish"), &[])
        .await
        .assert_status(303);
    pair.same_after("a page taken back that others stand under")
        .await;
    save_page(
        &mut owner,
        &about,
        &[("title", "Imprint"), ("markdown", "Us."), ("slug", "about")],
        "save",
    )
    .await;
    pair.same_after("a draft that moves the public page below it")
        .await;
    owner
        .post(&format!("/p/{team}/unpublish"), &[])
        .await
        .assert_status(303);
    pair.same_after("a page taken back").await;
    let settings = [
        ("name", "Harbour Lights"),
        ("tagline", "By the sea"),
        ("language", "de"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "off"),
        ("description", "Of lamps."),
        ("footer_links", "Imprint | /imprint"),
        ("accent", "#0b6e99"),
        ("time_zone", "Pacific/Auckland"),
    ];
    owner
        .post("/admin/site", &settings)
        .await
        .assert_status(303);
    pair.same_after("other settings").await;
}

#[actix_web::test]
async fn another_front_page_is_seen_everywhere_at_once() {
    let pair = Pair::new().await;
    let mut owner = pair.cached.owner().await;
    let mut ann = pair.cached.author("ann").await;
    ann.publish("Loaf", "Flour.").await;
    let fields = [("title", "About"), ("markdown", "Us.")];
    // One page of the menu, and one that is in no menu.
    let in_menu = [fields[0], fields[1], ("menu_position", "1")];
    let about = page(&mut owner, &in_menu).await;
    page(&mut owner, &[("title", "Imprint"), ("markdown", "Us.")]).await;
    pair.same_after("two pages").await;
    for front in ["list", "/imprint", "/about"] {
        choose_front(&mut owner, front).await;
        pair.same_after(front).await;
    }
    for button in ["unpublish", "publish", "trash", "restore"] {
        let path = format!("/p/{about}/{button}");
        owner.post(&path, &[]).await.assert_status(303);
        pair.same_after(button).await;
    }
    let publish = format!("/p/{about}/publish");
    owner.post(&publish, &[]).await.assert_status(303);
    pair.same_after("the front page is back").await;
    ann.publish("Crust", "Flour.").await;
    pair.same_after("a post below the front page").await;
    let moved = [fields[0], fields[1], ("slug", "team")];
    save_page(&mut owner, &about, &moved, "publish").await;
    pair.same_after("the front page moves and leaves the menu")
        .await;
    choose_front(&mut owner, "magazine").await;
    pair.same_after("the posts again").await;
}

async fn choose_front(owner: &mut Actor, front: &str) {
    let settings = [
        ("name", "Harbour Lights"),
        ("language", "en"),
        ("sign_up", "closed"),
        ("sign_up_role", "reader"),
        ("comment_policy", "members"),
        ("front", front),
    ];
    owner
        .post("/admin/site", &settings)
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn what_commands_bring_is_seen_everywhere_at_once() {
    let pair = Pair::new().await;
    pair.warm().await;
    let actor = masthead::access::Actor::command("test");
    let folder = std::env::temp_dir().join(format!("masthead-import-{}", public_id().simple()));
    fs::create_dir_all(folder.join("content/posts")).unwrap();
    let text = "---\ntitle: Loaf\nslug: loaf\ndate: 2019-03-04\nauthors: [nobody]\ntags: [bread]\naliases: [/2019/tides.html]\n---\nText.\n";
    fs::write(folder.join("content/posts/loaf.md"), text).unwrap();
    import_markdown(
        &pair.cached.db(),
        &folder,
        &transfer::Options {
            dry_run: true,
            ..Default::default()
        },
        &actor,
    )
    .await
    .unwrap();
    pair.same_after("a rehearsal").await;
    import_markdown(
        &pair.cached.db(),
        &folder,
        &transfer::Options::default(),
        &actor,
    )
    .await
    .unwrap();
    pair.same_after("an import").await;
    fs::remove_dir_all(&folder).unwrap();
    demo::load(&pair.cached.db(), &actor).await.unwrap();
    pair.same_after("the sample").await;
    demo::remove(&pair.cached.db(), &actor).await.unwrap();
    pair.same_after("the sample's end").await;
}

/// Scenario 44: what was taken down is shown nowhere again, least of all because something else broke.
#[actix_web::test]
async fn what_was_taken_down_stays_down_while_the_database_is_away() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    // By another author: the page of a neighbour names what was taken down, and is gone with it.
    let mut ben = app.author("ben").await;
    let kept = ben.publish("Kept", "Text.").await;
    let gone = ann.publish("Gone", "Secret.").await;
    let mut reader = app.anonymous();
    for path in [&kept.path, &gone.path, "/@ann", "/feed.atom"] {
        reader.get(path).await.assert_status(200);
    }
    ben.edit(&kept.id, &[("markdown", "Edited.")], "publish")
        .await;
    ann.post(&format!("/p/{}/trash", gone.id), &[])
        .await
        .assert_status(303);
    app.lose_database().await;
    let stale = reader.get(&kept.path).await;
    stale.assert_status(200);
    assert!(
        stale.text().contains("Text."),
        "the copy from before the edit is better than nothing"
    );
    assert!(
        stale
            .header("cache-status")
            .unwrap()
            .contains("detail=stale"),
        "{:?}",
        stale.header("cache-status")
    );
    assert_eq!(
        stale.header("cache-control"),
        Some("public, max-age=0, s-maxage=1")
    );
    for path in [&gone.path, "/@ann", "/feed.atom"] {
        let refused = reader.get(path).await;
        refused.assert_status(503);
        assert!(
            !refused.text().contains("Secret") && refused.header("retry-after").is_some(),
            "{path}"
        );
    }
    app.find_database().await;
    app.until_answered(&kept.path, 200, "Edited.").await;
    app.until_answered(&gone.path, 404, "").await;
    app.until_answered("/@ben", 200, "Kept").await;
}

async fn comment(by: &mut Actor, post: &str, text: &str) -> String {
    let form = by.get(&format!("{post}/comment")).await;
    let id = form.field("id");
    by.post(
        &format!("{post}/comment"),
        &[("id", &id), ("markdown", text)],
    )
    .await
    .assert_status(303);
    id
}

async fn decide(staff: &mut Actor, comment: &str, decision: &str) {
    let version = staff
        .get(&format!("/comments/{comment}/decide"))
        .await
        .field("version");
    let form = [
        ("decision", decision),
        ("reason", "A test."),
        ("version", version.as_str()),
    ];
    staff
        .post(&format!("/comments/{comment}/decide"), &form)
        .await
        .assert_status(303);
}

async fn page(by: &mut Actor, fields: &[(&str, &str)]) -> String {
    let id = by.get("/new?kind=page").await.field("id");
    let mut form = vec![
        ("id", id.as_str()),
        ("kind", "page"),
        ("version", "0"),
        ("action", "save"),
    ];
    form.extend_from_slice(fields);
    by.post("/new", &form).await.assert_status(303);
    by.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    id
}

async fn save_page(by: &mut Actor, id: &str, fields: &[(&str, &str)], action: &str) {
    let version = by.get(&format!("/p/{id}/edit")).await.field("version");
    let mut form = vec![
        ("id", id),
        ("kind", "page"),
        ("version", version.as_str()),
        ("action", action),
    ];
    form.extend_from_slice(fields);
    by.post(&format!("/p/{id}/edit"), &form)
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn tags_that_are_renamed_or_merged() {
    let mut pair = Pair::new().await;
    let (mut ann, mut owner) = (pair.cached.author("ann").await, pair.cached.owner().await);
    let loaf = ann
        .publish_with(&[
            ("title", "Loaf"),
            ("markdown", "a"),
            ("tags", "bread, salt"),
        ])
        .await;
    ann.publish_with(&[("title", "Crust"), ("markdown", "a"), ("tags", "bread")])
        .await;
    for path in ["/t/loaves", "/t/loaves/feed.atom", &loaf.path] {
        pair.watch(path);
    }
    pair.warm().await;
    owner
        .post(
            "/admin/tags/bread",
            &[("name", "Loaves"), ("slug", "loaves")],
        )
        .await
        .assert_status(303);
    pair.same_after("a tag was renamed").await;
    owner
        .post(
            "/admin/tags/loaves",
            &[("name", "Bread"), ("slug", "bread")],
        )
        .await
        .assert_status(303);
    pair.same_after("it was renamed again").await;
    owner
        .post(
            "/admin/tags/bread/description",
            &[("description", "How it is baked.")],
        )
        .await
        .assert_status(303);
    pair.same_after("a tag was described").await;
    owner
        .post("/admin/tags/salt/merge", &[("into", "bread")])
        .await
        .assert_status(303);
    pair.same_after("a tag was merged").await;
}
