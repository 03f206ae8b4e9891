//! What a site says of itself, and the links in its foot.

use serde_json::Value;

use crate::support::{Actor, Response, TestApp};

const DESCRIPTION: &str = "Notes from a harbour, by people who keep its lamps.";
const LINKS: &str = "Imprint | /imprint\r\nThe port | https://example.org/port?a=1&b=2\r\nWrite to us | mailto:olga@example.org";

async fn send(owner: &mut Actor, description: &str, links: &str) -> Response {
    let form = [
        ("name", "Harbour"),
        ("tagline", "By the sea"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
        ("typography", "on"),
        ("description", description),
        ("footer_links", links),
    ];
    owner.post("/admin/site", &form).await
}

#[actix_web::test]
async fn the_front_page_says_what_the_site_is_about() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.author("ann").await.publish("Lamps", "Words.").await;
    let described = |page: &Response| page.attribute("meta[name=description]", "content").unwrap();
    send(&mut owner, "", "").await.assert_status(303);
    let front = app.anonymous().get("/").await;
    assert_eq!(described(&front), "By the sea");
    assert!(front.all(".side .about").is_empty());
    send(&mut owner, DESCRIPTION, "").await.assert_status(303);
    let front = app.anonymous().get("/").await;
    assert_eq!(
        (
            described(&front).as_str(),
            front.one(".side .about").as_str()
        ),
        (DESCRIPTION, DESCRIPTION)
    );
    assert_eq!(
        owner.get("/admin/site").await.field("description"),
        DESCRIPTION
    );
}

#[actix_web::test]
async fn the_foot_of_every_page_has_the_links_of_the_site() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let post = app.author("ann").await.publish("Lamps", "Words.").await;
    let paths = ["/", post.path.as_str(), "/@ann", "/t", "/login"];
    for path in paths {
        app.anonymous().get(path).await.assert_status(200);
    }
    send(&mut owner, "", LINKS).await.assert_status(303);
    for path in paths {
        let links = app.anonymous().get(path).await.links(".foot");
        for address in [
            "/imprint",
            "https://example.org/port?a=1&b=2",
            "mailto:olga@example.org",
        ] {
            assert!(
                links.iter().any(|link| link == address),
                "{path}: {links:?}"
            );
        }
    }
    assert_eq!(
        owner.get("/admin/site").await.field("footer_links"),
        LINKS.replace('\r', "")
    );
    let entry = "select jsonb_build_array(before -> 'footer_links', after -> 'footer_links' -> 0)::text from audit_log
                 where act = 'site.update' order by id desc limit 1";
    let entry: Value = serde_json::from_str(&app.text(entry).await).unwrap();
    assert_eq!(
        entry,
        serde_json::json!([[], { "title": "Imprint", "address": "/imprint" }])
    );
}

#[actix_web::test]
async fn what_cannot_stand_there_is_told_beside_its_field() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let long = "x".repeat(301);
    let seven = "a | /a\n".repeat(7);
    let cases = [
        ("description", long.as_str(), ""),
        ("footer_links", "", "Imprint"),
        (
            "footer_links",
            "",
            "Fine | /fine\nRun | javascript:alert(1)",
        ),
        ("footer_links", "", "Away | //evil.example"),
        ("footer_links", "", seven.as_str()),
    ];
    for (field, description, links) in cases {
        let answer = send(&mut owner, description, links).await;
        answer.assert_status(422);
        assert!(
            !answer.one(&format!("#{field}-error")).is_empty(),
            "{field}"
        );
        assert_eq!(
            (answer.field("description"), answer.field("footer_links")),
            (description.to_owned(), links.to_owned())
        );
    }
    assert_eq!(
        app.text("select description || footer_links from site")
            .await,
        "[]"
    );
}
