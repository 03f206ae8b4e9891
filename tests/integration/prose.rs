//! What authors write is shown as they meant it: dollars, directions, languages, media and odd HTML.

use crate::support::TestApp;

#[actix_web::test]
async fn dollars_in_prose_are_shown_and_formulas_are_set() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let prose = ["Set $HOME/$USER and $PATH.", "$(\"#x\").val($y)", "It costs $5 and $10, or US$5–$10."];
    let post = ann.publish("Shell", &format!("{}\n\nBut $e^x$.", prose.join("\n\n"))).await;
    let page = app.anonymous().get(&post.path).await.text();
    let commented = ann.post(&format!("{}/comment", post.path), &[("markdown", prose[0]), ("action", "preview")]).await.text();
    for line in prose {
        assert!(page.contains(&format!(">{line}</p>")), "{line}:\n{page}");
    }
    assert!(commented.contains(&format!(">{}</p>", prose[0])), "{commented}");
    assert_eq!((page.matches("<math").count(), commented.matches("<math").count()), (1, 0));
}

const ARABIC: &str =
    "الدالة `def f(x):` تعيد قيمة.\n\nReact هي مكتبة لبناء الواجهات.\n\n```py\ndef f(x):\n```\n\n- واحد\n\nEnglish, too. $x$";

#[actix_web::test]
async fn a_text_runs_its_own_way_on_every_page_that_shows_it() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let fields = [("title", "مقدمة"), ("excerpt", "عن الدوال"), ("markdown", ARABIC)];
    let post = ann.publish_with(&fields).await;
    let page = app.anonymous().get(&post.path).await.text();
    let preview = ann.post("/preview", &[&[("kind", "post")], &fields[..]].concat()).await.text();
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
        assert!(list.contains(&format!("href=\"{}\" lang=\"\" dir=\"auto\">مقدمة</a>", post.path)), "{list}");
        assert!(list.contains("lang=\"\" dir=\"auto\">عن الدوال</p>"), "{list}");
    }
    ann.post(&format!("{}/comment", post.path), &[("markdown", "شكرا `a(b)`"), ("action", "save")]).await;
    let commented = app.anonymous().get(&post.path).await.text();
    assert!(commented.contains("<p dir=\"auto\">شكرا <code dir=\"ltr\">a(b)</code></p>"), "{commented}");
}

#[actix_web::test]
async fn the_page_is_in_our_language_and_the_text_in_its_own() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let german = ann.publish_with(&[("title", "Brot"), ("markdown", "Roggen."), ("language", "de")]).await;
    let hebrew = ann.publish_with(&[("title", "React"), ("markdown", "x"), ("language", "he")]).await;
    let plain = ann.publish("Bread", "Rye.").await;
    for (post, attributes) in
        [(german, "lang=\"de\" dir=\"ltr\""), (hebrew, "lang=\"he\" dir=\"rtl\""), (plain, "lang=\"en\" dir=\"ltr\"")]
    {
        let page = app.anonymous().get(&post.path).await.text();
        assert!(page.contains("<html lang=\"en\" dir=\"ltr\">"), "{page}");
        assert!(page.contains(&format!("<article class=\"post h-entry\" {attributes}>")), "{page}");
    }
    let list = app.anonymous().get("/").await.text();
    assert!(list.contains("lang=\"de\" dir=\"ltr\">Brot</a>") && list.contains("lang=\"he\" dir=\"rtl\">React</a>"), "{list}");
}
