//! Nodes whose clocks are minutes off: the clock of the database decides, on every node the same.

use std::time::Duration;

use crate::support::{Actor, Cluster, PATIENCE, Served, TestApp, clock_ahead, free_port, until};

const SOON: Duration = PATIENCE;
const FIVE_MINUTES: i64 = 300;

/// Another node of a site, with a clock that is so many seconds ahead.
fn node(app: &TestApp, settings: &[(&'static str, String)], ahead: i64) -> Served {
    let settings: Vec<(&str, String)> =
        settings.iter().cloned().chain(clock_ahead(ahead)).collect();
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Served::start(app, free_port(), &settings)
}

#[actix_web::test]
async fn own_writes_are_seen_on_and_from_nodes_whose_clocks_are_off() {
    let cluster = Cluster::start().await;
    let app = cluster.node(|settings| settings.cache_mb = 0).await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    for ahead in [FIVE_MINUTES, -FIVE_MINUTES] {
        let metrics = free_port();
        let mut settings = cluster.settings();
        settings.push(("MASTHEAD_METRICS_LISTEN", format!("127.0.0.1:{metrics}")));
        settings.push(("MASTHEAD_CACHE_MB", "0".to_owned()));
        let other = node(&app, &settings, ahead);
        let through = app.through(other.port);
        let admitted = async || {
            let scraped = app
                .through(metrics)
                .anonymous()
                .get("/metrics")
                .await
                .text();
            scraped
                .lines()
                .filter(|line| line.starts_with("masthead_db_in_rotation") && line.ends_with(" 1"))
                .count()
        };
        until("replicas are let in", SOON, async || {
            admitted().await == 2 && app.metric("masthead_db_in_rotation") == 2.0
        })
        .await;
        cluster.servers.pause(1).await.unwrap();
        cluster.servers.pause(2).await.unwrap();
        let (mut here, mut there) = (ann.at(&app), ann.at(&through));
        let post = here.publish(&format!("Here {ahead}"), "Text.").await;
        let read = here.at(&through).get(&post.path).await;
        assert_eq!(
            (read.status.as_u16(), ahead),
            (200, ahead),
            "written here, read there"
        );
        let post = there.publish(&format!("There {ahead}"), "Text.").await;
        let read = there.at(&app).get(&post.path).await;
        assert_eq!(
            (read.status.as_u16(), ahead),
            (200, ahead),
            "written there, read here"
        );
        cluster.servers.resume(1).await.unwrap();
        cluster.servers.resume(2).await.unwrap();
        ann = ann.at(&app);
    }
}

#[actix_web::test]
async fn a_comment_can_be_changed_for_a_quarter_of_an_hour_by_the_clock_of_the_database() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann.publish("Timed", "Text.").await;
    for (ahead, minutes, open) in [(FIVE_MINUTES, 12, true), (-FIVE_MINUTES, 17, false)] {
        let other = node(&app, &[], ahead);
        let id = comment(&mut ann, &post.path, ahead).await;
        let earlier = "update comments set created_at = now() - make_interval(mins => $1) where public_id::text = $2";
        sqlx::query(earlier)
            .bind(minutes)
            .bind(&id)
            .execute(&app.database)
            .await
            .unwrap();
        let form = ann
            .at(&app.through(other.port))
            .get(&format!("/comments/{id}/edit"))
            .await;
        assert_eq!(form.status == 200, open, "{ahead}: {}", form.status);
    }
}

#[actix_web::test]
async fn dates_of_pages_are_the_databases() {
    let app = TestApp::new().await;
    let post = app.author("ann").await.publish("Dated", "Text.").await;
    for ahead in [FIVE_MINUTES, -FIVE_MINUTES] {
        let other = node(&app, &[], ahead);
        let page = app.through(other.port).anonymous().get(&post.path).await;
        let said = httpdate::parse_http_date(page.header("last-modified").unwrap()).unwrap();
        let seconds = app.count("select extract(epoch from now())::bigint").await;
        let said = i64::try_from(
            said.duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs(),
        )
        .unwrap();
        assert!(
            (seconds - said).abs() < FIVE_MINUTES / 2,
            "{ahead}: {said}, and it is {seconds}"
        );
    }
}

/// Sends a comment; gives its id.
async fn comment(actor: &mut Actor, post: &str, number: i64) -> String {
    let text = format!("Comment {number}");
    let form = [
        ("markdown", text.as_str()),
        ("parent", ""),
        ("action", "save"),
    ];
    let done = actor.post(&format!("{post}/comment"), &form).await;
    done.assert_status(303);
    let to = done.location();
    to.rsplit_once("#c-")
        .or_else(|| to.rsplit_once('/'))
        .unwrap()
        .1
        .to_owned()
}
