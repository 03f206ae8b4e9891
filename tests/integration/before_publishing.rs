//! What the step before publishing says of slips.

use crate::support::TestApp;

#[actix_web::test]
async fn slips_are_named_and_stop_nothing() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let other = ann.publish("Low tide", "Mud.").await;
    let draft = ann.draft(&[("title", "Not yet"), ("markdown", "x")]).await;
    let markdown = format!(
        "[good](/@ann/low-tide) [good too](/p/{}) [elsewhere](https://other.example/@ann/gone)\n\n\
         [never there](/@ann/gone) [a draft](/@ann/not-yet) [by id](/p/{draft})\n\n\
         [nothing](/@ann/%00) ![](/boat.png) [](/about)\n\n## First\n\n#### Deep <i>down</i>",
        other.id
    );
    let id = ann
        .draft(&[("title", "Links"), ("markdown", &markdown)])
        .await;
    let step = ann.get(&format!("/p/{id}/publish")).await;
    step.assert_status(200);
    let slips = step.all("section.note li");
    for (slip, part) in slips.iter().zip([
        "/boat.png",
        "/about",
        "Deep down",
        "/@ann/gone",
        "/@ann/not-yet",
        &format!("/p/{draft}"),
    ]) {
        assert!(slip.contains(part), "{slip} is about {part}");
    }
    assert_eq!(slips.len(), 6, "{slips:?}");
    ann.post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn former_addresses_are_no_slips_and_a_thousand_are_few_lines() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let other = ann.publish("Low tide", "Mud.").await;
    ann.edit(&other.id, &[("slug", "ebb")], "publish")
        .await
        .assert_status(303);
    let id = ann
        .draft(&[("title", "Links"), ("markdown", "[old](/@Ann/Low-Tide)")])
        .await;
    let step = ann.get(&format!("/p/{id}/publish")).await;
    assert!(step.all("section.note li").is_empty());
    let many = "![](/a.png) ".repeat(1000);
    let id = ann.draft(&[("title", "Many"), ("markdown", &many)]).await;
    let step = ann.get(&format!("/p/{id}/publish")).await;
    let slips = step.all("section.note li");
    assert_eq!(slips.len(), 21);
    assert!(slips[20].contains("980 more"));
}
