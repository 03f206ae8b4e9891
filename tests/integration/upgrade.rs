//! Two releases on one database, as they are during an upgrade node by node: what one changes, the other shows, what one
//! takes down, the other does not show, and a form goes through whichever opened it.
//!
//! `make prove` builds the release before (`OLD=` names its commit) and lets it serve beside this one; without
//! `MASTHEAD_OLD_BIN` both nodes run this release, each in a process of its own.

use std::path::PathBuf;

use chrono::{SubsecRound, TimeDelta};

use crate::support::{
    Actor, Asked, PATIENCE, Published, Response, Served, Stub, TestApp, free_port, until,
};

/// Signatures hold on both nodes.
const SECRET: (&str, &str) = ("MASTHEAD_SECRET", "one secret for all nodes of this site");

fn old_program() -> PathBuf {
    let named = std::env::var_os("MASTHEAD_OLD_BIN").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_masthead").into())
}

struct Site {
    app: TestApp,
    old: Served,
    new: Served,
}

impl Site {
    /// The old release comes first, on an empty database, and goes on serving when the new one has brought it up to date.
    async fn new() -> Site {
        let old_program = old_program();
        let app = TestApp::before_any_release().await;
        let old = Served::start_release(&app, &old_program, free_port(), &[SECRET]);
        let new = Served::start(&app, free_port(), &[SECRET]);
        app.set_up().await;
        Site { app, old, new }
    }

    /// Each release writes once, and the other reads.
    fn directions(&self) -> [(&'static str, TestApp, TestApp); 2] {
        let (old, new) = (
            self.app.through(self.old.port),
            self.app.through(self.new.port),
        );
        [
            ("old to new", old.clone(), new.clone()),
            ("new to old", new, old),
        ]
    }
}

/// Waits until the reader's node shows what it should.
async fn until_shown(
    what: &str,
    reader: &mut Actor,
    path: &str,
    right: impl Fn(&Response) -> bool,
) {
    until(what, PATIENCE, async || right(&reader.get(path).await)).await;
}

async fn comment(by: &mut Actor, post: &Published, words: &str) -> String {
    let path = format!("{}/comment", post.path);
    let id = by.get(&path).await.field("id");
    by.post(&path, &[("id", &id), ("markdown", words)])
        .await
        .assert_status(303);
    id
}

#[actix_web::test]
async fn prove_what_one_release_changes_the_other_shows() {
    let site = Site::new().await;
    let ann = site.app.author("ann").await;
    let owner = site.app.owner().await;
    for (direction, writer, reader) in site.directions() {
        let (mut ann, mut owner, mut reader) =
            (ann.at(&writer), owner.at(&writer), reader.anonymous());
        let title = format!("Seen {direction}");
        let post = ann.publish(&title, "First words.").await;
        let kept = ann
            .publish(&format!("Kept {direction}"), "Other words.")
            .await;
        for path in [
            post.path.as_str(),
            kept.path.as_str(),
            "/",
            "/@ann",
            "/feed.atom",
        ] {
            until_shown(path, &mut reader, path, |page| {
                page.text().contains(direction)
            })
            .await;
        }
        ann.edit(&post.id, &[("markdown", "Second words.")], "publish")
            .await
            .assert_status(303);
        until_shown("an edit", &mut reader, &post.path, |page| {
            page.text().contains("Second words.")
        })
        .await;
        until_shown("an edit in the feed", &mut reader, "/feed.atom", |page| {
            page.text().contains("Second words.")
        })
        .await;
        let id = comment(&mut ann, &post, "A remark.").await;
        until_shown("a comment", &mut reader, &post.path, |page| {
            page.text().contains("A remark.")
        })
        .await;
        let hide = [
            ("decision", "hide"),
            ("reason", "House rules."),
            ("version", "1"),
        ];
        owner
            .post(&format!("/comments/{id}/decide"), &hide)
            .await
            .assert_status(303);
        until_shown("a hidden comment", &mut reader, &post.path, |page| {
            !page.text().contains("A remark.")
        })
        .await;
        ann.post(
            "/settings/profile",
            &[("name", &format!("Ann {direction}"))],
        )
        .await
        .assert_status(303);
        let name = format!("Ann {direction}");
        until_shown("a name", &mut reader, &kept.path, |page| {
            page.text().contains(&name)
        })
        .await;
        ann.post(&format!("/p/{}/trash", post.id), &[])
            .await
            .assert_status(303);
        until_shown("a take-down", &mut reader, &post.path, |page| {
            page.status == 404
        })
        .await;
        until_shown("a take-down in a list", &mut reader, "/@ann", |page| {
            !page.text().contains(&title)
        })
        .await;
        // Never again afterwards, and nothing else went with it.
        for _ in 0..20 {
            reader.get(&post.path).await.assert_status(404);
            reader.get(&kept.path).await.assert_status(200);
        }
    }
}

/// The old release knows no descriptions: what it does to a tag leaves them as they are.
/// A release that knows nothing of plans takes a planned post for a draft: it shows it late, perhaps, and never early.
#[actix_web::test]
async fn prove_what_is_planned_is_shown_early_by_neither_release() {
    let site = Site::new().await;
    let (old, new) = (
        site.app.through(site.old.port),
        site.app.through(site.new.port),
    );
    let mut ann = site.app.author("ann").await.at(&new);
    ann.publish("Before", "Low water.").await;
    let fields = [
        ("title", "Planned"),
        ("markdown", "High water."),
        ("tags", "sea"),
    ];
    let id = ann.draft(&fields).await;
    let at = (site.app.db().now() + TimeDelta::seconds(6)).trunc_subsecs(0);
    let typed = at.format("%Y-%m-%dT%H:%M:%S").to_string();
    ann.post(
        &format!("/p/{id}/schedule"),
        &[("at", &typed), ("zone", "UTC")],
    )
    .await
    .assert_status(303);
    let lists = [
        "/",
        "/newest",
        "/@ann",
        "/t/sea",
        "/feed.atom",
        "/@ann/feed.rss",
        "/sitemap.xml",
        "/t",
    ];
    let shown = async |node: &TestApp| {
        let mut shown = Vec::new();
        for path in lists {
            let page = node.anonymous().get(path).await.text();
            if page.contains("Planned") || page.contains("/planned") || page.contains("/t/sea\"") {
                shown.push(path);
            }
        }
        if node.anonymous().get("/@ann/planned").await.status == 200 {
            shown.push("its address");
        }
        shown
    };
    let mut rounds = 0;
    loop {
        let found = (shown(&old).await, shown(&new).await);
        if site.app.db().now() >= at {
            break;
        }
        assert_eq!(found, (Vec::new(), Vec::new()), "early");
        rounds += 1;
    }
    assert!(rounds > 0, "something was looked at before the time");
    for node in [&old, &new] {
        until("both show it", PATIENCE, async || {
            node.anonymous().get("/@ann/planned").await.status == 200
                && node.anonymous().get("/").await.text().contains("Planned")
        })
        .await;
    }
}

#[actix_web::test]
async fn prove_what_a_tag_is_about_stays_when_the_old_release_renames_it() {
    let site = Site::new().await;
    let (old, new) = (
        site.app.through(site.old.port),
        site.app.through(site.new.port),
    );
    let (ann, owner) = (site.app.author("ann").await, site.app.owner().await);
    let post = [("title", "A"), ("markdown", "Text."), ("tags", "Bread")];
    ann.at(&old).publish_with(&post).await;
    let form = [("description", "Flour and water.")];
    owner
        .at(&new)
        .post("/admin/tags/bread/description", &form)
        .await
        .assert_status(303);
    let rename = [("name", "Loaves"), ("slug", "loaves")];
    let mut at_old = owner.at(&old);
    let renamed = at_old.post("/admin/tags/bread", &rename).await;
    if renamed.status == 405 {
        println!("that release cannot rename tags, so there is nothing to lose");
        return;
    }
    renamed.assert_status(303);
    until_shown("the tag", &mut new.anonymous(), "/t/loaves", |page| {
        page.status == 200 && page.text().contains("Flour and water.")
    })
    .await;
    until_shown("the tag", &mut old.anonymous(), "/t/loaves", |page| {
        page.status == 200
    })
    .await;
}

#[actix_web::test]
async fn prove_entries_of_feeds_keep_their_ids_through_an_upgrade() {
    let site = Site::new().await;
    let ann = site.app.author("ann").await;
    for (_, writer, _) in site.directions() {
        ann.at(&writer).publish("In a feed", "Text.").await;
    }
    for path in ["/feed.atom", "/feed.rss", "/feed.json"] {
        let [old, new] = [&site.old, &site.new].map(|node| site.app.through(node.port).anonymous());
        let (mut old, mut new) = (old, new);
        until_shown(path, &mut old, path, |feed| {
            feed.text().matches("urn:uuid:").count() >= 2
        })
        .await;
        until_shown(path, &mut new, path, |feed| {
            feed.text().matches("urn:uuid:").count() >= 2
        })
        .await;
        let ids = |feed: Response| -> Vec<String> {
            feed.text()
                .split("urn:uuid:")
                .skip(1)
                .map(|rest| rest.chars().take(36).collect())
                .collect()
        };
        assert_eq!(ids(old.get(path).await), ids(new.get(path).await), "{path}");
    }
}

/// What a browser holds when the site is upgraded under it.
#[actix_web::test]
async fn prove_a_form_goes_through_whichever_release_opened_it() {
    let site = Site::new().await;
    let ann = site.app.author("ann").await;
    let square = ann.clone().publish("The square", "Come and talk.").await;
    let (old, new) = (
        site.app.through(site.old.port),
        site.app.through(site.new.port),
    );
    let (mut at_old, mut at_new) = (ann.at(&old), ann.at(&new));
    let talk = format!("{}/comment", square.path);
    for (page, typed) in [
        ("/new", [("title", "A draft"), ("markdown", "Typed.")]),
        (&talk, [("parent", ""), ("markdown", "Typed.")]),
    ] {
        // Opened at the new release, the old one takes it, and once.
        let form = at_new.get(page).await;
        let (id, to) = (form.field("id"), form.action());
        let mut fields = typed.to_vec();
        fields.push(("id", id.as_str()));
        at_old.post_to(&to, &fields).await.assert_status(303);
        at_new.post_to(&to, &fields).await.assert_status(303);
        // Opened at the old release, whose ids nobody signed, it comes back once with what was typed.
        let id = at_old.get(page).await.field("id");
        let mut fields = typed.to_vec();
        fields.push(("id", id.as_str()));
        let back = at_new.post_to(page, &fields).await;
        back.assert_status(422);
        assert_eq!(back.field("markdown"), "Typed.");
        let id = back.field("id");
        fields.pop();
        fields.push(("id", id.as_str()));
        at_new
            .post_to(&back.action(), &fields)
            .await
            .assert_status(303);
    }
    assert_eq!(
        site.app
            .count("select count(*) from posts where title = 'A draft'")
            .await,
        2
    );
    assert_eq!(site.app.count("select count(*) from comments").await, 2);
}

/// In the queues of both releases.
const PURGES_LEFT: &str = "select (select count(*) from jobs where kind = 'cdn.purge')
    + (select count(*) from graphile_jobs() as old where old.kind = 'cdn.purge')";

/// The old release keeps its jobs in tables of a library. Some wait there for their next attempt when it dies, some are held by
/// it, and some it enqueues while this release serves already.
#[actix_web::test]
async fn prove_purges_that_the_old_release_asks_for_are_each_done() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let count = if full { 500 } else { 10 };
    let stub = Stub::start();
    let settings = [
        SECRET,
        ("MASTHEAD_CDN", "varnish"),
        ("MASTHEAD_CDN_URL", stub.url.as_str()),
    ];
    let app = TestApp::before_any_release().await;
    let mut old = Served::start_release(&app, &old_program(), free_port(), &settings);
    let mut new = Served::start(&app, free_port(), &settings);
    app.set_up().await;
    let mut ann = app.author("ann").await.at(&app.through(old.port));
    // The old one alone; what the CDN refuses waits in its queue.
    new.kill();
    stub.answer(&vec![503; count / 2]);
    for number in 0..count {
        ann.publish(&format!("Alone {number}"), "Text.").await;
    }
    let new = Served::start(&app, new.port, &settings);
    for number in 0..count {
        ann.publish(&format!("Together {number}"), "Text.").await;
    }
    old.kill();
    // As if a minute had passed since then, and all waits were over.
    let later = "do $$ begin
        if to_regclass('graphile_worker._private_jobs') is not null then
            update graphile_worker._private_workers set last_heartbeat_at = now() - interval '2 minutes';
            update graphile_worker._private_jobs set locked_at = now() - interval '2 minutes' where locked_at is not null;
        end if;
        update jobs set leased_until = now() - interval '1 second' where leased_until < now() + interval '44 seconds';
        update jobs set run_at = now() where run_at > now();
    end $$";
    until("nothing is left", 2 * PATIENCE, async || {
        sqlx::raw_sql(later).execute(&app.database).await.unwrap();
        app.count(PURGES_LEFT).await == 0
    })
    .await;
    let tags = |asked: Asked| asked.header("xkey-softpurge").map(str::to_owned);
    let purged: Vec<String> = stub.asked().into_iter().filter_map(tags).collect();
    let purged = purged.join(" ");
    let posts: Vec<String> = sqlx::query_scalar(
        "select 'post-' || replace(public_id::text, '-', '') from posts where status = 'published'",
    )
    .fetch_all(&app.database)
    .await
    .unwrap();
    assert_eq!(posts.len(), 2 * count);
    let missing: Vec<&String> = posts
        .iter()
        .filter(|post| !purged.contains(*post))
        .collect();
    assert!(missing.is_empty(), "{missing:?}\n{}", new.log());
}
