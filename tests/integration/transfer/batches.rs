//! Several documents in one transaction: what goes wrong with one of them, with all of them, or with what is beside them.

use std::process::Stdio;

use masthead::features::transfer::Options;
use sqlx::{Connection, Executor, PgConnection};

use super::folder::{Folder, Told, command, import, import_with, masthead};
use crate::support::{PATIENCE, TestApp, until};

fn post(title: &str, more: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2020-01-01\n{more}---\nText of {title}.\n")
}

/// `p000.md`, `p001.md`, …, each with what `more` gives it.
fn many(count: usize, more: impl Fn(usize) -> String) -> Folder {
    let folder = Folder::new(&[]);
    for number in 0..count {
        let name = format!("p{number:03}");
        folder.write(
            &format!("posts/{name}.md"),
            post(&name, &more(number)).as_bytes(),
        );
    }
    folder
}

fn run(app: &TestApp, folder: &Folder, more: &[&str]) -> Told {
    let mut args = vec!["import", "markdown", folder.0.to_str().unwrap()];
    args.extend_from_slice(more);
    masthead(app, &args)
}

async fn tell(app: &TestApp, statements: &'static str) {
    app.database
        .execute(sqlx::raw_sql(statements))
        .await
        .unwrap();
}

const TITLES: &str = "select string_agg(title, ' ' order by title) from posts";

#[actix_web::test]
async fn a_document_that_fails_in_the_middle_of_a_batch_costs_only_itself() {
    let app = TestApp::new().await;
    tell(
        &app,
        // What a sequence has given stays given, whatever is taken back.
        "create sequence attempts;
         grant usage on sequence attempts to public;
         create function refuse() returns trigger language plpgsql as
             $$begin perform nextval('attempts'); raise exception 'not this one' using errcode = 'check_violation'; end$$;
         create trigger refuse before insert on post_bodies for each row when (new.markdown like '%c.%')
             execute function refuse();",
    )
    .await;
    let folder = Folder::new(&[]);
    for name in ["a", "b", "c", "d", "e"] {
        let more = format!("author: of-{name}\ntags: [sea, only-{name}]\naliases: [/old-{name}]\n");
        folder.write(&format!("posts/{name}.md"), post(name, &more).as_bytes());
    }
    let told = run(&app, &folder, &[]);
    assert!(
        told.of("posts/c.md")
            .starts_with("failed    posts/c.md → the database does not take it: not this one"),
        "{}",
        told.items
    );
    assert!(
        told.summary
            .contains("4 added, 1 failed; 4 people made, 4 redirects"),
        "{}",
        told.summary
    );
    let attempts = app
        .count("select case when is_called then last_value else 0 end from attempts")
        .await;
    assert!(
        attempts <= 2,
        "with the others and in a part of its own, and no other was written alone because of it: {attempts}"
    );
    assert_eq!(app.text(TITLES).await, "a b d e");
    assert_eq!(
        app.text("select string_agg(name, ' ' order by name) from tags")
            .await,
        "only-a only-b only-d only-e sea"
    );
    assert_eq!(
        app.count("select post_count::bigint from tags where name = 'sea'")
            .await,
        4
    );
    assert_eq!(
        app.text("select string_agg(path, ' ' order by path) from redirects")
            .await,
        "/old-a /old-b /old-d /old-e"
    );
    assert_eq!(
        app.count("select count(*) from users where username like 'of-%'")
            .await,
        4
    );
    assert_eq!(
        app.count("select count(*) from cache_invalidations where tags::text like '%only-c%'")
            .await,
        0
    );
    // Each is a business action of its own, with a row for each act.
    let acts = "select string_agg(distinct acts, ' ') from (
                    select string_agg(act, ',' order by id) as acts from audit_log where act like 'post.%' group by transaction_id) a";
    assert_eq!(app.text(acts).await, "post.create,post.save,post.publish");
    assert_eq!(
        app.count("select count(distinct transaction_id) from audit_log where act like 'post.%'")
            .await,
        4
    );
    tell(&app, "drop trigger refuse on post_bodies").await;
    let again = run(&app, &folder, &[]);
    assert!(
        again
            .summary
            .contains("1 added, 4 unchanged; 1 people made, 1 redirects"),
        "{}",
        again.summary
    );
}

#[actix_web::test]
async fn documents_whose_common_commit_fails_are_written_one_by_one() {
    let app = TestApp::new().await;
    tell(
        &app,
        "create function refuse() returns trigger language plpgsql as
             $$begin raise exception 'not this one' using errcode = 'check_violation'; end$$;
         create constraint trigger refuse after insert on post_bodies deferrable initially deferred for each row
             when (new.markdown like '%c.%') execute function refuse();",
    )
    .await;
    let folder = Folder::new(&[]);
    for name in ["a", "b", "c", "d"] {
        folder.write(
            &format!("posts/{name}.md"),
            post(name, &format!("author: of-{name}\ntags: [sea]\n")).as_bytes(),
        );
    }
    for how in [&["--dry-run"][..], &[]] {
        let told = run(&app, &folder, how);
        // A dry run commits nothing.
        let failed = usize::from(how.is_empty());
        assert!(
            told.summary.contains(&format!("{} added", 4 - failed)),
            "{}",
            told.summary
        );
        assert_eq!(
            told.items
                .lines()
                .filter(|line| line.starts_with("failed    posts/c.md"))
                .count(),
            failed,
            "{}",
            told.items
        );
    }
    assert_eq!(app.text(TITLES).await, "a b d");
    assert_eq!(
        app.count("select post_count::bigint from tags where name = 'sea'")
            .await,
        3
    );
    assert_eq!(
        app.count("select count(*) from users where username like 'of-%'")
            .await,
        3
    );
}

/// Until some statement of the import waits for a lock, and, where `after` is given, began to after that.
async fn until_import_waits(app: &TestApp, after: Option<&str>) -> String {
    let mut since = String::new();
    until("the import waits for a lock", PATIENCE, async || {
        let waiting = "select coalesce(max(query_start)::text, '') from pg_stat_activity
                       where datname = current_database() and usename = 'masthead_app' and wait_event_type = 'Lock'";
        since = app.text(waiting).await;
        !since.is_empty() && after.is_none_or(|after| since.as_str() > after)
    })
    .await;
    since
}

/// Cuts an import off at document 75, where `trigger` lets it wait, and lets another one go on.
async fn cut_off_and_go_on(trigger: &'static str) {
    let app = TestApp::new().await;
    let folder = many(120, |number| {
        format!(
            "author: of-{}\ntags: [sea, t{}]\naliases: [/old-{number}]\n",
            number % 7,
            number % 11
        )
    });
    tell(
        &app,
        "create function wait() returns trigger language plpgsql as $$begin perform pg_advisory_xact_lock(4711); return new; end$$;",
    )
    .await;
    tell(&app, trigger).await;
    let mut door = app.database.acquire().await.unwrap().detach();
    door.execute("select pg_advisory_lock(4711)").await.unwrap();
    let (mut program, _data) = command(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
    let mut child = program
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until_import_waits(&app, None).await;
    child.kill().unwrap();
    child.wait().unwrap();
    door.close().await.unwrap();
    until("the server has noticed", PATIENCE, async || {
        app.count(
            "select count(*) from pg_stat_activity where datname = current_database() and usename = 'masthead_app'
                   and backend_xid is not null",
        )
        .await
            == 0
    })
    .await;
    let here = app.count("select count(*) from posts").await;
    assert!(
        (1..=75).contains(&here),
        "whole batches are kept, and nothing of the one that was cut off: {here}"
    );
    for table in [
        "select count(*) from posts p where not exists (select from import_documents d where d.post_id = p.id and d.version = p.version)",
        "select count(*) from posts p where status <> 'published' or not exists (select from post_bodies b where b.post_id = p.id)",
        "select count(*) from posts p where not exists (select from redirects r where r.post_id = p.id)",
        "select count(*) from tags t where post_count <> (select count(*) from post_tags p where p.tag_id = t.id)",
    ] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
    let told = run(&app, &folder, &[]);
    assert_eq!(told.code, Some(0), "{}", told.summary);
    assert!(
        told.summary
            .contains(&format!("{} added, {here} unchanged", 120 - here)),
        "{}",
        told.summary
    );
    assert_eq!(
        app.count("select count(distinct slug) from posts where version = 1")
            .await,
        120
    );
    assert_eq!(app.count("select count(*) from posts").await, 120);
    assert_eq!(
        app.count("select count(*) from users where username like 'of-%'")
            .await,
        7
    );
}

#[actix_web::test]
async fn an_import_that_is_cut_off_in_the_middle_of_a_batch_goes_on_where_it_stopped() {
    cut_off_and_go_on(
        "create trigger wait before insert on post_bodies for each row
             when (new.markdown like '%p075.%') execute function wait();",
    )
    .await;
}

/// All posts of the batch are written then, and none is remembered.
#[actix_web::test]
async fn an_import_that_is_cut_off_before_it_remembers_a_batch_goes_on_where_it_stopped() {
    cut_off_and_go_on(
        "create trigger wait before insert on import_documents for each row
             when (new.import_key like '%p075.md') execute function wait();",
    )
    .await;
}

#[actix_web::test]
async fn a_lock_of_the_live_site_is_waited_for_and_the_documents_are_tried_again() {
    let app = TestApp::new().await;
    app.owner()
        .await
        .publish_with(&[("title", "Here"), ("markdown", "x"), ("tags", "sea")])
        .await;
    let folder = many(3, |_| "tags: [sea]\n".into());
    let mut live = app.database.begin().await.unwrap();
    live.execute("select from tags where name = 'sea' for update")
        .await
        .unwrap();
    let holding = async {
        // Together, and alone once; only then it is let go.
        let first = until_import_waits(&app, None).await;
        let second = until_import_waits(&app, Some(&first)).await;
        until_import_waits(&app, Some(&second)).await;
        live.commit().await.unwrap();
    };
    futures_util::future::join(holding, import(&app, &folder.0)).await;
    assert_eq!(
        app.count(
            "select count(*) from posts where import_key is not null and status = 'published'"
        )
        .await,
        3
    );
    assert_eq!(
        app.count("select post_count::bigint from tags where name = 'sea'")
            .await,
        4
    );
}

/// Imports while a transaction of the live site holds what `first` takes, and then takes what `then` does: the import, which
/// waits for the one, must not hold the other.
async fn import_beside(app: &TestApp, folder: &Folder, first: &'static str, then: &'static str) {
    let mut live: PgConnection = app.database.acquire().await.unwrap().detach();
    live.execute("begin").await.unwrap();
    live.execute(first).await.unwrap();
    let saving = async {
        until_import_waits(app, None).await;
        live.execute("set local lock_timeout = '100ms'")
            .await
            .unwrap();
        live.execute(then)
            .await
            .expect("the batch holds nothing that comes later");
        live.execute("commit").await.unwrap();
    };
    futures_util::future::join(saving, import(app, &folder.0)).await;
}

/// A site with the tags `alpha` and `beta`, and documents that name them in the other order.
async fn two_tags() -> (TestApp, Folder) {
    let app = TestApp::new().await;
    app.owner()
        .await
        .publish_with(&[
            ("title", "Here"),
            ("markdown", "x"),
            ("tags", "alpha, beta"),
        ])
        .await;
    let folder = Folder::new(&[
        ("posts/a.md", &post("a", "tags: [beta]\n")),
        ("posts/b.md", &post("b", "tags: [alpha]\n")),
    ]);
    (app, folder)
}

const COUNTS: &str = "select string_agg(name || post_count, ' ' order by name) from tags";

/// A save of the live site takes its tags in the order of their ids. Documents that name them in another order must not
/// hold the later one while they wait for the earlier one.
#[actix_web::test]
async fn a_batch_and_a_save_of_the_live_site_do_not_lock_each_other_out() {
    let (app, folder) = two_tags().await;
    let import_beside_alpha = async || {
        import_beside(
            &app,
            &folder,
            "select from tags where name = 'alpha' for no key update",
            "select from tags where name = 'beta' for no key update",
        )
        .await;
    };
    import_beside_alpha().await;
    assert_eq!(app.text(COUNTS).await, "alpha2 beta2");
    // Posts that are there already are written one after the other.
    let write = |name: &str, more: &str| {
        folder.write(&format!("posts/{name}.md"), post(name, more).as_bytes());
    };
    write("c", "");
    write("d", "");
    import(&app, &folder.0).await;
    write("c", "tags: [beta]\n");
    write("d", "tags: [alpha]\n");
    import_beside_alpha().await;
    assert_eq!(app.text(COUNTS).await, "alpha3 beta3");
}

/// As a save does, which holds its post before its tags.
#[actix_web::test]
async fn a_batch_that_waits_for_a_post_holds_no_tag() {
    let (app, folder) = two_tags().await;
    import(&app, &folder.0).await;
    for (name, tag) in [("a", "beta"), ("b", "alpha")] {
        let text = post(name, &format!("tags: [{tag}]\ndescription: New\n"));
        folder.write(&format!("posts/{name}.md"), text.as_bytes());
    }
    import_beside(
        &app,
        &folder,
        "select from posts where title = 'b' for no key update",
        "select from tags where name in ('alpha', 'beta') for no key update",
    )
    .await;
    assert_eq!(
        app.count("select count(*) from import_documents where version = 2")
            .await,
        2
    );
    assert_eq!(app.text(COUNTS).await, "alpha2 beta2");
}

/// As a save does, which makes the tags that are not there before it holds those that are.
#[actix_web::test]
async fn a_batch_that_waits_to_make_a_tag_holds_no_other() {
    let (app, folder) = two_tags().await;
    folder.write("posts/c.md", post("c", "tags: [gamma]\n").as_bytes());
    import_beside(
        &app,
        &folder,
        "select pg_advisory_xact_lock(hashtextextended('tag gamma', 0))",
        "select from tags where name in ('alpha', 'beta') for no key update",
    )
    .await;
    assert_eq!(app.text(COUNTS).await, "alpha2 beta2 gamma1");
}

/// What an import leaves in the tables that it writes, but for ids and the time of the import.
const LEFT: &[&str] = &[
    "select string_agg(row(p.kind, u.username, p.slug, p.page_path, p.title, p.excerpt, p.description, p.language, p.canonical_url,
            p.cover_url, p.cover_alt, p.comment_policy, p.unlisted, p.status, p.minutes, p.words, p.version, p.published_at,
            p.changed_at, p.listed_at, p.import_hash, p.transaction_id is null, b.markdown, b.html, b.text, b.renderer_version,
            b.revision_number)::text, E'\n' order by p.import_key)
     from posts p join users u on u.id = p.owner_id join post_bodies b on b.post_id = p.id",
    "select string_agg(row(p.slug, r.number, r.title, r.markdown, r.details, r.published, u.username)::text, E'\n' order by p.import_key)
     from revisions r join posts p on p.id = r.post_id join users u on u.id = r.saved_by",
    "select string_agg(row(p.slug, a.position, u.username, a.listed_at)::text, E'\n' order by p.import_key, a.position)
     from post_authors a join posts p on p.id = a.post_id join users u on u.id = a.user_id",
    "select string_agg(row(p.slug, a.position, t.name, t.slug, t.post_count, a.listed_at)::text, E'\n' order by p.import_key, a.position)
     from post_tags a join posts p on p.id = a.post_id join tags t on t.id = a.tag_id",
    "select string_agg(row(r.path, p.slug)::text, E'\n' order by r.path) from redirects r join posts p on p.id = r.post_id",
    "select string_agg(row(d.import_key, d.fingerprint, d.version, d.visibility, p.slug)::text, E'\n' order by d.import_key)
     from import_documents d join posts p on p.id = d.post_id",
    "select string_agg(row(p.slug, a.act, a.actor, a.object_kind, a.object, a.before, a.after)::text, E'\n' order by p.import_key, a.id)
     from audit_log a join posts p on p.public_id = a.object_id",
    "select count(distinct transaction_id)::text from audit_log",
    "select string_agg(distinct tag, ' ' order by tag) from cache_invalidations, unnest(tags) tag where tag not like 'post-%' and tag not like 'neighbours-%'",
    "select count(distinct tag)::text from cache_invalidations, unnest(tags) tag where tag not like 'neighbours-%'",
];

#[actix_web::test]
async fn documents_that_are_written_together_leave_what_each_leaves_alone() {
    let (together, alone) = (TestApp::new().await, TestApp::new().await);
    tell(
        &alone,
        "create function alone() returns trigger language plpgsql as
             $$begin if (select count(*) from added) > 1 then raise exception 'only one at a time'; end if; return null; end$$;
         create trigger alone after insert on posts referencing new table as added for each statement execute function alone();",
    )
    .await;
    let folder = many(12, |number| {
        format!(
            "authors: [Ann {}, Ben]\ntags: [sea, Sea, t{}]\naliases: [/old/{number}, /old/both]\nlang: ar\n",
            number % 3,
            number % 5
        )
    });
    for (name, more) in [
        ("draft", "draft: true\ntags: [sea, unused]\n"),
        ("hidden", "unlisted: true\ntags: [sea]\n"),
        ("changed", "lastmod: 2020-03-03\nauthor: Cleo\n"),
        (
            "nobody",
            "cover: http://example.org/a.png\ndescription: Short\n",
        ),
        ("first", "slug: same\n"),
        ("second", "slug: same\n"),
        ("third", "tags: [late]\n"),
    ] {
        folder.write(&format!("posts/{name}.md"), post(name, more).as_bytes());
    }
    folder.write("posts/nothing.md", b"---\ndate: 2020-01-01\n---\n");
    for app in [&together, &alone] {
        app.owner().await;
        let told = run(app, &folder, &[]);
        assert_eq!(told.code, Some(0), "{}", told.summary);
    }
    for rows in LEFT {
        let (one, other) = (together.text(rows).await, alone.text(rows).await);
        assert!(one == other, "{rows}\n{one}\n\n{other}");
    }
    assert!(
        together.text(LEFT[0]).await.contains("published"),
        "there is something to compare"
    );
}

#[actix_web::test]
async fn a_dry_run_of_several_batches_tells_what_the_import_will_do() {
    let app = TestApp::new().await;
    // Every name comes twice, in different batches; so do people, tags and old addresses.
    let folder = many(130, |number| {
        format!(
            "slug: s{}\nauthor: [Ann {}, Ben]\ntags: [t{}]\naliases: [/old/{}]\n",
            number % 65,
            number % 5,
            number % 65,
            number % 100
        )
    });
    let rehearsed = run(&app, &folder, &["--dry-run"]);
    assert_eq!(
        app.count("select (select count(*) from posts) + (select count(*) from tags) + (select count(*) from redirects)").await,
        0
    );
    let told = run(&app, &folder, &[]);
    assert!(
        rehearsed.items == told.items,
        "{}\n{}",
        rehearsed.items,
        told.items
    );
    assert!(
        told.of("posts/p065.md").contains(" /@ann-0/posts-s0\n"),
        "{}",
        told.of("posts/p065.md")
    );
    assert!(
        told.summary
            .contains("130 added; 6 people made, 100 redirects"),
        "{}",
        told.summary
    );
    assert!(
        rehearsed
            .summary
            .contains("130 added; 6 people made, 100 redirects"),
        "{}",
        rehearsed.summary
    );
    assert!(
        run(&app, &folder, &[])
            .summary
            .contains("130 unchanged; 0 people made, 0 redirects")
    );
}

/// Counted on the wire: what is done for each document by itself decides how long thousands of them take. Where each is
/// written by itself, it is seven.
#[actix_web::test]
async fn a_document_takes_few_round_trips() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let folder = many(100, |number| {
        format!(
            "author: of-{}\ntags: [sea, t{}]\naliases: [/old-{number}]\nlastmod: 2020-02-02\n",
            number % 4,
            number % 9
        )
    });
    let before = proxy.trips().so_far().await;
    import(&app, &folder.0).await;
    let each = (proxy.trips().so_far().await - before) as f64 / 100.0;
    assert_eq!(
        app.count("select count(*) from posts where status = 'published'")
            .await,
        100
    );
    println!("{each} round trips for each document");
    assert!(each <= 5.0, "{each} round trips for each document");
    let before = proxy.trips().so_far().await;
    import(&app, &folder.0).await;
    let each = (proxy.trips().so_far().await - before) as f64 / 100.0;
    assert!(
        each <= 1.0,
        "{each} round trips for each document that is as it was"
    );
}

/// Imports a hundred documents of which some were here before, in other words; gives the round trips for each.
async fn trips_where_some_are_here(is_here: impl Fn(usize) -> bool) -> f64 {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    let folder = Folder::new(&[]);
    let path = |number: usize| format!("posts/p{number:03}.md");
    for number in (0..100).filter(|number| is_here(*number)) {
        let text = post(&format!("p{number:03}"), "");
        folder.write(&path(number), text.as_bytes());
    }
    import(&app, &folder.0).await;
    for number in 0..100 {
        let text = post(&format!("p{number:03}"), "description: New\n");
        folder.write(&path(number), text.as_bytes());
    }
    let before = proxy.trips().so_far().await;
    import(&app, &folder.0).await;
    let each = (proxy.trips().so_far().await - before) as f64 / 100.0;
    let new = "select count(*) from posts where description = 'New'";
    assert_eq!(app.count(new).await, 100);
    println!("{each} round trips for each document");
    each
}

/// A document that is here already is written by itself; those after it are written together again.
#[actix_web::test]
async fn a_document_that_cannot_be_written_with_others_costs_the_others_nothing() {
    let each = trips_where_some_are_here(|number| number % 10 == 3).await;
    assert!(each <= 6.0, "{each} round trips for each document");
}

/// Where no two stand beside each other that could be written together, nothing is planned for nothing.
#[actix_web::test]
async fn documents_that_alternate_with_such_cost_no_more_than_alone() {
    let each = trips_where_some_are_here(|number| number % 2 == 0).await;
    assert!(each <= 12.0, "{each} round trips for each document");
}

/// All addresses are taken by another source.
#[actix_web::test]
async fn documents_whose_addresses_are_taken_are_written_by_themselves_at_once() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    app.set_up().await;
    import(&app, &many(50, |_| String::new()).0).await;
    let other = many(50, |_| "description: Other\n".to_owned());
    let before = proxy.trips().so_far().await;
    import(&app, &other.0).await;
    let each = (proxy.trips().so_far().await - before) as f64 / 50.0;
    let all = "select count(*) from posts";
    assert_eq!(app.count(all).await, 100);
    println!("{each} round trips for each document");
    // Ten, and what the pools ask by themselves on a busy machine.
    assert!(each <= 13.0, "{each} round trips for each document");
}

/// Where the site has no owner, documents without an author are of a person named after the folder. An address that a post of
/// that person had before is not given to another one.
#[actix_web::test]
async fn an_old_address_of_the_person_named_after_the_folder_is_not_given_away() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[("content/posts/first.md", "---\ntitle: First\n---\nText.\n")]);
    import(&app, &folder.0).await;
    sqlx::query("insert into slug_history (owner_id, slug, post_id) select owner_id, 'second', id from posts")
        .execute(&app.database)
        .await
        .unwrap();
    // A batch of new documents alone.
    std::fs::remove_file(folder.0.join("content/posts/first.md")).unwrap();
    for name in ["second", "third"] {
        let text = format!("---\ntitle: {name}\n---\nText.\n");
        folder.write(&format!("content/posts/{name}.md"), text.as_bytes());
    }
    let same_source = Options {
        same_source: true,
        ..Options::default()
    };
    import_with(&app, &folder.0, &same_source).await.unwrap();
    let slugs = "select string_agg(slug, ' ' order by slug) from posts";
    assert_eq!(app.text(slugs).await, "first posts-second third");
}
