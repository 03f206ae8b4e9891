//! Every fault of a database against every kind of page: what the user sees. The table stands in `docs/resilience.md`,
//! and this test fails when the two differ; `MASTHEAD_PROVE=full` writes it anew.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use masthead::db::embedded::Role;

use crate::support::{Actor, Cluster, Line, PASSWORD, PATIENCE, Proxy, Response, TestApp, until};

const SOON: Duration = PATIENCE;
/// Beyond this a reader has left.
const LONGEST: Duration = Duration::from_secs(11);
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/resilience.md");

/// A line of the table: what is broken, how, and how many servers then answer, are read from, and take changes.
struct Fault {
    name: &'static str,
    servers: &'static [usize],
    how: How,
    settled: (f64, f64),
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Broken(Line),
    /// The address leads to this server.
    LeadsTo(usize),
    /// It refuses every change, as where its disk is full.
    Full,
}

const ELSEWHERE: usize = 3;
const SLOW: Line = Line::Slow(20);
const VERY_SLOW: Line = Line::Slow(300);

const FAULTS: &[Fault] = &[
    Fault {
        name: "nothing",
        servers: &[],
        how: How::Broken(Line::Whole),
        settled: (3.0, 2.0),
    },
    Fault {
        name: "primary down",
        servers: &[0],
        how: How::Broken(Line::Down),
        settled: (2.0, 2.0),
    },
    Fault {
        name: "primary slow (20 ms more an answer)",
        servers: &[0],
        how: How::Broken(SLOW),
        settled: (3.0, 2.0),
    },
    Fault {
        name: "primary frozen",
        servers: &[0],
        how: How::Broken(Line::Silent),
        settled: (2.0, 2.0),
    },
    Fault {
        name: "primary wrong (its address leads to a replica)",
        servers: &[0],
        how: How::LeadsTo(1),
        settled: (3.0, 3.0),
    },
    Fault {
        name: "primary's disk full",
        servers: &[0],
        how: How::Full,
        settled: (3.0, 2.0),
    },
    Fault {
        name: "one replica down",
        servers: &[1],
        how: How::Broken(Line::Down),
        settled: (2.0, 1.0),
    },
    Fault {
        name: "one replica slow (300 ms more an answer)",
        servers: &[1],
        how: How::Broken(VERY_SLOW),
        settled: (3.0, 1.0),
    },
    Fault {
        name: "one replica frozen",
        servers: &[1],
        how: How::Broken(Line::Silent),
        settled: (2.0, 1.0),
    },
    Fault {
        name: "one replica wrong (another database)",
        servers: &[1],
        how: How::LeadsTo(ELSEWHERE),
        settled: (3.0, 1.0),
    },
    Fault {
        name: "both replicas down",
        servers: &[1, 2],
        how: How::Broken(Line::Down),
        settled: (1.0, 0.0),
    },
    Fault {
        name: "both replicas slow (300 ms more an answer)",
        servers: &[1, 2],
        how: How::Broken(VERY_SLOW),
        settled: (3.0, 0.0),
    },
    Fault {
        name: "both replicas frozen",
        servers: &[1, 2],
        how: How::Broken(Line::Silent),
        settled: (1.0, 0.0),
    },
    Fault {
        name: "both replicas wrong (another database)",
        servers: &[1, 2],
        how: How::LeadsTo(ELSEWHERE),
        settled: (3.0, 0.0),
    },
    Fault {
        name: "all down",
        servers: &[0, 1, 2],
        how: How::Broken(Line::Down),
        settled: (0.0, 0.0),
    },
    Fault {
        name: "all frozen",
        servers: &[0, 1, 2],
        how: How::Broken(Line::Silent),
        settled: (0.0, 0.0),
    },
];

const PAGES: [&str; 9] = [
    "post, warm",
    "post, cold",
    "feed, warm",
    "sign-in page",
    "signing in",
    "dashboard",
    "saving",
    "`/me.json`",
    "`/readyz`",
];

#[actix_web::test]
async fn prove_what_users_see_at_each_fault() {
    let cluster = Cluster::start().await;
    let elsewhere = TestApp::empty().await;
    let mut roles = vec![0, 1, 2]
        .into_iter()
        .map(|n| cluster.servers.connect_options(n, Role::App))
        .collect::<Vec<_>>();
    roles.push(elsewhere.serving_role());
    let mut proxies = Vec::new();
    for role in &roles[..3] {
        proxies.push(Proxy::start(role).await);
    }
    let app = cluster.node_behind(&proxies).await;
    app.follow().await;
    app.set_up().await;
    let mut ann = app.author("ann").await;
    let warm = ann.publish("Warm", "Text.").await.path;
    let mut cold = Vec::new();
    for number in 0..FAULTS.len() {
        cold.push(ann.publish(&format!("Cold {number}"), "Text.").await.path);
    }

    let mut table = String::from("| broken |");
    for page in PAGES {
        table.push_str(&format!(" {page} |"));
    }
    table.push_str(&format!("\n|{}\n", " --- |".repeat(PAGES.len() + 1)));
    for (fault, cold) in FAULTS.iter().zip(&cold) {
        for path in [&warm, "/feed.atom"] {
            app.until_answered(path, 200, "").await;
        }
        for server in fault.servers {
            match fault.how {
                How::Broken(line) => proxies[*server].set(line),
                How::LeadsTo(other) => proxies[*server].lead_to(&roles[other]),
                How::Full => tell(&app, FILL).await,
            }
        }
        settle(&app, fault.name, fault.settled).await;
        let began = Instant::now();
        let seen = look(&app, &mut ann, &warm, cold).await;
        println!(
            "{}: the longest answer took {:.2} s, all {:.1} s",
            fault.name,
            seen.longest.as_secs_f64(),
            began.elapsed().as_secs_f64()
        );
        assert!(seen.longest < LONGEST, "{}: {:?}", fault.name, seen.longest);
        let cells: String = PAGES
            .iter()
            .map(|page| format!(" {} |", seen.cells[page]))
            .collect();
        table.push_str(&format!("| {} |{cells}\n", fault.name));
        if fault.how == How::Full {
            tell(&app, "drop function full_disk() cascade").await;
        } else {
            // This cuts connections, which must be noticed before the next fault begins.
            for server in fault.servers {
                proxies[*server].lead_to(&roles[*server]);
                proxies[*server].set(Line::Whole);
            }
        }
        settle(&app, "everything is whole again", (3.0, 2.0)).await;
        until("saving works again", SOON, async || {
            ann.get("/dashboard").await.status == 200
        })
        .await;
    }
    compare(&table);
}

/// What PostgreSQL says when a table cannot grow. (Where its log cannot, it ends, and is down.)
const FILL: &str = "
    create function full_disk() returns trigger language plpgsql as
        $$ begin raise 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
    do $$ declare name text; begin
        for name in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public' loop
            execute format('create trigger full_disk before insert or update or delete on %s
                            for each statement execute function full_disk()', name);
        end loop;
    end $$";

/// To the primary, past the proxies.
async fn tell(app: &TestApp, statements: &'static str) {
    sqlx::raw_sql(statements)
        .execute(&app.database)
        .await
        .unwrap();
}

async fn settle(app: &TestApp, what: &str, (reachable, admitted): (f64, f64)) {
    until(what, SOON, async || {
        app.metric("masthead_db_reachable") == reachable
            && app.metric("masthead_db_in_rotation") == admitted
    })
    .await;
}

struct Seen {
    cells: BTreeMap<&'static str, String>,
    longest: Duration,
}

async fn look(app: &TestApp, ann: &mut Actor, warm: &str, cold: &str) -> Seen {
    let mut seen = Seen {
        cells: BTreeMap::new(),
        longest: Duration::ZERO,
    };
    macro_rules! see {
        ($page:literal, $answer:expr) => {{
            let began = Instant::now();
            let answer = $answer;
            seen.longest = seen.longest.max(began.elapsed());
            seen.cells.insert($page, cell(&answer));
        }};
    }
    let mut anybody = app.anonymous();
    see!("post, warm", anybody.get(warm).await);
    see!("post, cold", anybody.get(cold).await);
    see!("feed, warm", anybody.get("/feed.atom").await);
    see!("sign-in page", anybody.get("/login").await);
    see!(
        "signing in",
        anybody
            .post("/login", &[("login", "ann"), ("password", PASSWORD)])
            .await
    );
    see!("dashboard", ann.get("/dashboard").await);
    let form = [
        ("kind", "post"),
        ("version", "0"),
        ("title", "Typed"),
        ("markdown", "Typed"),
        ("action", "save"),
    ];
    see!("saving", ann.post("/new", &form).await);
    see!("`/me.json`", ann.get("/me.json").await);
    see!("`/readyz`", anybody.get("/readyz").await);
    seen
}

fn cell(answer: &Response) -> String {
    let has = |name: &str, part: &str| {
        answer
            .header(name)
            .is_some_and(|value| value.contains(part))
    };
    match answer.status.as_u16() {
        200 if has("content-type", "json") && answer.json()["read_only"] == true => {
            "anonymous, banner".into()
        }
        200 if has("content-type", "json") => "personal".into(),
        200 if has("content-type", "text/plain") => answer.text(),
        200 if has("cache-status", "detail=stale") => "old copy".into(),
        200 => "page".into(),
        303 => "done".into(),
        503 if !answer.all("form.form").is_empty() => "503 with the text".into(),
        503 => {
            assert_eq!(answer.header("retry-after"), Some("2"));
            "503".into()
        }
        other => other.to_string(),
    }
}

fn compare(table: &str) {
    let document = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    let (begin, end) = ("<!-- the table, as measured -->\n", "<!-- end -->");
    let before = document.split(begin).next().unwrap_or_default();
    let after = document.split(end).nth(1).unwrap_or("\n");
    let now = format!("{before}{begin}{table}{end}{after}");
    if std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full") {
        return std::fs::write(DOCUMENT, &now).unwrap();
    }
    assert_eq!(
        document, now,
        "users see something else than docs/resilience.md says: look, then `make prove` writes it anew"
    );
}
