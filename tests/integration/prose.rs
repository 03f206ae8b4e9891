//! What authors write is shown as they meant it: dollars, directions, languages, media and odd HTML.

use crate::support::TestApp;

#[actix_web::test]
async fn dollars_in_prose_are_shown_and_formulas_are_set() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let prose = [
        "Set $HOME/$USER and $PATH.",
        "$(\"#x\").val($y)",
        "It costs $5 and $10, or US$5–$10.",
    ];
    let post = ann
        .publish("Shell", &format!("{}\n\nBut $e^x$.", prose.join("\n\n")))
        .await;
    let page = app.anonymous().get(&post.path).await.text();
    let commented = ann
        .post(
            &format!("{}/comment", post.path),
            &[("markdown", prose[0]), ("action", "preview")],
        )
        .await
        .text();
    for line in prose {
        assert!(page.contains(&format!(">{line}</p>")), "{line}:\n{page}");
    }
    assert!(
        commented.contains(&format!(">{}</p>", prose[0])),
        "{commented}"
    );
    assert_eq!(
        (
            page.matches("<math").count(),
            commented.matches("<math").count()
        ),
        (1, 0)
    );
}

const ARABIC: &str = "الدالة `def f(x):` تعيد قيمة.\n\nReact هي مكتبة لبناء الواجهات.\n\n```py\ndef f(x):\n```\n\n- واحد\n\nEnglish, too. $x$";

#[actix_web::test]
async fn a_text_runs_its_own_way_on_every_page_that_shows_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let fields = [
        ("title", "مقدمة"),
        ("excerpt", "عن الدوال"),
        ("slug", "functions"),
        ("markdown", ARABIC),
    ];
    let post = ann.publish_with(&fields).await;
    let page = app.anonymous().get(&post.path).await.text();
    let preview = ann
        .post("/preview", &[&[("kind", "post")], &fields[..]].concat())
        .await
        .text();
    for shown in [&page, &preview] {
        for part in [
            "<html lang=\"en\" dir=\"ltr\">",
            " lang=\"\" dir=\"rtl\">",
            " dir=\"auto\">مقدمة</h1>",
            " dir=\"auto\">عن الدوال</p>",
            "<p dir=\"auto\">الدالة <code dir=\"ltr\">def f(x):</code>",
            "<p dir=\"rtl\">React",
            "<pre class=\"code\" tabindex=\"0\" dir=\"ltr\">",
            "<ul dir=\"rtl\">\n<li dir=\"auto\">",
            "<p dir=\"ltr\">English, too. <math dir=\"ltr\"",
        ] {
            assert!(shown.contains(part), "{part}:\n{shown}");
        }
    }
    for list in ["/", "/newest", "/@ann"] {
        let list = app.anonymous().get(list).await.text();
        assert!(
            list.contains(&format!(
                "href=\"{}\" lang=\"\" dir=\"auto\">مقدمة</a>",
                post.path
            )),
            "{list}"
        );
        assert!(
            list.contains("lang=\"\" dir=\"auto\">عن الدوال</p>"),
            "{list}"
        );
    }
    ann.post(
        &format!("{}/comment", post.path),
        &[("markdown", "شكرا `a(b)`"), ("action", "save")],
    )
    .await;
    let commented = app.anonymous().get(&post.path).await.text();
    assert!(
        commented.contains("<p dir=\"auto\">شكرا <code dir=\"ltr\">a(b)</code></p>"),
        "{commented}"
    );
}

#[actix_web::test]
async fn the_page_is_in_our_language_and_the_text_in_its_own() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let german = ann
        .publish_with(&[
            ("title", "Brot"),
            ("markdown", "Roggen."),
            ("language", "de"),
        ])
        .await;
    let hebrew = ann
        .publish_with(&[("title", "React"), ("markdown", "x"), ("language", "he")])
        .await;
    let plain = ann.publish("Bread", "Rye.").await;
    for (post, attributes) in [
        (german, "lang=\"de\" dir=\"ltr\""),
        (hebrew, "lang=\"he\" dir=\"rtl\""),
        (plain, "lang=\"en\" dir=\"ltr\""),
    ] {
        let page = app.anonymous().get(&post.path).await.text();
        assert!(page.contains("<html lang=\"en\" dir=\"ltr\">"), "{page}");
        assert!(
            page.contains(&format!("<article class=\"post h-entry\" {attributes}>")),
            "{page}"
        );
    }
    let list = app.anonymous().get("/").await.text();
    assert!(
        list.contains("lang=\"de\" dir=\"ltr\">Brot</a>")
            && list.contains("lang=\"he\" dir=\"rtl\">React</a>"),
        "{list}"
    );
}

#[actix_web::test]
async fn media_may_be_loaded_and_pictures_come_by_https() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let text = "![a](http://e.example/a.png)\n\n<video src=\"//e.example/v.mp4\"></video>";
    let post = ann.publish("Media", text).await;
    let shown = app.anonymous().get(&post.path).await;
    assert!(
        shown
            .header("content-security-policy")
            .unwrap()
            .contains("media-src 'self' https:;")
    );
    let page = shown.text();
    assert!(
        page.contains("src=\"https://e.example/a.png\"")
            && page.contains("src=\"https://e.example/v.mp4\" controls"),
        "{page}"
    );
    let preview = ann
        .post(
            "/preview",
            &[("kind", "post"), ("title", "T"), ("markdown", text)],
        )
        .await
        .text();
    assert!(
        preview.contains("2 pictures or other media in this text begin with http://"),
        "{preview}"
    );
}

#[actix_web::test]
async fn only_a_new_cover_has_to_begin_with_https() {
    const COVER: &str = "http://e.example/cover.jpg";
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[
            ("title", "Cover"),
            ("markdown", "a"),
            ("cover_url", "https://e.example/old.jpg"),
        ])
        .await;
    let fields = [
        ("kind", "post"),
        ("title", "Kept title"),
        ("markdown", "Kept text"),
        ("cover_url", COVER),
        ("version", "1"),
    ];
    let refused = ann
        .post(
            &format!("/p/{}/edit", post.id),
            &[&fields[..], &[("action", "save")]].concat(),
        )
        .await;
    refused.assert_status(422);
    let page = refused.text();
    for part in [
        "id=\"cover_url-error\"",
        "starting with https://",
        "Kept title",
        "Kept text",
        COVER,
    ] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
    // As an import or an older version has saved it.
    sqlx::query("update posts set cover_url = $1")
        .bind(COVER)
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query(
        "update revisions set details = jsonb_set(details, '{cover_url}', to_jsonb($1::text))",
    )
    .bind(COVER)
    .execute(&app.database)
    .await
    .unwrap();
    let editor = ann.get(&format!("/p/{}/edit", post.id)).await.text();
    assert!(
        editor.contains("This address begins with http://."),
        "{editor}"
    );
    ann.edit(
        &post.id,
        &[("markdown", "Changed."), ("cover_url", COVER)],
        "publish",
    )
    .await;
    let page = app.anonymous().get(&post.path).await.text();
    assert!(
        page.contains("Changed.") && page.contains("src=\"https://e.example/cover.jpg\""),
        "{page}"
    );
    for list in ["/", "/feed.atom"] {
        let list = app.anonymous().get(list).await.text();
        assert!(
            list.contains("https://e.example/cover.jpg") && !list.contains(COVER),
            "{list}"
        );
    }
}

#[actix_web::test]
async fn pages_name_themselves_and_their_authors() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[("title", "Bread"), ("markdown", "a"), ("tags", "rye")])
        .await;
    let page = app.anonymous().get(&post.path).await.text();
    assert!(
        page.contains(&format!("<a class=\"u-url\" href=\"{}\">", post.path)),
        "{page}"
    );
    assert!(!page.contains("class=\"u-url\" href=\"/p/"), "{page}");
    for (path, part) in [
        ("/@ann", "<a class=\"u-url\" href=\"/@ann\">"),
        ("/@ann", "<meta name=\"description\" content=\"Posts by "),
        ("/", "<meta name=\"description\" content=\"Posts on "),
        (
            "/newest",
            "<meta name=\"description\" content=\"The newest posts on ",
        ),
        (
            "/t/rye",
            "<meta name=\"description\" content=\"Posts about rye on ",
        ),
        ("/t", "<meta name=\"description\" content=\"All tags on "),
    ] {
        let page = app.anonymous().get(path).await.text();
        assert!(page.contains(part), "{path} {part}:\n{page}");
    }
    let settings = ann.get("/settings").await.text();
    let field = settings
        .split("<input type=\"file\"")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    assert!(!field.contains(" value="), "{field}");
}
