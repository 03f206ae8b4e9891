//! An old primary that comes back after a fail-over believes that nothing has happened. A node that is started then must
//! not take it for the primary, in whatever order the settings name the servers.

use std::process::Command;
use std::time::Duration;

use masthead::db::embedded::Role;
use sqlx::ConnectOptions;

use crate::support::{Actor, Cluster, PATIENCE, Served, TestApp, free_port, rounds, until};

const SOON: Duration = PATIENCE;

/// A site with a post, whose nodes are started with the servers in their first order.
struct Site {
    cluster: Cluster,
    app: TestApp,
    ann: Actor,
    post: String,
    settings: Vec<(&'static str, String)>,
}

impl Site {
    async fn new() -> Site {
        let cluster = Cluster::start().await;
        let app = cluster.node(|_| {}).await;
        app.set_up().await;
        let mut ann = app.author("ann").await;
        let post = ann
            .draft(&[("title", "Before"), ("markdown", "Text.")])
            .await;
        let settings = cluster.settings();
        Site {
            cluster,
            app,
            ann,
            post,
            settings,
        }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }

    fn start(&self, port: u16) -> Served {
        Served::start_at(&self.app, port, &self.settings(), "/readyz")
    }

    /// The primary dies, a replica takes its place and the other one follows that.
    async fn fail_over(&mut self) {
        // By way of the first one, so that the second has nothing which that lacks: a replica that is ahead of the new primary
        // cannot follow it, and the nodes write now and then until the old one dies.
        self.cluster.servers.follow(2, 1).await.unwrap();
        until("the other one follows the first", SOON, async || {
            self.is_followed(1).await
        })
        .await;
        for replica in [1, 2] {
            self.cluster.until_received(replica).await;
        }
        self.cluster.servers.kill(0);
        self.cluster.servers.promote(1).await.unwrap();
        // Where nothing else tells, a replica knows the timeline that it hears of.
        until("the other one has followed", SOON, async || {
            self.hears_of(2, 2).await
        })
        .await;
        until("and has it on disk", SOON, async || {
            self.remembers(2, 2).await
        })
        .await;
    }

    async fn is_followed(&self, server: usize) -> bool {
        let mut conn = self
            .cluster
            .servers
            .connect_options(server, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let followers = sqlx::query_scalar::<_, i64>(
            "select count(*) from pg_stat_replication where state = 'streaming'",
        );
        followers.fetch_one(&mut conn).await.unwrap() == 1
    }

    async fn hears_of(&self, server: usize, timeline: i32) -> bool {
        let Ok(mut conn) = self
            .cluster
            .servers
            .connect_options(server, Role::Superuser)
            .connect()
            .await
        else {
            return false;
        };
        let heard =
            sqlx::query_scalar::<_, Option<i32>>("select received_tli from pg_stat_wal_receiver");
        heard.fetch_optional(&mut conn).await.unwrap().flatten() == Some(timeline)
    }

    /// After a checkpoint a replica knows its timeline also when no server answers it.
    async fn remembers(&self, server: usize, timeline: i32) -> bool {
        for number in [1, server] {
            let mut conn = self
                .cluster
                .servers
                .connect_options(number, Role::Superuser)
                .connect()
                .await
                .unwrap();
            sqlx::raw_sql("checkpoint")
                .execute(&mut conn)
                .await
                .unwrap();
        }
        let mut conn = self
            .cluster
            .servers
            .connect_options(server, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let known = sqlx::query_scalar::<_, i32>("select timeline_id from pg_control_checkpoint()");
        known.fetch_one(&mut conn).await.unwrap() == timeline
    }

    /// What was written on a server since its timeline began to be another's.
    async fn saves_on(&self, server: usize) -> i64 {
        let mut conn = self
            .cluster
            .servers
            .connect_options(server, Role::Superuser)
            .connect()
            .await
            .unwrap();
        sqlx::query_scalar(
            "select (select count(*) from revisions) + (select count(*) from audit_log)",
        )
        .fetch_one(&mut conn)
        .await
        .unwrap()
    }

    fn through(&self, node: &Served) -> Actor {
        self.ann.at(&self.app.through(node.port))
    }

    /// Opens the editor and saves something new; the status of what did not work, or of the save.
    async fn save(&self, author: &mut Actor) -> u16 {
        let path = format!("/p/{}/edit", self.post);
        let editor = author.get(&path).await;
        if editor.status != 200 {
            return editor.status.as_u16();
        }
        let (version, text) = (editor.field("version"), uuid::Uuid::new_v4().to_string());
        let form = [
            ("kind", "post"),
            ("version", &version),
            ("title", "After"),
            ("markdown", &text),
            ("action", "save"),
        ];
        author.post(&path, &form).await.status.as_u16()
    }

    async fn until_saved(&self, node: &Served) {
        let mut ann = self.through(node);
        until("a save is taken", SOON, async || {
            self.save(&mut ann).await == 303
        })
        .await;
    }

    fn command(&self, node: &Served, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(node.data_dir())
            .envs(self.settings());
        let said = command.stdin(std::process::Stdio::null()).output().unwrap();
        let text = [said.stdout, said.stderr].concat();
        (
            said.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    }
}

#[actix_web::test]
async fn prove_a_restarted_node_takes_nothing_on_an_old_timeline() {
    let mut site = Site::new().await;
    site.fail_over().await;
    let mut ann = site.ann.at(&site.app);
    let editor = format!("/p/{}/edit", site.post);
    until("the node here has moved", SOON, async || {
        ann.get(&editor).await.status == 200
    })
    .await;
    ann.edit(&site.post, &[("title", "After")], "save")
        .await
        .assert_status(303);
    site.cluster.servers.start_again(0).unwrap();
    let before = site.saves_on(0).await;
    let mut taken = 0;
    for _ in 0..rounds(3, 30) {
        // A new directory: nothing is remembered, so the servers themselves must tell.
        let node = site.start(free_port());
        let mut ann = site.through(&node);
        for _ in 0..5 {
            let read = ann.get(&format!("/p/{}/edit", site.post)).await;
            assert!(
                read.status != 200 || read.field("title") == "After",
                "an old text was read"
            );
            taken += usize::from(site.save(&mut ann).await == 303);
        }
        assert_eq!(site.saves_on(0).await, before, "{}", node.log());
    }
    assert!(taken > 0, "nothing was ever taken");
}

#[actix_web::test]
async fn an_old_timeline_is_refused_while_the_new_primary_is_down_until_it_is_accepted() {
    let mut site = Site::new().await;
    let mut node = site.start(free_port());
    site.fail_over().await;
    site.until_saved(&node).await;
    node.kill();
    site.cluster.servers.kill(1);
    site.cluster.servers.kill(2);
    site.cluster.servers.start_again(0).unwrap();
    let before = site.saves_on(0).await;

    let metrics = free_port();
    let address = format!("127.0.0.1:{metrics}");
    let mut settings = site.settings();
    settings.push(("MASTHEAD_METRICS_LISTEN", &address));
    let node = node.start_again(&site.app, &settings, "/livez");
    let app = site.app.through(node.port);
    // Nothing of the newer history answers: only the data directory remembers it.
    until("it is refused", SOON, async || {
        node.log().contains("is refused")
    })
    .await;
    for _ in 0..3 {
        assert_eq!(site.save(&mut site.through(&node)).await, 503);
    }
    assert_eq!(site.saves_on(0).await, before);
    site.cluster.servers.start_again(2).unwrap();
    until("readers are served", SOON, async || {
        app.anonymous().get("/readyz").await.text() == "ready, for reading only"
    })
    .await;
    let mut ann = site.through(&node);
    for _ in 0..5 {
        ann.get(&format!("/p/{}/edit", site.post))
            .await
            .assert_status(503);
        let form = [
            ("version", "1"),
            ("title", "Kept"),
            ("markdown", "Every word"),
            ("action", "save"),
        ];
        let refused = ann.post(&format!("/p/{}/edit", site.post), &form).await;
        assert_eq!(refused.assert_status(503).field("markdown"), "Every word");
    }
    assert_eq!(site.saves_on(0).await, before);
    let refused: Vec<String> = node
        .log()
        .lines()
        .filter(|line| line.contains("is refused"))
        .map(str::to_owned)
        .collect();
    assert!(
        refused
            .iter()
            .all(|line| line.contains("on timeline 1") && line.contains("on timeline 2")),
        "{refused:?}"
    );
    assert!(
        refused
            .iter()
            .all(|line| line.contains("masthead database accept-history")),
        "{refused:?}"
    );
    assert_eq!(refused.len(), 1, "{refused:?}");
    let counted = app
        .through(metrics)
        .anonymous()
        .get("/metrics")
        .await
        .text();
    assert!(
        counted
            .lines()
            .any(|line| line.contains("history_refused_total")
                && line.contains("timeline")
                && line.ends_with(" 1")),
        "{counted}"
    );

    let (good, said) = site.command(&node, &["doctor"]);
    assert!(
        !good && said.contains("on timeline 1") && said.contains("on timeline 2"),
        "{said}"
    );
    assert!(said.contains("masthead database accept-history"), "{said}");
    let (good, said) = site.command(&node, &["demo", "load"]);
    assert!(
        !good && said.contains("masthead database accept-history"),
        "{said}"
    );
    assert_eq!(site.saves_on(0).await, before);

    // The operator gives the other one up. It is no reason to go back that a replica of it is still there.
    let (good, said) = site.command(&node, &["database", "accept-history"]);
    assert!(
        good && said.contains("on timeline 1") && said.contains("on timeline 2"),
        "{said}"
    );
    site.until_saved(&node).await;
    assert!(site.saves_on(0).await > before);
    let accepted = "select count(*) from audit_log where act = 'database.accept_history' and before ->> 'timeline' = '2'
                    and after ->> 'timeline' = '1'";
    let mut conn = site
        .cluster
        .servers
        .connect_options(0, Role::Superuser)
        .connect()
        .await
        .unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, i64>(accepted)
            .fetch_one(&mut conn)
            .await
            .unwrap(),
        1
    );
    let (good, said) = site.command(&node, &["database", "accept-history"]);
    assert!(good && said.contains("nothing to accept"), "{said}");
}

/// Some who run servers for others keep this from roles that are no superusers.
#[actix_web::test]
async fn a_server_that_does_not_say_which_cluster_it_is_of_is_used() {
    let app = TestApp::new().await;
    for function in [
        "pg_control_system()",
        "pg_control_checkpoint()",
        "pg_control_recovery()",
    ] {
        let statement = format!("revoke execute on function {function} from public");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&app.database)
            .await
            .unwrap();
    }
    let node = app.node_with(|_| {}).await;
    node.watch();
    node.follow().await;
    let mut ann = node.author("ann").await;
    let post = ann.publish("Served", "Text.").await;
    node.anonymous().get(&post.path).await.assert_status(200);
    assert_eq!(node.metric("masthead_db_primary"), 1.0);
    let found = masthead::app::doctor::examine(
        &app.serving_role(),
        &masthead::app::config::Settings::for_tests(),
    )
    .await;
    assert!(
        found
            .iter()
            .any(|finding| finding.what.contains("may not ask which cluster")),
        "{found:?}"
    );
}

/// A restored dump, or what a major upgrade has made, is another cluster: its address may also be a mistake.
#[actix_web::test]
async fn another_cluster_is_refused_until_it_is_accepted() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let node = Served::start(&app, free_port(), &[]);
    let file = node.data_dir().join("state/database-history.json");
    until("the cluster is remembered", SOON, async || {
        std::fs::read_to_string(&file).is_ok()
    })
    .await;
    let here = app
        .text("select system_identifier::text from pg_control_system()")
        .await;
    // As if the node had served another one so far.
    let other = "1234567890123456789";
    std::fs::write(
        &file,
        std::fs::read_to_string(&file)
            .unwrap()
            .replace(&here, other),
    )
    .unwrap();
    let node = node.start_again(&app, &[], "/livez");
    until("it is refused", SOON, async || {
        node.log().contains("is refused")
    })
    .await;
    let line = node
        .log()
        .lines()
        .find(|line| line.contains("is refused"))
        .unwrap()
        .to_owned();
    assert!(
        line.contains(&here)
            && line.contains(other)
            && line.contains("masthead database accept-history"),
        "{line}"
    );
    ann = ann.at(&app.through(node.port));
    let form = [
        ("version", "0"),
        ("title", "Kept"),
        ("markdown", "Every word"),
        ("action", "save"),
    ];
    ann.post("/new", &form).await.assert_status(503);
    assert_eq!(app.count("select count(*) from posts").await, 0);
    let (serving, owner) = app.database_urls();
    let mut accept = Command::new(env!("CARGO_BIN_EXE_masthead"));
    accept
        .args(["database", "accept-history", "--data-dir"])
        .arg(node.data_dir())
        .stdin(std::process::Stdio::null());
    accept
        .env("MASTHEAD_DATABASE_URL", serving)
        .env("MASTHEAD_MIGRATION_DATABASE_URL", owner);
    let said = accept.output().unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    until("it is used", SOON, async || {
        app.through(node.port)
            .anonymous()
            .get("/readyz")
            .await
            .text()
            == "ready"
    })
    .await;
    ann.publish("Goes on", "Text.").await;
    let accepted = "select count(*) from audit_log where act = 'database.accept_history'
                    and before ->> 'system_identifier' = '1234567890123456789'";
    assert_eq!(app.count(accepted).await, 1);
}
