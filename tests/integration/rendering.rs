//! What texts cost: the dearest ones that were found are shown and saved, and too many at once are refused with their
//! forms.

use crate::support::{Served, TestApp, free_port, send_form};

/// Lines that take a highlighter seconds: language, beginning, and what is repeated.
const DEAREST: &[(&str, &str, &str)] = &[
    ("scss", "", " "),
    ("cs", "a(", "_a"),
    ("cpp", "a = ", "a::"),
    ("d", "a ", "a='"),
    ("tsx", "", "("),
    ("haskell", "", "a::"),
    ("js", "(", "A"),
    ("php source", "", "(a"),
];

fn block((language, begin, part): &(&str, &str, &str), lines: usize) -> String {
    let line = format!("{begin}{}\n", part.repeat((1_980 - begin.len()) / part.len()));
    format!("```{language}\n{}```\n", line.repeat(lines))
}

#[actix_web::test]
async fn comments_with_the_dearest_code_are_shown_without_colours() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("The square", "Come and talk.").await;
    let path = format!("{}/comment", post.path);
    for (index, dear) in DEAREST.iter().enumerate() {
        let typed = format!("{}\n*Said {index}.*", block(dear, 4));
        let shown = ann.post(&path, &[("markdown", &typed), ("action", "preview")]).await;
        shown.assert_status(200);
        assert!(shown.text().contains(&format!("<em>Said {index}.</em>")), "{dear:?}");
    }
}

#[actix_web::test]
async fn a_post_is_saved_whatever_its_code_costs() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let code: String = DEAREST[..4].iter().map(|dear| block(dear, 8)).collect();
    let post = ann.publish("Dear code", &format!("{code}\n*End.*")).await;
    assert!(app.anonymous().get(&post.path).await.text().contains("<em>End.</em>"));
}

#[actix_web::test]
async fn what_cannot_be_rendered_says_which_part_and_why() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    for (text, says) in [
        (format!("Fine.\n\n<p {}>", "b ".repeat(3_000)), "A tag &#60;p&#62; is too long"),
        (format!("Fine.\n\nTom {}", "\u{a7}".repeat(50_000)), "The part that begins “Tom §"),
        ("<div>".repeat(300), "where a &#60;div&#62; begins"),
    ] {
        let refused = ann.post("/preview", &[("kind", "post"), ("title", "T"), ("markdown", &text)]).await;
        refused.assert_status(422);
        assert!(refused.text().contains(says), "{says}");
    }
}

/// In a process of its own: the other tests of this one render too.
#[actix_web::test]
async fn too_many_texts_at_once_are_refused_with_their_forms() {
    let app = TestApp::new().await;
    let served = Served::start(&app, free_port(), &[]);
    let ann = app.author("ann").await;
    let cookie = format!("sid={}", ann.cookie("sid").unwrap());
    let code: String = DEAREST.iter().map(|dear| block(dear, 8)).collect();
    let typed = format!("{code}\n\nEnd of what was typed.");
    // Twice as many as may wait and be under way on any machine.
    let (tell, told) = std::sync::mpsc::channel();
    for _ in 0..80 {
        let (cookie, typed, port, tell) = (cookie.clone(), typed.clone(), served.port, tell.clone());
        std::thread::spawn(move || {
            let form = [("kind", "post"), ("title", "T"), ("markdown", typed.as_str())];
            // Turned away earlier, by the database: the same again. Without an answer the test is over.
            while let Some(answer) = send_form(port, "/preview", &cookie, &form) {
                if answer.status == 503 && answer.text().contains("This site has too much to do right now") {
                    let _ = tell.send(answer);
                } else if answer.status == 503 {
                    continue;
                }
                break;
            }
        });
    }
    let refused = told.recv().unwrap();
    assert!(refused.text().contains("End of what was typed."));
    assert!(refused.headers.contains_key("retry-after"));
    app.through(served.port).anonymous().get("/livez").await.assert_status(200);
}
