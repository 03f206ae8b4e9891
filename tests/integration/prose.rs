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
