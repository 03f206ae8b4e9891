//! A tag is its name. Where it stands was decided when it was made, and stays.

use futures_util::future::join_all;
use masthead::features::posts::jobs::name_tags;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::support::{Actor, PATIENCE, Response, TestApp, rounds, until};

/// Names and addresses of the tags below a post.
fn tags_of(page: &Response) -> Vec<(String, String)> {
    page.all("ul.tags a")
        .into_iter()
        .zip(page.links("ul.tags"))
        .collect()
}

fn encoded(slug: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
    utf8_percent_encode(slug, ENCODED).to_string()
}

/// As the release before made it, which knows of no keys.
async fn made_before(app: &TestApp, slug: &str, name: &str) {
    sqlx::query("insert into tags (slug, name) values ($1, $2)")
        .bind(slug)
        .bind(name)
        .execute(&app.database)
        .await
        .unwrap();
}

#[actix_web::test]
async fn names_that_differ_are_tags_of_their_own() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let fields = [
        ("title", "All"),
        ("markdown", "a"),
        (
            "tags",
            "C, C++, C#, .NET, 数据, 书局, 输局, हिन्दी, हिंदी, قواعد البيانات",
        ),
    ];
    let post = ann.publish_with(&fields).await;
    let expected = [
        ("C", "c"),
        ("C++", "cpp"),
        ("C#", "c-sharp"),
        (".NET", "dot-net"),
        ("数据", "数据"),
        ("书局", "书局"),
        ("输局", "输局"),
        ("हिन्दी", "हिन्दी"),
        ("हिंदी", "हिंदी"),
        ("قواعد البيانات", "قواعد-البيانات"),
    ];
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(
        tags_of(&page),
        expected.map(|(name, slug)| (name.to_owned(), format!("/t/{slug}")))
    );
    for (name, slug) in expected {
        let path = format!("/t/{}", encoded(slug));
        let list = app.anonymous().get(&path).await;
        list.assert_status(200);
        assert_eq!(
            (list.one("h1").as_str(), list.all(".h-entry").len()),
            (name, 1),
            "{name}"
        );
        assert_eq!(
            list.attribute("link[rel=canonical]", "href"),
            Some(format!("http://blog.example{path}"))
        );
        let feed = app.anonymous().get(&format!("{path}/feed.atom")).await;
        let feed = atom_syndication::Feed::read_from(&feed.body[..]).unwrap();
        assert_eq!(feed.id, format!("http://blog.example{path}/feed.atom"));
        let places = app
            .anonymous()
            .get("/sitemap.xml")
            .await
            .text()
            .contains(&format!("<loc>http://blog.example{path}</loc>"));
        assert!(places, "{name} in the sitemap");
    }
}

#[actix_web::test]
async fn a_name_is_one_tag_however_it_is_written() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for tags in [
        "Straße, Café",
        "STRASSE, ｃａｆｅ\u{301}",
        "#strasse, cafe\u{301}",
    ] {
        ann.publish_with(&[("title", "One"), ("markdown", "a"), ("tags", tags)])
            .await;
    }
    let kept = "select string_agg(name || ' ' || slug || ' ' || post_count, ', ' order by name desc) from tags";
    assert_eq!(
        app.text(kept).await,
        "Straße straße 3, Café café 3",
        "the first spelling is shown"
    );
    let mut reader = app.anonymous();
    for (asked, slug) in [
        ("STRASSE", "straße"),
        ("Caf%C3%89", "café"),
        ("cafe%CC%81", "café"),
        ("%EF%BC%A3af%C3%A9", "café"),
    ] {
        let moved = reader.get(&format!("/t/{asked}/feed.json")).await;
        moved.assert_status(301);
        assert_eq!(
            moved.location(),
            format!("/t/{}/feed.json", encoded(slug)),
            "{asked}"
        );
        assert_eq!(
            reader.get(&format!("/t/{asked}")).await.location(),
            format!("/t/{}", encoded(slug)),
            "{asked}"
        );
    }
    ann.publish_with(&[("title", "Two"), ("markdown", "a"), ("tags", "C++")])
        .await;
    assert_eq!(reader.get("/t/C%2B%2B").await.location(), "/t/cpp");
    reader.get("/t/c%23").await.assert_status(404);
}

#[actix_web::test]
async fn tags_that_exist_keep_their_address_and_the_id_of_their_feed() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (slug, name) in [
        ("shu-ju", "数据"),
        ("c", "C++"),
        ("uber-uns", "Über uns"),
        ("tada", "🎉"),
    ] {
        made_before(&app, slug, name).await;
    }
    // Before and after the keys are filled in.
    for round in 1..=2 {
        let tags = "数据, 书局, c++, C, ÜBER UNS, 🎉";
        let post = ann
            .publish_with(&[("title", "Text"), ("markdown", "a"), ("tags", tags)])
            .await;
        let links: Vec<String> = tags_of(&app.anonymous().get(&post.path).await)
            .into_iter()
            .map(|(_, link)| link)
            .collect();
        assert_eq!(
            links,
            [
                "/t/shu-ju",
                "/t/书局",
                "/t/c",
                "/t/c-2",
                "/t/uber-uns",
                "/t/tada"
            ],
            "round {round}"
        );
        for slug in ["shu-ju", "c", "uber-uns"] {
            let feed = app.anonymous().get(&format!("/t/{slug}/feed.atom")).await;
            let feed = atom_syndication::Feed::read_from(&feed.body[..]).unwrap();
            assert_eq!(
                (feed.id, feed.entries.len()),
                (format!("http://blog.example/t/{slug}/feed.atom"), round)
            );
        }
        name_tags(&app.db()).await.unwrap();
        assert_eq!(
            app.count("select count(*) from tags where name_key is null")
                .await,
            0
        );
    }
    // Their names lead there, too.
    for (asked, slug) in [
        ("%E6%95%B0%E6%8D%AE", "shu-ju"),
        ("%C3%9Cber%20uns", "uber-uns"),
        ("C%2B%2B", "c"),
    ] {
        assert_eq!(
            app.anonymous().get(&format!("/t/{asked}")).await.location(),
            format!("/t/{slug}")
        );
    }
}

/// A node of the release before makes a tag with a name that is there, at an address of its own.
#[actix_web::test]
async fn a_tag_that_the_release_before_makes_twice_stays_where_it_is() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish_with(&[("title", "One"), ("markdown", "a"), ("tags", "数据")])
        .await;
    made_before(&app, "shu-ju", "数据").await;
    for _ in 0..2 {
        name_tags(&app.db()).await.unwrap();
    }
    let post = ann
        .publish_with(&[("title", "Two"), ("markdown", "a"), ("tags", "数据")])
        .await;
    assert_eq!(
        tags_of(&app.anonymous().get(&post.path).await),
        [("数据".to_owned(), "/t/数据".to_owned())]
    );
    assert_eq!(
        app.count("select count(*) from tags where slug = 'shu-ju' and name_key is null")
            .await,
        1
    );
}

/// What a revision says of a tag is found by nodes of both releases.
#[actix_web::test]
async fn revisions_name_tags_by_their_addresses_too() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    made_before(&app, "uber-uns", "Über uns").await;
    let post = ann
        .publish_with(&[("title", "One"), ("markdown", "a"), ("tags", "c, C++")])
        .await;
    ann.edit(&post.id, &[("tags", "Über uns, C++, new")], "save")
        .await
        .assert_status(303);
    let newest = "select string_agg(tag->>'slug', ' ') from revisions r, jsonb_array_elements(r.details->'tags') tag where number = 2";
    assert_eq!(app.text(newest).await, "uber-uns cpp new");
}

#[actix_web::test]
async fn prove_tags_made_at_the_same_moment_are_one_tag_each() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut drafts = Vec::new();
    for number in 0..12 {
        drafts.push(
            ann.draft(&[("title", &format!("Text {number}")), ("markdown", "a")])
                .await,
        );
    }
    for round in 1..=rounds(3, 100) {
        // Names that are one, and names that would like one address.
        let named = [
            format!("same {round}, one {round}"),
            format!("ONE {round}, Same {round}"),
            format!("same-{round}, one_{round}"),
        ];
        let saves = drafts.iter().enumerate().map(|(number, id)| {
            let (mut ann, tags, version) =
                (ann.clone(), named[number % 3].clone(), round.to_string());
            async move {
                let form = [
                    ("id", id.as_str()),
                    ("kind", "post"),
                    ("version", &version),
                    ("tags", &tags),
                    ("action", "save"),
                ];
                let form = [&form[..], &[("title", "At once"), ("markdown", "a")]].concat();
                // A busy node may ask to try again.
                until("saved", PATIENCE, async || {
                    ann.post(&format!("/p/{id}/edit"), &form).await.status == 303
                })
                .await;
            }
        });
        join_all(saves).await;
        let (made, used) = (
            "select count(*) from tags",
            "select count(*) from post_tags",
        );
        assert_eq!(
            (app.count(made).await, app.count(used).await),
            (4 * round as i64, 24),
            "round {round}"
        );
    }
    let deadlocks =
        "select deadlocks::bigint from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
}

/// Titles and what readers see of them in an address.
const TITLES: [(&str, &str); 6] = [
    ("雨の日の余白", "雨の日の余白"),
    ("旧书店 2024", "旧书店-2024"),
    ("हिन्दी में लिखना", "हिन्दी-में-लिखना"),
    ("رسائل لم تُكتب بالعجلة", "رسائل-لم-تُكتب-بالعجلة"),
    ("שלום עולם", "שלום-עולם"),
    ("Über Straßen", "über-straßen"),
];

#[actix_web::test]
async fn addresses_of_posts_keep_their_script() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let mut reader = app.anonymous();
    for (title, slug) in TITLES {
        let post = ann.publish(title, "Text.").await;
        assert_eq!(post.path, format!("/@ann/{}", encoded(slug)), "{title}");
        let page = reader.get(&post.path).await;
        page.assert_status(200);
        let whole = format!("http://blog.example{}", post.path);
        assert_eq!(
            page.attribute("link[rel=canonical]", "href").as_ref(),
            Some(&whole)
        );
        assert_eq!(
            page.attribute("meta[property='og:url']", "content")
                .as_ref(),
            Some(&whole)
        );
        reader
            .get(&format!("{}.md", post.path))
            .await
            .assert_status(200);
        assert_eq!(
            reader.get(&format!("/p/{}", post.id)).await.location(),
            post.path
        );
        assert!(
            reader
                .get("/feed.atom")
                .await
                .text()
                .contains(&format!("href=\"{whole}\"")),
            "{title} in the feed"
        );
        assert!(
            reader
                .get("/sitemap.xml")
                .await
                .text()
                .contains(&format!("<loc>{whole}</loc>")),
            "{title} in the sitemap"
        );
        let talk = ann.get(&format!("/@ANN/{}", encoded(slug))).await;
        assert_eq!(talk.location(), post.path, "another case of the handle");
        // A new title does not move it, another slug does and leaves the old one behind.
        ann.edit(&post.id, &[("title", "Another title")], "publish")
            .await
            .assert_status(303);
        reader.get(&post.path).await.assert_status(200);
        let typed = format!("{title} ２");
        let moved = ann.edit(&post.id, &[("slug", &typed)], "publish").await;
        moved.assert_status(303);
        let led = reader.get(&post.path).await;
        led.assert_status(301);
        assert_eq!(
            percent_decode_str(led.location()).decode_utf8().unwrap(),
            format!("/@ann/{slug}-2")
        );
        reader.get(led.location()).await.assert_status(200);
    }
}

#[actix_web::test]
async fn addresses_that_exist_do_not_move() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("雨の日の余白", "Text.").await;
    // Where the release before put it.
    let moved = "update posts set slug = 'yu-nori-noyu-bai' where slug = '雨の日の余白'";
    sqlx::query(moved).execute(&app.database).await.unwrap();
    app.forget_pages();
    for action in ["save", "publish"] {
        ann.edit(&post.id, &[("markdown", action)], action)
            .await
            .assert_status(303);
    }
    ann.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    let again = ann.post(&format!("/p/{}/publish", post.id), &[]).await;
    assert_eq!(again.path(), "/@ann/yu-nori-noyu-bai");
}

#[actix_web::test]
async fn all_tags_stand_under_their_letters() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = async |ann: &mut Actor, tags: &str| {
        let fields = [("title", "Post"), ("markdown", "Text."), ("tags", tags)];
        ann.publish_with(&fields).await;
    };
    post(&mut ann, "salt, École, bread, butter, eel, 3D").await;
    post(&mut ann, "salt").await;
    let mut owner = app.owner().await;
    let about = [("description", "Of the sea.")];
    let done = owner.post("/admin/tags/salt/description", &about).await;
    done.assert_status(303);
    let page = app.anonymous().get("/t").await;
    assert_eq!(page.all(".letter h3"), ["#", "B", "E", "S"]);
    let names = page.all(".letter a");
    assert_eq!(names, ["3D", "bread", "butter", "École", "eel", "salt"]);
    assert!(page.one(".letter:last-child li").contains("Of the sea."));
    // All are in sight at once: the most used are not named twice.
    assert!(page.all(".most-used li").is_empty());
    let many = |from: u32| -> String {
        let names = (from..from + 10).map(|n| format!("t{n}"));
        names.collect::<Vec<_>>().join(", ")
    };
    for from in [0, 10] {
        post(&mut ann, &many(from)).await;
    }
    let page = app.anonymous().get("/t").await;
    assert_eq!(page.all(".most-used li").len(), 12);
    assert!(page.all(".most-used li")[0].contains("salt"));
    assert_eq!(page.all(".letter a").len(), 26);
}
