//! What operators type, through the built program.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{TempDir, TestApp, until};

const PATIENCE: Duration = Duration::from_secs(60);

/// A command on the database of a site, in an empty directory.
fn masthead(app: &TestApp, dir: &Path, arguments: &[&str]) -> Command {
    let mut program = plain(dir, arguments);
    let (serving, owner) = app.database_urls();
    program
        .env("MASTHEAD_DATABASE_URL", serving)
        .env("MASTHEAD_MIGRATION_DATABASE_URL", owner);
    program
}

/// A command with nothing of the caller's settings but where Postgres is.
fn plain(dir: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MASTHEAD_") && name != "MASTHEAD_POSTGRES_BIN_DIR" {
            program.env_remove(name);
        }
    }
    program
        .args(arguments)
        .arg("--data-dir")
        .arg(dir.join("data"))
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(dir);
    program.env("MASTHEAD_ARGON2_MEMORY_KIB", "7168");
    program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

/// Its exit code, and what it said.
fn run(program: &mut Command) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program.output().unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap(),
    )
}

fn run_with_input(program: &mut Command, input: &str) -> (Option<i32>, String) {
    let mut child = program.stdin(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap(),
    )
}

#[actix_web::test]
async fn user_create_makes_an_account_that_can_sign_in() {
    let app = TestApp::empty().await;
    let dir = TempDir::new();
    let create = |name: &str, email: &str, role: &str, input: &str| {
        let arguments = [
            "user",
            "create",
            name,
            "--email",
            email,
            "--role",
            role,
            "--password-stdin",
        ];
        run_with_input(&mut masthead(&app, &dir.0, &arguments), input)
    };
    let good = "nine quiet lanterns\nthis line is not read\n";
    let (code, said) = create("olga", "olga@example.org", "owner", good);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Created olga (owner)."), "{said}");
    // An owner made here is the one that the set-up page would ask for.
    app.anonymous().get("/setup").await.assert_status(404);
    app.owner()
        .await
        .get("/admin/site")
        .await
        .assert_status(200);
    let (code, said) = create("mo", "mo@example.org", "moderator", good);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        app.text("select role from users where username = 'mo'")
            .await,
        "moderator"
    );
    app.sign_in("mo")
        .await
        .get("/dashboard")
        .await
        .assert_status(200);
    for (name, email, input, fault) in [
        ("mo", "other@example.org", good, "username is taken"),
        ("other", "mo@example.org", good, "address already"),
        ("other", "other@example.org", "password\n", "password"),
        ("other", "other@example.org", "\n", "password"),
        ("o", "other@example.org", good, "username"),
    ] {
        let (code, said) = create(name, email, "author", input);
        assert_eq!(code, Some(1), "{name} {email}: {said}");
        assert!(
            said.to_lowercase().contains(fault),
            "{name} {email}: {said}"
        );
    }
    assert_eq!(app.count("select count(*) from users").await, 2);
    let (code, said) = create("king", "king@example.org", "king", good);
    assert_eq!(code, Some(2), "{said}");
}

#[actix_web::test]
async fn jobs_that_failed_for_good_are_listed_and_begin_again() {
    let app = TestApp::new().await;
    let dir = TempDir::new();
    let jobs = |arguments: &[&str]| {
        run(&mut masthead(
            &app,
            &dir.0,
            &[&["jobs"], arguments].concat(),
        ))
    };
    let (code, said) = jobs(&["failed"]);
    assert_eq!(
        (code, said.trim()),
        (Some(0), "No job has failed for good.")
    );
    let mut ids = Vec::new();
    for number in 1..=3 {
        let add = "insert into jobs (kind, payload, run_at, max_attempts) values ('sessions.prune', '{}', now() + interval '1 day', 12) returning id";
        let id: i64 = sqlx::query_scalar(add)
            .fetch_one(&app.database)
            .await
            .unwrap();
        sqlx::query("update jobs set attempts = max_attempts, failed_at = now(), last_error = $2 where id = $1")
            .bind(id)
            .bind(format!("fault\nnumber {number}"))
            .execute(&app.database)
            .await
            .unwrap();
        ids.push(id);
    }
    let dead = "select count(*) from jobs where failed_at is not null";
    let (code, said) = jobs(&["failed"]);
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(
        lines[0].starts_with(&format!("{}  sessions.prune", ids[0]))
            && lines[0].contains("number 1"),
        "{said}"
    );
    let (code, said) = jobs(&["retry", &ids[1].to_string()]);
    assert_eq!((code, said.trim()), (Some(0), "1 jobs begin again."));
    assert_eq!(app.count(dead).await, 2);
    // It has not failed for good any more, and another one never was.
    for id in [ids[1], 987_654] {
        let (code, said) = jobs(&["retry", &id.to_string()]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&format!("the number {id}")), "{said}");
    }
    let (code, said) = jobs(&["retry", "--all"]);
    assert_eq!((code, said.trim()), (Some(0), "2 jobs begin again."));
    assert_eq!(app.count(dead).await, 0);
    for (former, present) in [
        (&["dead"][..], "jobs failed"),
        (&["replay", "7"], "jobs retry"),
        (&["replay", "--all"], "jobs retry"),
    ] {
        let (code, said) = jobs(former);
        assert!(code == Some(2) && said.contains(present), "{said}");
    }
}

#[actix_web::test]
async fn sample_content_comes_and_goes() {
    let app = TestApp::new().await;
    let dir = TempDir::new();
    let demo = |action: &str| run(&mut masthead(&app, &dir.0, &["demo", action]));
    let (code, said) = demo("load");
    assert!(code == Some(0) && said.contains("Loaded "), "{said}");
    let posts = app.count("select count(*) from posts").await;
    assert!(posts > 5, "{posts}");
    let (code, said) = demo("load");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        app.count("select count(*) from posts").await,
        posts,
        "loaded twice"
    );
    let (code, said) = demo("remove");
    assert!(
        code == Some(0) && said.contains(&format!("Removed {posts} ")),
        "{said}"
    );
    assert_eq!(app.count("select count(*) from posts").await, 0);
    assert_eq!(app.count("select count(*) from users").await, 1);
}

/// Whatever they are asked to do: a switch that is not obeyed must not go unnoticed.
#[actix_web::test]
async fn settings_under_old_names_are_refused_with_the_new_ones() {
    let app = TestApp::new().await;
    let dir = TempDir::new();
    let renamed = [
        ("MASTHEAD_EMERGENCY", "read_only", "MASTHEAD_READ_ONLY"),
        (
            "MASTHEAD_EMERGENCY",
            "primary_only",
            "MASTHEAD_REPLICA_READS",
        ),
        (
            "MASTHEAD_PG_BIN_DIR",
            "/usr/bin",
            "MASTHEAD_POSTGRES_BIN_DIR",
        ),
        (
            "MASTHEAD_MAX_PASSWORD_HASHES",
            "2",
            "MASTHEAD_PASSWORD_HASH_CONCURRENCY",
        ),
        (
            "MASTHEAD_CONNECTIONS_PER_ADDRESS",
            "9",
            "MASTHEAD_MAX_CONNECTIONS_PER_IP",
        ),
        ("MASTHEAD_CDN_ZONE", "abc", "MASTHEAD_CLOUDFLARE_ZONE"),
        ("MASTHEAD_CDN_ZONE", "abc", "MASTHEAD_FASTLY_SERVICE"),
        ("MASTHEAD_JOBS", "inside", "is called `embedded` now"),
        ("MASTHEAD_JOBS", "apart", "is called `external` now"),
        ("MASTHEAD_CDN", "http", "is called `webhook` now"),
    ];
    // Where one is taken, the site does not start all the same.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let masthead = |arguments: &[&str]| {
        let mut program = masthead(&app, &dir.0, arguments);
        program.env("MASTHEAD_METRICS_LISTEN", &taken);
        program
    };
    for (old, value, new) in renamed {
        for arguments in [&["serve"][..], &["migrate"], &["config", "check"]] {
            let mut program = masthead(arguments);
            let (code, said) = run(program.env(old, value));
            assert_eq!(code, Some(2), "{arguments:?} with {old}: {said}");
            assert!(said.contains(old) && said.contains(new), "{said}");
        }
    }
    let file = dir.0.join("masthead.toml");
    std::fs::write(&file, "emergency = 'read_only'\n").unwrap();
    for arguments in [&["serve"][..], &["config", "check"]] {
        let mut program = masthead(arguments);
        let (code, said) = run(program.arg("--config").arg(&file));
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        let sentence =
            "masthead.toml is not read any more; use `read_only` or `replica_reads` instead";
        assert!(
            said.contains("`emergency` in") && said.contains(sentence),
            "{said}"
        );
    }
}

#[actix_web::test]
async fn doctor_looks_at_a_database_by_its_address() {
    let app = TestApp::new().await;
    let dir = TempDir::new();
    let (code, said) = run(&mut masthead(&app, &dir.0, &["doctor"]));
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "migrations are applied",
        "the role for migrations can connect as `masthead_owner`",
        "has 1 owner",
    ] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    let (serving, owner) = app.database_urls();
    let (code, said) =
        run(masthead(&app, &dir.0, &["doctor"]).env("MASTHEAD_DATABASE_REPLICAS", &serving));
    assert!(
        code == Some(1) && said.contains("is no replica: it takes changes of its own"),
        "{said}"
    );
    let (code, said) =
        run(masthead(&app, &dir.0, &["doctor"]).env("MASTHEAD_DATABASE_URL", &owner));
    assert!(
        code == Some(0) && said.contains("serves and owns the tables"),
        "{said}"
    );
    let nowhere = "postgres://masthead_app@127.0.0.1:1/masthead?sslmode=disable";
    for name in [
        "MASTHEAD_DATABASE_URL",
        "MASTHEAD_MIGRATION_DATABASE_URL",
        "MASTHEAD_DATABASE_REPLICAS",
    ] {
        let (code, said) = run(masthead(&app, &dir.0, &["doctor"]).env(name, nowhere));
        assert!(
            code == Some(1) && said.contains("problem  the database did not answer"),
            "{name}: {said}"
        );
    }
}

#[actix_web::test]
async fn a_worker_does_jobs_without_serving_and_ends_when_it_is_asked() {
    let app = TestApp::new().await;
    let dir = TempDir::new();
    sqlx::query("update sessions set expires_at = now() - interval '1 day'")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from sessions").await, 1);
    let log = std::fs::File::create(dir.0.join("log")).unwrap();
    let mut worker = masthead(&app, &dir.0, &["worker"])
        .stderr(log)
        .spawn()
        .unwrap();
    until("the session that ended is pruned", PATIENCE, async || {
        app.count("select count(*) from sessions").await == 0
            && app.count("select count(*) from jobs").await == 0
    })
    .await;
    kill_process(Pid::from_child(&worker), Signal::TERM).unwrap();
    let ended = wait(&mut worker);
    let said = std::fs::read_to_string(dir.0.join("log")).unwrap();
    assert_eq!(ended, Some(0), "{said}");
    assert!(
        said.contains("Masthead is doing jobs.") && !said.contains("serving on"),
        "{said}"
    );
    let listening = "select count(*) from pg_stat_activity where datname = current_database() and usename = 'masthead_app'";
    until("its connections are closed", PATIENCE, async || {
        app.count(listening).await as f64 <= app.connections("idle")
    })
    .await;
}

fn wait(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(begun.elapsed() < PATIENCE, "it does not end");
        std::thread::yield_now();
    }
}

/// A primary and two replicas whose switches are typed.
#[test]
fn a_cluster_for_developers_starts_obeys_and_ends() {
    let dir = TempDir::new();
    let servers = dir.0.join("servers");
    let mut program = plain(&dir.0, &["dev-cluster", servers.to_str().unwrap()]);
    let mut cluster = program
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(cluster.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut stdin = cluster.stdin.take().unwrap();
    let introduction: Vec<String> = lines
        .by_ref()
        .take_while(|line| !line.starts_with("status "))
        .collect();
    let url = |name: &str| {
        let start = format!("export {name}='");
        let line = introduction
            .iter()
            .find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("{introduction:#?}"))
            .trim_end_matches('\'')
            .to_owned()
    };
    let (primary, owner, replicas) = (
        url("MASTHEAD_DATABASE_URL"),
        url("MASTHEAD_MIGRATION_DATABASE_URL"),
        url("MASTHEAD_DATABASE_REPLICAS"),
    );
    let doctor = || {
        let mut doctor = plain(&dir.0, &["doctor"]);
        doctor
            .env("MASTHEAD_DATABASE_URL", &primary)
            .env("MASTHEAD_MIGRATION_DATABASE_URL", &owner);
        run(doctor.env("MASTHEAD_DATABASE_REPLICAS", &replicas))
    };
    let (_, said) = doctor();
    assert_eq!(said.matches("the replica at").count(), 2, "{said}");
    let mut tell = |line: &str, answers: usize| -> Vec<String> {
        writeln!(stdin, "{line}").unwrap();
        lines.by_ref().take(answers).collect()
    };
    assert_eq!(
        tell("status", 4),
        ["server 0: up", "server 1: up", "server 2: up", "ok"]
    );
    assert_eq!(tell("kill 2", 1), ["ok"]);
    assert_eq!(
        tell("status", 4),
        ["server 0: up", "server 1: up", "server 2: down", "ok"]
    );
    let (code, said) = doctor();
    assert!(
        code == Some(1) && said.contains("the database did not answer the replica at"),
        "{said}"
    );
    assert_eq!(tell("start 2", 1), ["ok"]);
    assert_eq!(
        tell("status", 4),
        ["server 0: up", "server 1: up", "server 2: up", "ok"]
    );
    assert_eq!(tell("pause 1", 1), ["ok"]);
    assert_eq!(tell("resume 1", 1), ["ok"]);
    assert_eq!(tell("lag 1 100", 1), ["ok"]);
    assert_eq!(tell("kill 7", 1), ["there is no server 7"]);
    assert!(tell("dance", 1)[0].starts_with("unknown; the switches are"));
    kill_process(Pid::from_child(&cluster), Signal::TERM).unwrap();
    cluster.wait().unwrap();
    let begun = Instant::now();
    while !processes_in(&servers).is_empty() {
        assert!(
            begun.elapsed() < PATIENCE,
            "servers are left: {:?}",
            processes_in(&servers)
        );
        std::thread::yield_now();
    }
}

/// Processes whose command line names something below the directory.
fn processes_in(dir: &Path) -> Vec<String> {
    let inside = format!("{}/", dir.display());
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines =
        processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(&inside)).collect()
}
