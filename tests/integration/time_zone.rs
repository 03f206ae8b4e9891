//! Days and months are those of the site's time zone.

use crate::support::{Actor, Response, TestApp};

/// Listed posts of Ann's at these instants, called by them.
async fn publish_at(app: &TestApp, instants: &[&str]) {
    for instant in instants {
        sqlx::query(
            "with made as (
                 insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
                 select gen_random_uuid(), 'post', u.id, $1, 'at-' || to_char(at, 'YYYYMMDDHH24MI'), 'published', at, at, at
                 from users u, cast($1 as timestamptz) at where username = 'ann' returning id, owner_id, listed_at)
             insert into post_authors (post_id, user_id, position, listed_at) select id, owner_id, 0, listed_at from made",
        )
        .bind(instant)
        .execute(&app.database)
        .await
        .unwrap();
    }
    app.forget_pages();
}

async fn move_to(owner: &mut Actor, zone: &str) -> Response {
    let form = [
        ("name", "Harbour"),
        ("language", "en"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("comment_policy", "members"),
        ("time_zone", zone),
    ];
    owner.post("/admin/site", &form).await
}

/// The titles on the page of a month, or none.
async fn month(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.anonymous().get(&format!("/archive/{path}")).await;
    page.all(".h-entry .p-name")
}

#[actix_web::test]
async fn a_post_is_listed_under_the_day_that_it_is_where_the_site_is() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    const AT: &str = "2024-03-31T11:30:00Z";
    let post = app.author("ann").await.publish("Lamps", "Words.").await;
    let moved = "with moved as (update posts set published_at = $1, changed_at = $1, listed_at = $1 returning id)
                 update post_authors set listed_at = $1 from moved where post_id = moved.id";
    sqlx::query(moved)
        .bind(AT.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
        .execute(&app.database)
        .await
        .unwrap();
    publish_at(&app, &["2024-03-01T12:00:00Z"]).await;
    let mut reader = app.anonymous();
    let post = post.path.as_str();
    let day = ".h-entry .dt-published";
    let sitemap = reader.get("/sitemap-1.xml").await.text();
    assert_eq!(reader.get("/archive").await.all(".year a"), ["March"]);
    assert_eq!(month(&app, "2024/03").await.len(), 2);
    assert_eq!(reader.get(post).await.one(day), "31 March 2024");

    move_to(&mut owner, "Pacific/Auckland")
        .await
        .assert_status(303);
    assert_eq!(
        owner.get("/admin/site").await.field("time_zone"),
        "Pacific/Auckland"
    );
    assert_eq!(
        reader.get("/archive").await.all(".year a"),
        ["March", "April"]
    );
    assert_eq!(month(&app, "2024/04").await, ["Lamps"]);
    assert_eq!(month(&app, "2024/03").await, ["2024-03-01T12:00:00Z"]);
    let page = reader.get(post).await;
    assert_eq!(page.one(day), "1 April 2024");
    assert_eq!(page.attribute(day, "datetime").as_deref(), Some(AT));
    let listed = reader.get("/newest").await;
    assert_eq!(listed.all(day)[0], "1 April 2024");
    let feed = reader.get("/feed.json").await.json();
    assert_eq!(feed["items"][0]["date_published"], AT);
    assert_eq!(reader.get("/sitemap-1.xml").await.text(), sitemap);
}

#[actix_web::test]
async fn the_front_page_groups_by_the_months_of_the_site() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.author("ann").await;
    let newer = [
        "2024-05-05",
        "2024-05-04",
        "2024-05-03",
        "2024-05-02",
        "2024-05-01",
    ];
    let newer: Vec<String> = newer.iter().map(|day| format!("{day}T12:00:00Z")).collect();
    let mut all: Vec<&str> = newer.iter().map(String::as_str).collect();
    all.extend(["2024-04-01T01:00:00Z", "2024-03-31T12:00:00Z"]);
    publish_at(&app, &all).await;
    let months = async || app.anonymous().get("/").await.all(".month > h2");
    assert_eq!(months().await, ["April 2024", "March 2024"]);
    move_to(&mut owner, "America/New_York")
        .await
        .assert_status(303);
    assert_eq!(months().await, ["March 2024"]);
    let days = app.anonymous().get("/").await.all(".month time");
    assert_eq!(days, ["31", "31"]);
}

/// In Havana the first of November began twice: at one o'clock it was midnight again.
#[actix_web::test]
async fn a_month_that_begins_twice_holds_each_post_once() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.author("ann").await;
    let november = [
        "2026-11-02T12:00:00Z",
        "2026-11-01T05:30:00Z",
        "2026-11-01T04:45:00Z",
        "2026-11-01T04:15:00Z",
    ];
    publish_at(&app, &november).await;
    publish_at(&app, &["2026-11-01T03:59:00Z", "2025-01-15T12:00:00Z"]).await;
    move_to(&mut owner, "America/Havana")
        .await
        .assert_status(303);
    let archive = app.anonymous().get("/archive").await;
    assert_eq!(archive.all(".year h2"), ["2026", "2025"]);
    assert_eq!(archive.all(".year a"), ["October", "November", "January"]);
    assert_eq!(month(&app, "2026/11").await, november);
    assert_eq!(month(&app, "2026/10").await, ["2026-11-01T03:59:00Z"]);
    assert_eq!(month(&app, "2025/01").await, ["2025-01-15T12:00:00Z"]);
}

#[actix_web::test]
async fn a_zone_that_is_not_on_the_list_is_told_beside_the_field() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    for zone in ["Europe/Nowhere", "EST5EDT", "x' or true"] {
        let answer = move_to(&mut owner, zone).await;
        answer.assert_status(422);
        assert!(!answer.one("#time_zone-error").is_empty(), "{zone}");
        assert_eq!(answer.field("name"), "Harbour");
    }
    assert_eq!(app.text("select time_zone from site").await, "UTC");
    // A form of a node of the release before has no such field.
    move_to(&mut owner, "Europe/Berlin")
        .await
        .assert_status(303);
    move_to(&mut owner, "").await.assert_status(303);
    assert_eq!(
        app.text("select time_zone from site").await,
        "Europe/Berlin"
    );
    let entry =
        "select jsonb_build_array(before -> 'time_zone', after -> 'time_zone')::text from audit_log
                 where act = 'site.update' order by id limit 1";
    assert_eq!(app.text(entry).await, r#"["UTC", "Europe/Berlin"]"#);
}
