//! What an act costs in round trips between node and database, counted on the wire: where the primary is 40 ms away,
//! each of them is 40 ms for somebody who waits.

use actix_web::test::TestRequest;

use crate::support::{Actor, Proxy, TestApp};

/// So often each act is done; what is prepared on the way does not count.
const TIMES: u64 = 5;

struct Line {
    app: TestApp,
    proxy: Proxy,
}

impl Line {
    async fn new() -> Line {
        let (app, proxy) = TestApp::behind_a_proxy().await;
        app.set_up().await;
        Line { app, proxy }
    }

    /// Of one act, everything that it causes, once its statements are prepared.
    async fn cost(&self, mut act: impl AsyncFnMut()) -> f64 {
        for _ in 0..3 {
            act().await;
        }
        let before = self.proxy.trips().so_far().await;
        for _ in 0..TIMES {
            act().await;
        }
        (self.proxy.trips().so_far().await - before) as f64 / TIMES as f64
    }
}

/// A form of the editor with the usual fields.
fn form<'a>(
    id: &'a str,
    version: &'a str,
    title: &'a str,
    action: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("id", id),
        ("kind", "post"),
        ("version", version),
        ("title", title),
        (
            "markdown",
            "Some *text* with a [link](https://example.org).",
        ),
        ("tags", "weather, bread"),
        ("action", action),
    ]
}

struct Writer {
    ann: Actor,
    id: String,
    version: u64,
}

impl Writer {
    async fn new(line: &Line, name: &str) -> Writer {
        let mut ann = line.app.author(name).await;
        let id = ann.get("/new").await.field("id");
        let mut writer = Writer {
            ann,
            id,
            version: 0,
        };
        let first = form(&writer.id, "0", "Title 0", "save");
        writer.ann.post("/new", &first).await.assert_status(303);
        writer.version = 1;
        writer
    }

    async fn save(&mut self, action: &str) {
        let (version, title) = (self.version.to_string(), format!("Title {}", self.version));
        let path = format!("/p/{}/edit", self.id);
        self.ann
            .post(&path, &form(&self.id, &version, &title, action))
            .await
            .assert_status(303);
        self.version += 1;
    }

    /// As its script saves by itself.
    async fn autosave(&mut self) {
        let (version, title) = (self.version.to_string(), format!("Title {}", self.version));
        let request = TestRequest::post()
            .uri(&format!("/p/{}/edit", self.id))
            .set_form(form(&self.id, &version, &title, "save"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("accept", "application/json"))
            .insert_header(("if-match", format!("\"c{version}\"")))
            .insert_header(("masthead-editing", format!("{} {version} auto", self.id)));
        self.ann.send(request).await.assert_status(200);
        self.version += 1;
    }
}

#[actix_web::test]
async fn acts_take_few_round_trips() {
    let line = Line::new().await;
    let mut report = Vec::new();

    let mut writer = Writer::new(&line, "ann").await;
    report.push((
        "save of a draft",
        line.cost(async || writer.save("save").await).await,
        8.0,
    ));

    report.push((
        "autosave of a draft",
        line.cost(async || writer.autosave().await).await,
        6.0,
    ));

    let mut ben = line.app.author("ben").await;
    let mut ids = Vec::new();
    for _ in 0..TIMES + 3 {
        ids.push(ben.get("/new").await.field("id"));
    }
    let first = line.cost(async || {
        let id = ids.pop().unwrap();
        ben.post("/new", &form(&id, "0", "A first save", "save"))
            .await
            .assert_status(303);
    });
    report.push(("first save of a post", first.await, 8.0));

    let mut drafts = Vec::new();
    let mut cleo = line.app.author("cleo").await;
    for number in 0..TIMES + 3 {
        let id = cleo.get("/new").await.field("id");
        cleo.post("/new", &form(&id, "0", &format!("Text {number}"), "save"))
            .await
            .assert_status(303);
        drafts.push(id);
    }
    let publish = line
        .cost(async || {
            let id = drafts.pop().unwrap();
            cleo.post(&format!("/p/{id}/publish"), &[])
                .await
                .assert_status(303);
        })
        .await;
    report.push(("publish", publish, 12.0));

    writer
        .ann
        .post(&format!("/p/{}/publish", writer.id), &[])
        .await
        .assert_status(303);
    report.push((
        "save of changes to a public post",
        line.cost(async || writer.save("save").await).await,
        8.0,
    ));
    report.push((
        "autosave of changes to a public post",
        line.cost(async || writer.autosave().await).await,
        6.0,
    ));
    report.push((
        "save and publish of changes",
        line.cost(async || writer.save("publish").await).await,
        12.0,
    ));

    let path = writer
        .ann
        .get(&format!("/p/{}", writer.id))
        .await
        .location()
        .to_owned();
    let mut dora = line.app.author("dora").await;
    let mut number = 0;
    let comment = line
        .cost(async || {
            number += 1;
            let text = format!("A comment, number {number}.");
            dora.post(&format!("{path}/comment"), &[("markdown", &text)])
                .await
                .assert_status(303);
        })
        .await;
    report.push(("comment", comment, 8.0));

    let sign_in = line
        .cost(async || {
            line.app.sign_in("dora").await;
        })
        .await;
    report.push(("sign-in", sign_in, 6.0));

    let cold = line
        .cost(async || {
            line.app.forget_pages();
            line.app.anonymous().get(&path).await.assert_status(200);
        })
        .await;
    report.push(("cold page of a post", cold, 1.0));
    let cold = line
        .cost(async || {
            line.app.forget_pages();
            line.app.anonymous().get("/").await.assert_status(200);
        })
        .await;
    report.push(("cold front page", cold, 1.0));

    for (act, cost, most) in &report {
        println!("{act}: {cost} of {most}");
    }
    for (act, cost, most) in report {
        assert!(
            cost <= most,
            "{act} took {cost} round trips, {most} are allowed"
        );
    }
}
