//! Logo, icon and social image of a site.

use actix_web::test::TestRequest;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::support::{Response, TestApp};

const CARD: &str = "meta[property='og:image']";

fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let picture = RgbaImage::from_pixel(width, height, Rgba([shade, 90, 120, 255]));
    let mut file = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(picture)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

fn upload(kind: &str, bytes: &[u8]) -> TestRequest {
    let head = b"--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"x.html\"\r\nContent-Type: text/html\r\n\r\n";
    TestRequest::post()
        .uri(&format!("/admin/site/{kind}"))
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload([head.as_slice(), bytes, b"\r\n--b--\r\n"].concat())
}

fn size(picture: &Response) -> (u32, u32) {
    let picture = image::load_from_memory(&picture.body).unwrap();
    (picture.width(), picture.height())
}

#[actix_web::test]
async fn a_logo_stands_in_place_of_the_name() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let post = app.author("ann").await.publish("Lamps", "Words.").await;
    let name = app.text("select name from site").await;
    let plain = app.anonymous().get(&post.path).await;
    assert_eq!(plain.one(".bar-name"), name);
    owner
        .send(upload("logo", &png(1600, 400, 10)))
        .await
        .assert_status(303);
    for (path, place) in [
        ("/", ".nameplate h1 img"),
        (post.path.as_str(), ".bar-name img"),
    ] {
        let page = app.anonymous().get(path).await;
        let attribute = |name| page.attribute(place, name).unwrap();
        assert_eq!(attribute("alt"), name, "{path}");
        assert_eq!(
            (attribute("width"), attribute("height")),
            ("800".into(), "200".into())
        );
    }
    let page = app.anonymous().get(&post.path).await;
    let address = page.attribute(".bar-name img", "src").unwrap();
    let logo = app.anonymous().get(&address).await;
    logo.assert_status(200);
    assert_eq!(logo.header("content-type"), Some("image/png"));
    assert!(logo.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(size(&logo), (800, 200));
    owner
        .post("/admin/site/logo/remove", &[])
        .await
        .assert_status(303);
    assert!(app.anonymous().get(&post.path).await.body == plain.body);
    app.anonymous().get(&address).await.assert_status(404);
    let acts = "select string_agg(act || ' ' || object, ', ' order by id) from audit_log where act like 'site.%'";
    assert_eq!(
        app.text(acts).await,
        "site.change_picture logo, site.change_picture logo"
    );
}

#[actix_web::test]
async fn an_icon_is_for_tabs_and_for_home_screens() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let front = app.anonymous().get("/").await;
    let own = front.attribute("link[rel=icon]", "type").unwrap();
    assert_eq!(own, "image/svg+xml");
    owner
        .send(upload("icon", &png(512, 512, 10)))
        .await
        .assert_status(303);
    let front = app.anonymous().get("/").await;
    assert!(
        front
            .attribute("link[type='image/svg+xml']", "href")
            .is_none()
    );
    for (link, side) in [
        ("link[rel=icon][sizes='32x32']", 32),
        ("link[rel=icon][sizes='48x48']", 48),
        ("link[rel=apple-touch-icon]", 180),
    ] {
        let address = front.attribute(link, "href").unwrap();
        let icon = app.anonymous().get(&address).await;
        icon.assert_status(200);
        assert_eq!(size(&icon), (side, side), "{link}");
    }
}

#[actix_web::test]
async fn links_to_lists_and_to_what_cannot_be_drawn_show_the_social_image() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let mut ann = app.author("ann").await;
    let titled = ann.publish("Lamps", "Words.").await;
    let fields = [("title", "時計"), ("slug", "clock"), ("markdown", "Words.")];
    let other = ann.publish_with(&fields).await;
    let cover = ("cover_url", "https://example.org/cover.jpg");
    let covered = ann
        .publish_with(&[("title", "Covered"), ("markdown", "Words."), cover])
        .await;
    assert!(
        app.anonymous()
            .get("/")
            .await
            .attribute(CARD, "content")
            .is_none()
    );
    owner
        .send(upload("social", &png(1200, 630, 10)))
        .await
        .assert_status(303);
    for path in ["/", other.path.as_str(), "/@ann"] {
        let page = app.anonymous().get(path).await;
        let address = page.attribute(CARD, "content").unwrap();
        let (_, path) = address.split_once("/assets/").unwrap();
        assert!(address.starts_with("http"), "{address}");
        let image = app.anonymous().get(&format!("/assets/{path}")).await;
        assert_eq!(image.header("content-type"), Some("image/jpeg"));
        assert_eq!(size(&image), (1200, 630));
        let card = page.attribute("meta[name='twitter:card']", "content");
        assert_eq!(card.as_deref(), Some("summary_large_image"));
    }
    let page = app.anonymous().get(&covered.path).await;
    assert_eq!(page.attribute(CARD, "content").unwrap(), cover.1);
    let page = app.anonymous().get(&titled.path).await;
    assert!(
        page.attribute(CARD, "content")
            .unwrap()
            .contains("/social-")
    );
}

#[actix_web::test]
async fn what_cannot_be_used_is_told_beside_its_field() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    for (kind, bytes, told) in [
        (
            "logo",
            b"<svg onload=alert(1)>".to_vec(),
            "not a picture that can be read",
        ),
        (
            "icon",
            png(179, 300, 1),
            "This picture has 179 × 300 pixels. It needs at least 180 × 180.",
        ),
        ("social", png(400, 400, 1), "It needs at least 600 × 315."),
    ] {
        let refused = owner.send(upload(kind, &bytes)).await;
        refused.assert_status(422);
        let fault = refused.one(&format!("#{kind}-error"));
        assert!(fault.contains(told), "{kind}: {fault}");
    }
    owner
        .send(upload("banner", &png(400, 400, 1)))
        .await
        .assert_status(404);
    assert_eq!(app.text("select pictures::text from site").await, "{}");
    assert_eq!(
        app.text("select count(*)::text from assets where name like 'site-%'")
            .await,
        "0"
    );
}

#[actix_web::test]
async fn a_picture_is_kept_until_another_takes_its_place() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    owner
        .send(upload("logo", &png(300, 100, 10)))
        .await
        .assert_status(303);
    let first = app
        .text("select name from assets where name like 'site-%' and last_used_at = 'infinity'")
        .await;
    // Once more changes nothing, and takes nothing down.
    let again = owner.send(upload("logo", &png(300, 100, 10))).await;
    again.assert_status(303);
    assert!(!again.location().contains("gone="), "{}", again.location());
    let other = owner.send(upload("logo", &png(300, 100, 200))).await;
    assert!(other.location().contains("gone="), "{}", other.location());
    app.anonymous()
        .get(&format!("/assets/{first}"))
        .await
        .assert_status(404);
    let settings = owner.get(other.location()).await;
    settings.assert_status(200);
    let shown = settings.attribute(".site-picture img", "src").unwrap();
    let picture = app.anonymous().get(&shown).await;
    let tag = picture.header("surrogate-key").unwrap();
    let purged: i64 = sqlx::query_scalar(
        "select count(*) from cache_invalidations where gone and $1 = any(tags)",
    )
    .bind(tag.replace(shown.trim_start_matches("/assets/"), &first))
    .fetch_one(&app.database)
    .await
    .unwrap();
    assert_eq!(purged, 1, "{tag}");
}
