//! The promise that nothing acknowledged is ever lost, proved on the real binary with its durable private
//! Postgres: killed at random moments while people write, stopped in the middle of a request, started where it
//! must not start. `make prove` kills a hundred times, `make test` once in each way.

mod checks;
mod client;
mod hang_up;
mod logs;
mod root;
mod site;
mod writer;

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::support::{PASSWORD, TempDir, free_port};
use client::{Client, HalfSent, patient};
use site::{Site, refusal, serve};
use writer::{Random, Writer};

const WRITERS: u64 = 4;

/// What is killed with signal 9.
#[derive(Clone, Copy, Debug)]
enum Kill {
    App,
    AppAndDatabase,
    Database,
    /// One server process of Postgres, which then restarts itself: the site must come back without help.
    Connection,
}

const KILLS: [Kill; 4] = [
    Kill::App,
    Kill::AppAndDatabase,
    Kill::Database,
    Kill::Connection,
];

#[test]
fn prove_acknowledged_saves_survive_kill_9() {
    let full = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let rounds = if full { 100 } else { KILLS.len() };
    let mut site = Site::new();
    site.start();
    let square = square(&mut set_up(&site));
    let mut writers: Vec<Writer> = (0..WRITERS)
        .map(|number| Writer::sign_up(site.visitor(), number, &square))
        .collect();
    let mut random = Random(58);
    let mut recoveries = Vec::new();
    for round in 0..rounds {
        let kill = KILLS[round % KILLS.len()];
        storm(&site, &mut writers, kill, &mut random);
        recoveries.push(recover(&mut site, kill));
        // Before anything is sent again: what was acknowledged must be there by itself.
        let mut wrong = checks::rows(&site, &writers);
        for writer in &mut writers {
            writer.send_open_again();
            wrong.extend(checks::pages(&site, writer));
            wrong.append(&mut writer.strange);
        }
        wrong.extend(checks::rows(&site, &writers));
        assert!(
            wrong.is_empty(),
            "round {round}, {kill:?} killed:\n{}\n{}",
            wrong.join("\n"),
            site.log()
        );
    }
    report(rounds, &writers, recoveries);
}

/// Makes the owner, as the first visitor does.
fn set_up(site: &Site) -> Client {
    let mut owner = site.visitor();
    let form = [
        ("site_name", "Harbour"),
        ("sign_up", "open"),
        ("sign_up_role", "author"),
        ("username", "olga"),
        ("name", "Olga Owner"),
        ("email", "olga@example.org"),
        ("password", PASSWORD),
    ];
    patient(|| owner.post("/setup", &form)).assert_status(303);
    owner
}

/// Address of a published post.
fn square(owner: &mut Client) -> String {
    let id = draft(owner, "Come and talk.");
    let published = patient(|| owner.post(&format!("/p/{id}/publish"), &[]));
    published.assert_status(303).path().to_owned()
}

/// Saves a new draft and gives its id.
fn draft(author: &mut Client, markdown: &str) -> String {
    let editor = patient(|| author.get("/new"));
    let id = editor.field("id");
    let form = [
        ("id", id.as_str()),
        ("version", "0"),
        ("title", "The square"),
        ("markdown", markdown),
        ("action", "save"),
    ];
    let status = patient(|| author.post(&editor.action(), &form))
        .status
        .as_u16();
    // 409: saved by a try whose answer was "not now".
    assert!(matches!(status, 303 | 409), "{status}");
    id
}

/// Everybody writes at once until the kill.
fn storm(site: &Site, writers: &mut [Writer], kill: Kill, random: &mut Random) {
    let enough = AtomicBool::new(false);
    let (told, hears) = channel();
    std::thread::scope(|scope| {
        for writer in writers {
            let told = told.clone();
            let enough = &enough;
            scope.spawn(move || writer.write(&told, enough));
        }
        drop(told);
        wait_for_a_random_moment(&hears, random);
        match kill {
            Kill::App => site.kill_app_now(),
            Kill::AppAndDatabase if random.below(2) == 0 => {
                site.kill_app_now();
                site.kill_postmaster();
            }
            Kill::AppAndDatabase => {
                site.kill_postmaster();
                site.kill_app_now();
            }
            Kill::Database => site.kill_postmaster(),
            Kill::Connection => site.kill_backend(),
        }
        enough.store(true, Ordering::Relaxed);
    });
}

/// After some acknowledgements and up to a few saves' time more.
fn wait_for_a_random_moment(hears: &Receiver<()>, random: &mut Random) {
    for _ in 0..5 + random.below(60) {
        if hears.recv().is_err() {
            return;
        }
    }
    let until = Instant::now() + Duration::from_micros(random.below(40_000));
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        if matches!(
            hears.recv_timeout(left),
            Err(RecvTimeoutError::Disconnected)
        ) {
            return;
        }
    }
}

/// Brings the site back; gives how long it took until a page was there.
fn recover(site: &mut Site, kill: Kill) -> Duration {
    match kill {
        Kill::App | Kill::AppAndDatabase => {
            site.wait_for_end();
            site.start()
        }
        // The site starts its database again and needs nobody.
        Kill::Database | Kill::Connection => {
            let begun = Instant::now();
            site.wait_for_a_page();
            begun.elapsed()
        }
    }
}

/// Past the capture of the test harness: the figures are what `make prove` is run for.
fn report(rounds: usize, writers: &[Writer], mut recoveries: Vec<Duration>) {
    recoveries.sort_unstable();
    let seconds = |index: usize| recoveries[index].as_secs_f64();
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged).sum();
    let line = format!(
        "kill -9: {rounds} rounds, {acknowledged} acknowledged saves, 0 lost; back after {:.2} s at best, {:.2} s half of the time, {:.2} s at worst\n",
        seconds(0),
        seconds(rounds / 2),
        seconds(rounds - 1),
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Several, so that every worker has some and all but one have become idle before the last is finished.
#[test]
fn prove_a_stop_lets_requests_finish() {
    let mut site = Site::new();
    site.start();
    let mut owner = set_up(&site);
    let drafts: Vec<String> = (0..6)
        .map(|_| draft(&mut owner, "Before the stop."))
        .collect();
    // At once, so that every worker has opened connections to the database.
    std::thread::scope(|scope| {
        for id in &drafts {
            let owner = &owner;
            scope.spawn(move || patient(|| owner.get(&format!("/p/{id}/edit"))));
        }
    });
    let begin = |id: &String| {
        let form = [
            ("id", id.as_str()),
            ("version", "1"),
            ("title", "The square"),
            ("markdown", "During the stop."),
            ("action", "save"),
        ];
        owner.begin_post(&format!("/p/{id}/edit"), &form).unwrap()
    };
    let requests: Vec<HalfSent> = drafts.iter().map(begin).collect();
    site.ask_to_end();
    // No new guests from here on, which shows that the stop has begun.
    while TcpStream::connect((Ipv4Addr::LOCALHOST, site.port)).is_ok() {
        std::thread::yield_now();
    }
    for request in requests {
        let answer = request.finish().unwrap();
        assert_eq!(answer.status.as_u16(), 303, "{}", site.log());
    }
    assert_eq!(site.wait_for_end().code(), Some(0), "{}", site.log());
    assert_eq!(
        site.postmaster(),
        None,
        "the private database is still there"
    );
    site.start();
    for id in drafts {
        let editor = patient(|| owner.get(&format!("/p/{id}/edit")));
        assert_eq!(
            editor.assert_status(200).field("markdown"),
            "During the stop."
        );
    }
}

#[test]
fn prove_starting_twice_or_in_a_wrong_place_is_refused() {
    let mut site = Site::new();
    site.start();
    let twice = refusal(serve(&site.data_dir(), free_port()));
    refused(
        twice,
        &[
            "another Masthead",
            &format!("(process {})", site.app_pid()),
            "stop it first or choose another data directory",
        ],
    );
    let taken = refusal(serve(&TempDir::new().0.join("data"), site.port));
    refused(
        taken,
        &[
            &format!("127.0.0.1:{} is taken by another program", site.port),
            "choose another address with --listen",
        ],
    );
    site.visitor().get("/setup").unwrap().assert_status(200);
    site.ask_to_end();
    site.wait_for_end();

    let newer =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (99990101000000, 'from the future', true, '\\x00', 0)";
    site.ask(async |conn| sqlx::query(newer).execute(conn).await.unwrap());
    let newer = refusal(serve(&site.data_dir(), free_port()));
    refused(
        newer,
        &[
            "migrated by a newer Masthead",
            "99990101000000",
            "start that version or a newer one",
        ],
    );
    assert_eq!(
        site.postmaster(),
        None,
        "the private database was left running"
    );
}

#[test]
fn prove_a_start_without_what_it_needs_says_so() {
    let dir = TempDir::new();
    let file = dir.0.join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let nowhere = refusal(serve(&file.join("data"), free_port()));
    refused(
        nowhere,
        &[
            "the data directory",
            "could not be created",
            "choose another one with --data-dir",
        ],
    );

    let mut without = serve(&dir.0.join("data"), free_port());
    without.env("MASTHEAD_POSTGRES_BIN_DIR", "/nonexistent");
    refused(
        refusal(without),
        &[
            "/nonexistent has no `initdb`",
            "let MASTHEAD_POSTGRES_BIN_DIR name a directory",
        ],
    );
    assert!(!dir.0.join("data/postgres").exists());
}

#[track_caller]
fn refused((code, said): (Option<i32>, String), parts: &[&str]) {
    assert_eq!(code, Some(1), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}
