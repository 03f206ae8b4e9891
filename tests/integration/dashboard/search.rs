//! Searching, sorting and paging in a tab of the dashboard.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;

use crate::support::{Actor, Response, TestApp};

/// Titles in the order of the page.
fn titles(page: &Response) -> Vec<String> {
    page.assert_status(200);
    page.all("tbody th")
}

async fn found(by: &mut Actor, query: &str) -> Vec<String> {
    titles(&by.get(&format!("/dashboard?{query}")).await)
}

/// As a browser sends what was typed.
fn typed(q: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", q)
        .finish()
}

#[actix_web::test]
async fn words_of_title_and_text_are_found_in_any_language() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (title, text) in [
        ("On Tides", "The moon pulls at the *water*."),
        ("Über Öl", "Es schwimmt auf dem Wasser."),
        ("潮の話", "月が海を引っ張る。"),
        ("المد والجزر", "القمر يجذب الماء."),
        ("ज्वार की कहानी", "चाँद पानी को खींचता है।"),
    ] {
        ann.publish(title, text).await;
    }
    app.author("ben").await.publish("On Tides too", "").await;
    for (q, expected) in [
        ("tides", "On Tides"),
        ("TIDES", "On Tides"),
        // A prefix, and words that stand apart, one in the title and one in the text.
        ("wate tid", "On Tides"),
        ("über", "Über Öl"),
        ("ÖL wasser", "Über Öl"),
        ("月", "潮の話"),
        ("海を", "潮の話"),
        ("القمر", "المد والجزر"),
        ("جزر", "المد والجزر"),
        ("कहानी", "ज्वार की कहानी"),
        ("चाँद", "ज्वार की कहानी"),
    ] {
        assert_eq!(found(&mut ann, &typed(q)).await, [expected], "{q}");
    }
    assert_eq!(found(&mut ann, &typed("wa")).await.len(), 2);
}

#[actix_web::test]
async fn a_search_without_a_result_keeps_what_was_typed_and_says_what_to_do() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("100% cotton", "Not a_b.").await;
    ann.draft(&[("title", "Silk"), ("markdown", "Text.")]).await;
    let page = ann
        .get("/dashboard?shelf=drafts&sort=title&q=cotton+%3Cb%3E")
        .await;
    assert_eq!(titles(&page), [""; 0]);
    assert_eq!(page.field("q"), "cotton <b>");
    assert!(page.one(".empty").contains("“cotton <b>”"));
    assert_eq!(
        page.attribute(".empty a", "href").unwrap(),
        "/dashboard?shelf=drafts"
    );
    assert_eq!(page.all("option[selected]"), ["By title"]);
    // The other tabs keep the words and the order.
    let tab = page.attribute(".tabs a[href*=posts]", "href").unwrap();
    assert_eq!(tab, "/dashboard?shelf=posts&q=cotton+%3Cb%3E&sort=title");
    // Signs of patterns are words as others are.
    for (q, count) in [("0%", 1), ("1%c", 0), ("a_b", 1), ("A_", 1), ("n_t", 0)] {
        assert_eq!(found(&mut ann, &typed(q)).await.len(), count, "{q}");
    }
}

#[actix_web::test]
async fn what_is_saved_and_not_public_yet_is_found_too() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("On tides", "Spring.").await;
    ann.edit(&post.id, &[("markdown", "Neap tide *comes*.")], "save")
        .await
        .assert_status(303);
    assert_eq!(found(&mut ann, "q=neap").await, ["On tides"]);
    assert_eq!(found(&mut ann, "q=spring").await, ["On tides"]);
    assert_eq!(found(&mut ann, "q=summer").await, [""; 0]);
}

#[actix_web::test]
async fn every_tab_is_searched_for_itself_and_pages_by_admins() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    owner.publish("Public sea", "Text.").await;
    owner
        .draft(&[("title", "Drafted sea"), ("markdown", "Text.")])
        .await;
    let planned = owner
        .draft(&[("title", "Planned sea"), ("markdown", "Text.")])
        .await;
    let at = [("at", "2034-01-01T12:00"), ("zone", "UTC")];
    owner
        .post(&format!("/p/{planned}/schedule"), &at)
        .await
        .assert_status(303);
    let trashed = owner.publish("Trashed sea", "Text.").await;
    owner.post(&format!("/p/{}/trash", trashed.id), &[]).await;
    owner.publish_page("Page of the sea", "Text.").await;
    for (shelf, expected) in [
        ("posts", "Public sea"),
        ("drafts", "Drafted sea"),
        ("scheduled", "Planned sea"),
        ("trash", "Trashed sea"),
        ("pages", "Page of the sea"),
    ] {
        for sort in ["newest", "oldest", "title", "published"] {
            let query = format!("shelf={shelf}&sort={sort}&q=sea");
            assert_eq!(found(&mut owner, &query).await, [expected], "{query}");
        }
    }
    let mut ann = app.author("ann").await;
    let pages = ann.get("/dashboard?shelf=pages&q=sea").await;
    pages.assert_status(404);
}

/// Follows "More" to the end.
async fn walk(by: &mut Actor, query: &str) -> Vec<String> {
    let (mut all, mut path) = (Vec::new(), format!("/dashboard?{query}"));
    loop {
        let page = by.get(&path).await;
        all.extend(titles(&page));
        match page.attribute("a[rel=next]", "href") {
            Some(next) => path = next,
            None => return all,
        }
    }
}

#[actix_web::test]
async fn each_order_goes_through_all_posts_once_also_where_many_are_alike() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let first = ann.publish("Sample", "Text.").await;
    // 120 more, of which forty are alike in everything that is sorted by.
    sqlx::query(
        "insert into posts (public_id, kind, owner_id, title, slug, status, version, saved_at, published_at, changed_at)
         select gen_random_uuid(), 'post', p.owner_id, case when n <= 40 then 'Same' else 'Post ' || lpad(n::text, 3, '0') end, 'n-' || n,
                'published', 1, p.saved_at - greatest(n, 40) * interval '1 minute', p.published_at + greatest(n, 40) * interval '1 minute', now()
         from posts p, generate_series(1, 120) n where p.public_id = $1::uuid",
    )
    .bind(&first.id)
    .execute(&app.database)
    .await
    .unwrap();
    sqlx::query(
        "insert into post_bodies (post_id, renderer_version, revision_number)
         select id, 1, 1 from posts on conflict do nothing",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let mut expected: Vec<String> = (41..=120).map(|n| format!("Post {n:03}")).collect();
    let same = vec!["Same".to_owned(); 40];
    let by_title = [expected.clone(), same.clone(), vec!["Sample".to_owned()]].concat();
    let mut sorted = by_title.clone();
    sorted.sort();
    expected.reverse();
    for (query, check) in [
        ("sort=title", Some(sorted)),
        (
            "sort=newest",
            Some(
                [
                    vec!["Sample".to_owned()],
                    same.clone(),
                    by_title[..80].to_vec(),
                ]
                .concat(),
            ),
        ),
        (
            "sort=oldest",
            Some([expected.clone(), same.clone(), vec!["Sample".to_owned()]].concat()),
        ),
        (
            "sort=published",
            Some([expected, same, vec!["Sample".to_owned()]].concat()),
        ),
        ("q=s&sort=title", None),
    ] {
        let all = walk(&mut ann, query).await;
        assert_eq!(all.len(), 121, "{query}");
        if let Some(check) = check {
            assert_eq!(all, check, "{query}");
        }
    }
    let ids: BTreeSet<String> = {
        let (mut ids, mut path) = (BTreeSet::new(), "/dashboard?sort=title".to_owned());
        loop {
            let page = ann.get(&path).await;
            ids.extend(page.links("tbody th"));
            match page.attribute("a[rel=next]", "href") {
                Some(next) => path = next,
                None => break ids,
            }
        }
    };
    assert_eq!(ids.len(), 121);
}

#[actix_web::test]
async fn titles_of_any_language_are_sorted_as_people_expect() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for title in [
        "Zebra",
        "ärger",
        "apfel",
        "Birne",
        "潮",
        "مد",
        "ज्वार",
        "Ärger 2",
    ] {
        ann.draft(&[("title", title), ("markdown", "Text.")]).await;
    }
    assert_eq!(
        found(&mut ann, "shelf=drafts&sort=title").await,
        [
            "apfel",
            "ärger",
            "Ärger 2",
            "Birne",
            "Zebra",
            "مد",
            "ज्वार",
            "潮"
        ]
    );
}

#[actix_web::test]
async fn wrong_values_are_refused_and_hostile_words_find_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("On tides", "Text.").await;
    let by_title = format!("t.{}", BASE64URL_NOPAD.encode(b"12345678On"));
    for query in [
        "sort=nonsense".to_owned(),
        "before=nonsense".to_owned(),
        format!("before={by_title}"),
        format!("sort=published&before={by_title}"),
        "sort=title&before=AAYKkz5uUAAAAAAAAAAAKg".to_owned(),
        "sort=title&before=t.AAAAAAAAAAD_".to_owned(),
        "sort=title&before=t.AAAAAAAAAAAA".to_owned(),
        "sort=oldest&before=%00".to_owned(),
    ] {
        ann.get(&format!("/dashboard?{query}"))
            .await
            .assert_status(404);
    }
    ann.get(&format!("/dashboard?sort=title&before={by_title}"))
        .await
        .assert_status(200);
    // As everywhere on the site.
    ann.get("/dashboard?q=%00tides").await.assert_status(404);
    assert_eq!(found(&mut ann, "q=%01tides%7f").await, ["On tides"]);
    assert_eq!(found(&mut ann, "q=%27%3B+drop+table+posts").await, [""; 0]);
    assert_eq!(
        found(&mut ann, &typed(&"e ".repeat(100))).await,
        ["On tides"]
    );
    let long = ann
        .get(&format!("/dashboard?{}", typed(&"é".repeat(201))))
        .await;
    long.assert_status(422);
    assert_eq!(long.field("q").chars().count(), 201);
    assert!(long.one("#q-error").contains("at most 200 characters"));
    ann.get(&format!("/dashboard?{}", typed(&"é".repeat(200))))
        .await
        .assert_status(200);
}
