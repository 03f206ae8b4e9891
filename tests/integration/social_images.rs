//! The picture that links to a post show where it has no cover.

use crate::support::{Response, TestApp};

const IMAGE: &str = "meta[property='og:image']";

/// The path of the picture that a page names for links to it.
fn named(page: &Response) -> String {
    let address = page.attribute(IMAGE, "content").unwrap();
    let at = address.find("/p/").unwrap_or_else(|| panic!("{address}"));
    assert!(address.starts_with("http"), "{address}");
    address[at..].to_owned()
}

async fn picture(app: &TestApp, path: &str) -> image::RgbImage {
    let answer = app.anonymous().get(path).await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    image::load_from_memory(&answer.body).unwrap().to_rgb8()
}

#[actix_web::test]
async fn a_post_without_a_cover_shows_its_title() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lamps", "Words.").await;
    let page = app.anonymous().get(&post.path).await;
    let first = named(&page);
    assert!(
        first.starts_with(&format!("/p/{}/social-", post.id)),
        "{first}"
    );
    let meta = |name: &str| {
        page.attribute(&format!("meta[property='{name}']"), "content")
            .unwrap()
    };
    assert_eq!(meta("og:image:alt"), "Lamps");
    assert_eq!(
        (meta("og:image:width"), meta("og:image:height")),
        ("1200".into(), "630".into())
    );
    let drawn = picture(&app, &first).await;
    assert_eq!(drawn.dimensions(), (1200, 630));
    // Another title is another picture at another address, to which the former one leads.
    ann.edit(&post.id, &[("title", "Lanterns")], "publish")
        .await;
    let second = named(&app.anonymous().get(&post.path).await);
    assert_ne!(first, second);
    assert_ne!(drawn, picture(&app, &second).await);
    let former = app.anonymous().get(&first).await;
    former.assert_status(301);
    assert_eq!(former.location(), second);
    // A save that is not public changes nothing.
    ann.edit(&post.id, &[("title", "Not yet")], "save").await;
    assert_eq!(named(&app.anonymous().get(&post.path).await), second);
}

#[actix_web::test]
async fn the_accent_and_the_names_are_part_of_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lamps", "Words.").await;
    let mut seen = vec![named(&app.anonymous().get(&post.path).await)];
    let mut owner = app.owner().await;
    ann.post("/settings/profile", &[("name", "Ann Lee")])
        .await
        .assert_status(303);
    seen.push(named(&app.anonymous().get(&post.path).await));
    let rest = [
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
    ];
    for (name, accent) in [("Harbour Lights", ""), ("Harbour Lights", "#1f57a4")] {
        let form = [&[("name", name), ("accent", accent)], rest.as_slice()].concat();
        owner.post("/admin/site", &form).await.assert_status(303);
        let path = named(&app.anonymous().get(&post.path).await);
        picture(&app, &path).await;
        assert!(!seen.contains(&path), "{name} {accent}");
        seen.push(path);
    }
    let band = picture(&app, seen.last().unwrap()).await;
    assert_eq!(band.get_pixel(600, 4).0, [0x1f, 0x57, 0xa4]);
}

#[actix_web::test]
async fn what_readers_cannot_see_has_none() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Lamps", "Words.").await;
    let path = named(&app.anonymous().get(&post.path).await);
    picture(&app, &path).await;
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    app.anonymous().get(&path).await.assert_status(404);
    ann.post(&format!("/p/{}/publish", post.id), &[])
        .await
        .assert_status(303);
    picture(&app, &path).await;
    ann.edit(&post.id, &[("unlisted", "on")], "publish").await;
    let unlisted = app.anonymous().get(&path).await;
    assert_eq!(unlisted.header("x-robots-tag"), Some("noindex"));
    let other = path.replace(&post.id, "019a1111-2222-7333-8444-555566667777");
    app.anonymous().get(&other).await.assert_status(404);
    app.anonymous()
        .get("/p/lamps/social-0123456789abcdef.png")
        .await
        .assert_status(404);
}

/// There is no end of addresses of versions, so none but the present one has a place in memory.
#[actix_web::test]
async fn addresses_of_other_versions_lead_to_the_present_one_and_are_not_kept() {
    let app = TestApp::new().await;
    let post = app.author("ann").await.publish("Lamps", "Words.").await;
    let path = named(&app.anonymous().get(&post.path).await);
    for version in ["0123456789abcdef", "title", "%3Cb%3E"] {
        let other = format!("/p/{}/social-{version}.png", post.id);
        for _ in 0..2 {
            let moved = app.anonymous().get(&other).await;
            assert_eq!(moved.location(), path, "{version}");
            assert!(!moved.header("cache-status").unwrap().contains("; hit"));
        }
    }
    app.anonymous().get(&path).await;
    let again = app.anonymous().get(&path).await;
    assert!(again.header("cache-status").unwrap().contains("; hit"));
}

#[actix_web::test]
async fn a_script_without_letters_in_the_font_gets_the_plain_picture() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for title in ["時計のこと", "الساعة في الميناء", "घड़ी"] {
        let fields = [("title", title), ("markdown", "Words."), ("slug", "")];
        let post = ann.publish_with(&fields).await;
        let drawn = picture(&app, &named(&app.anonymous().get(&post.path).await)).await;
        assert_eq!(drawn.get_pixel(4, 300).0, [0xa3, 0x36, 0x1f], "{title}");
    }
}

#[actix_web::test]
async fn a_page_has_one_too() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let page = owner.publish_page("About us", "Words.").await;
    let path = named(&app.anonymous().get(&page.path).await);
    assert_eq!(picture(&app, &path).await.dimensions(), (1200, 630));
}
