//! Where a change lies in the log is learned with the commit itself. Where it could not be learned, readers are sent to
//! the primary only until it is.

use masthead::db::embedded::Role;

use super::primary_reads;
use crate::support::{Actor, Cluster, Line, PATIENCE, Proxy, TestApp, until};

/// Lists that show a new post and that nobody has asked for yet.
const LISTS: [&str; 7] = [
    "/newest",
    "/t",
    "/t/weather",
    "/@ann",
    "/feed.atom",
    "/feed.json",
    "/@ann/feed.rss",
];

struct Site {
    cluster: Cluster,
    proxies: Vec<Proxy>,
    app: TestApp,
    ann: Actor,
}

impl Site {
    async fn new() -> Site {
        let cluster = Cluster::start().await;
        let mut proxies = Vec::new();
        for number in 0..3 {
            proxies.push(Proxy::start(&cluster.servers.connect_options(number, Role::App)).await);
        }
        let app = cluster.node_behind(&proxies).await;
        app.set_up().await;
        let ann = app.author("ann").await;
        Site {
            cluster,
            proxies,
            app,
            ann,
        }
    }

    /// Asks for the cold lists once replicas have the post. How many of those reads went to the primary.
    async fn reads_on_the_primary(&self, id: &str) -> f64 {
        self.cluster.until_public(id).await;
        // One that was slow to answer on a busy machine is not read from, which is no matter of positions.
        until("replicas are read from", PATIENCE, async || {
            self.app.metric("masthead_db_in_rotation") == 2.0
        })
        .await;
        let before = primary_reads(&self.app);
        for path in LISTS {
            let page = self.app.anonymous().get(path).await;
            page.assert_status(200);
            assert!(
                page.text().contains("weather") || page.text().contains("Late"),
                "{path}"
            );
        }
        primary_reads(&self.app) - before
    }
}

#[actix_web::test]
async fn an_answer_that_comes_late_pins_nothing_to_the_primary() {
    let mut site = Site::new().await;
    let id = site
        .ann
        .draft(&[
            ("title", "Late"),
            ("markdown", "Text."),
            ("tags", "weather"),
        ])
        .await;
    site.proxies[0].set(Line::SlowAfterCommit(400));
    site.ann
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    site.proxies[0].set(Line::Whole);
    let primary = site.reads_on_the_primary(&id).await;
    assert!(
        primary < 3.0,
        "{primary} of {} cold lists were read on the primary",
        LISTS.len()
    );
    assert_eq!(site.app.metric("masthead_db_pinned_tags"), 0.0);
}

#[actix_web::test]
async fn a_lost_position_is_learned_as_soon_as_a_primary_answers() {
    let mut site = Site::new().await;
    let id = site
        .ann
        .draft(&[
            ("title", "Late"),
            ("markdown", "Text."),
            ("tags", "weather"),
        ])
        .await;
    site.proxies[0].set(Line::CutAfterCommit);
    site.ann
        .post(&format!("/p/{id}/publish"), &[])
        .await
        .assert_status(303);
    assert!(
        site.app.metric("masthead_db_pinned_tags_total") >= 1.0,
        "the position went with the answer"
    );
    let learned = async || site.app.metric("masthead_db_pinned_tags") == 0.0;
    until("the position is learned", PATIENCE, learned).await;
    let primary = site.reads_on_the_primary(&id).await;
    assert!(
        primary < 3.0,
        "{primary} of {} cold lists were read on the primary",
        LISTS.len()
    );
}
