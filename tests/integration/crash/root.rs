//! Who serves. Started by root (as CI does), a site is served by the user that its private database belongs to; started by
//! anybody else, by that user. Everything else is the same for both.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, geteuid};

use super::client::patient;
use super::site::{Site, is_running};
use super::{draft, set_up};
use crate::support::{Served, TestApp, free_port};

const PATIENCE: Duration = Duration::from_secs(60);

pub fn wait_until(what: &str, mut met: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !met() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

/// A line of a process's or thread's status, without its name.
fn status(of: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(of.join("status")).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every thread has this user's rights, and no others.
fn assert_serves_as(pid: u32, uid: u32) {
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))
        .unwrap()
        .flatten()
    {
        assert_eq!(
            status(&thread.path(), "Uid:"),
            format!("{uid} {uid} {uid} {uid}")
        );
        if uid != 0 && geteuid().is_root() {
            for capabilities in ["CapPrm:", "CapEff:", "CapAmb:"] {
                assert_eq!(
                    status(&thread.path(), capabilities),
                    "0000000000000000",
                    "{capabilities}"
                );
            }
        }
    }
}

fn children(pid: u32) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let of_this = |of: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{of}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok())
            == Some(pid)
    };
    pids.filter(of_this).filter_map(Pid::from_raw).collect()
}

/// And waits for the next one. Connections to the old one may still answer for a moment, and take no new ones.
fn kill_database(site: &Site) {
    let killed = site.postmaster();
    site.kill_postmaster();
    wait_until("the database is not started again", || {
        site.postmaster().is_some_and(|pid| Some(pid) != killed)
    });
}

#[test]
fn a_site_that_root_started_is_served_by_the_user_of_its_database() {
    let mut site = Site::new();
    site.start();
    let owner_of_data = site
        .data_dir()
        .join("postgres/data")
        .metadata()
        .unwrap()
        .uid();
    assert_ne!(owner_of_data, 0, "PostgreSQL refuses root");
    let mut owner = set_up(&site);
    assert_serves_as(site.app_pid(), owner_of_data);
    let key = site.data_dir().join("secret.key").metadata().unwrap();
    assert_eq!(
        (key.uid(), key.mode() & 0o777),
        (geteuid().as_raw(), 0o600),
        "the key stays with who started the site"
    );

    // It starts its database again, also after a command of root has written where it must write.
    kill_database(&site);
    patient(|| owner.get("/dashboard")).assert_status(200);
    let arguments = [
        "user",
        "create",
        "ann",
        "--email",
        "ann@example.org",
        "--role",
        "author",
        "--password-stdin",
    ];
    let (done, said) = site.command(&arguments, "nine quiet lanterns\n");
    assert!(done, "{said}");
    let (done, said) = site.command(&["doctor"], "");
    assert!(done, "{said}");
    kill_database(&site);
    draft(&mut owner, "After the database was started again.");
    assert_serves_as(site.app_pid(), owner_of_data);

    // SIGTERM, and a command of root that runs the database by itself.
    let all = children(site.app_pid());
    site.ask_to_end();
    assert_eq!(site.wait_for_end().code(), Some(0), "{}", site.log());
    wait_until("a process is left", || {
        !all.iter().any(|pid| is_running(*pid))
    });
    let arguments = [
        "user",
        "create",
        "bea",
        "--email",
        "bea@example.org",
        "--role",
        "author",
        "--password-stdin",
    ];
    let (done, said) = site.command(&arguments, "nine quiet lanterns\n");
    assert!(done, "{said}");
    site.start();
    draft(&mut owner, "After a start on what root has left.");
}

#[test]
fn kill_9_leaves_no_process() {
    let mut site = Site::new();
    site.start();
    let all = children(site.app_pid());
    assert!(all.contains(&site.postmaster().unwrap()));
    assert_eq!(
        all.len(),
        if geteuid().is_root() { 2 } else { 1 },
        "the database, and for root the reader of settings"
    );
    site.kill_app_now();
    site.wait_for_end();
    wait_until("a process is left", || {
        !all.iter().any(|pid| is_running(*pid))
    });
    site.start();
}

#[test]
fn hang_up_reads_a_settings_file_that_only_its_owner_can_read() {
    let mut site = Site::new();
    let file = site.dir().join("masthead.toml");
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("read_only = false");
    let dir = site.dir().to_owned();
    site.start_with(|program| {
        program.current_dir(dir);
    });
    let mut owner = set_up(&site);
    write("read_only = true");
    site.ask_to_read_settings();
    wait_until("the switch is not on", || {
        site.log().contains("read_only: true")
    });
    write("replica_reads = 'nonsense'");
    site.ask_to_read_settings();
    wait_until("the fault is not named", || {
        site.log().contains("config reload failed; nothing changed")
            && site.log().contains("nonsense")
    });
    write("replica_reads = 'normal'");
    site.ask_to_read_settings();
    wait_until("the switch is not off", || {
        site.log().contains("read_only: false")
    });
    draft(&mut owner, "Saved again.");
}

/// A port for which it takes root, where this is root.
fn low_port() -> u16 {
    let mut low = 600..1024;
    match geteuid().is_root() {
        true => low
            .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
            .expect("a free low port"),
        false => free_port(),
    }
}

#[test]
fn low_ports_are_bound_before() {
    let mut site = Site::new();
    site.port = low_port();
    site.start();
    set_up(&site);
    assert_ne!(
        status(Path::new(&format!("/proc/{}", site.app_pid())), "Uid:"),
        "0 0 0 0"
    );
}

/// With a database of the operator's own there is no user of a database to become.
#[actix_web::test]
async fn beside_a_database_of_its_own_a_site_of_root_is_served_by_nobody_or_who_is_named() {
    let (app, proxy) = TestApp::behind_a_proxy().await;
    let (serving, owner) = (
        proxy.url(&app.serving_role()),
        proxy.url(&app.serving_role().username("masthead_owner")),
    );
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let number = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        line.split(':').nth(2)?.parse::<u32>().ok()
    };
    let usual = number("masthead").or_else(|| number("nobody")).unwrap();
    let named = number("daemon").unwrap();
    for (name, expected) in [("", usual), ("daemon", named)] {
        let served = start_elsewhere((serving.clone(), owner.clone()), name).await;
        let me = geteuid();
        assert_serves_as(
            served.pid(),
            if me.is_root() { expected } else { me.as_raw() },
        );
    }
    drop(proxy);
}

/// The proxy is a task of this thread, which must not be blocked by the start.
async fn start_elsewhere(urls: (String, String), run_as: &'static str) -> Served {
    let start = move || Served::start_on(urls, free_port(), &[("MASTHEAD_RUN_AS", run_as)]);
    actix_web::web::block(start).await.unwrap()
}
