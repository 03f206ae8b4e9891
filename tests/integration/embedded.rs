//! The private PostgreSQL: start, restart, crash, and every way in which a start is refused.
//!
//! Each test has a cluster of its own in fast mode, in a directory that any user may pass through.

use std::{
    fs::Permissions,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use masthead::db::embedded::{
    DATABASE, Durability, EmbeddedConfig, EmbeddedError, EmbeddedPostgres, Role,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::support::{PATIENCE, TempDir};

fn durable(base_dir: &Path) -> EmbeddedConfig {
    EmbeddedConfig {
        durability: Durability::Durable,
        ..fast(base_dir)
    }
}

fn fast(base_dir: &Path) -> EmbeddedConfig {
    EmbeddedConfig {
        base_dir: base_dir.to_owned(),
        bin_dir: std::env::var_os("MASTHEAD_POSTGRES_BIN_DIR").map(PathBuf::from),
        durability: Durability::Fast,
        copy_of: None,
    }
}

/// Runs one statement, giving the first column of its first row as text.
fn ask(options: &PgConnectOptions, statement: &'static str) -> Result<String, sqlx::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let mut connection = PgConnection::connect_with(options).await?;
            let answer = sqlx::query_scalar::<_, String>(statement)
                .fetch_one(&mut connection)
                .await?;
            connection.close().await?;
            Ok(answer)
        })
}

fn execute(options: &PgConnectOptions, statement: &'static str) -> Result<(), sqlx::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let mut connection = PgConnection::connect_with(options).await?;
            sqlx::raw_sql(statement).execute(&mut connection).await?;
            connection.close().await
        })
}

/// Polls until the process is gone (or is a zombie of somebody else).
fn wait_for_end(pid: u32) {
    let begun = Instant::now();
    while std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
    {
        assert!(begun.elapsed() < PATIENCE, "process {pid} is still there");
        std::thread::yield_now();
    }
}

fn kill_hard(pid: u32) {
    let status = Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn an_empty_directory_becomes_a_database_with_two_roles() {
    let dir = TempDir::new();
    let server = EmbeddedPostgres::start(&fast(&dir.0.join("new/postgres"))).unwrap();
    assert_eq!(server.relocated_from(), None);

    let owner = server.connect_options(Role::Owner, DATABASE);
    let app = server.connect_options(Role::App, DATABASE);
    execute(&owner, "create schema blog; create table blog.posts (id bigint); grant usage on schema blog to masthead_app")
        .unwrap();
    assert_eq!(
        ask(
            &app,
            "select concat_ws(' ', current_user, current_database(), rolsuper, rolcreatedb, rolcreaterole,
                 has_database_privilege(current_database(), 'create'), current_setting('server_encoding'))
             from pg_roles where rolname = current_user"
        )
        .unwrap(),
        "masthead_app masthead f f f f UTF8"
    );
    assert!(execute(&app, "create schema other").is_err());
    assert!(execute(&app, "insert into blog.posts values (1)").is_err());
    assert_eq!(
        ask(&owner, "select concat_ws(' ', rolsuper, rolcreatedb) from pg_roles where rolname = current_user").unwrap(),
        "f f"
    );
    assert_eq!(
        ask(
            &server.connect_options(Role::Superuser, "postgres"),
            "select concat(current_setting('listen_addresses'), current_setting('fsync'))"
        )
        .unwrap(),
        "off"
    );
    assert_eq!(mode_of(server.base_dir()), 0o700);
    assert_eq!(mode_of(server.socket_dir()), 0o700);
    server.stop().unwrap();
}

fn mode_of(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_later_start_finds_the_data_and_rewrites_the_settings() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let first = EmbeddedPostgres::start(&fast(&base)).unwrap();
    execute(
        &first.connect_options(Role::Owner, DATABASE),
        "create table kept as select 'still here' as word",
    )
    .unwrap();
    let first_pid = first.postmaster_pid();
    first.stop().unwrap();
    wait_for_end(first_pid);

    let durable = durable(&base);
    let second = EmbeddedPostgres::start(&durable).unwrap();
    let owner = second.connect_options(Role::Owner, DATABASE);
    assert_eq!(ask(&owner, "select word from kept").unwrap(), "still here");
    assert_eq!(
        ask(
            &owner,
            "select current_setting('fsync') || current_setting('synchronous_commit')"
        )
        .unwrap(),
        "onon"
    );
}

#[test]
fn a_durable_cluster_checks_its_pages() {
    let dir = TempDir::new();
    let durable = durable(&dir.0.join("postgres"));
    let server = EmbeddedPostgres::start(&durable).unwrap();
    let app = server.connect_options(Role::App, DATABASE);
    assert_eq!(
        ask(&app, "select current_setting('data_checksums')").unwrap(),
        "on"
    );
}

#[test]
fn what_was_committed_survives_a_killed_server() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let durable = durable(&base);
    let first = EmbeddedPostgres::start(&durable).unwrap();
    execute(
        &first.connect_options(Role::Owner, DATABASE),
        "create table kept as select 'still here' as word",
    )
    .unwrap();
    kill_hard(first.postmaster_pid());
    first.stop().unwrap();
    assert!(
        base.join("data/postmaster.pid").exists(),
        "the crash left no trace to recover from"
    );

    let second = EmbeddedPostgres::start(&durable).unwrap();
    let owner = second.connect_options(Role::Owner, DATABASE);
    assert_eq!(ask(&owner, "select word from kept").unwrap(), "still here");
}

/// After a reboot the process number in the file left by a crash can belong to any other program.
#[test]
fn a_pid_file_that_names_a_stranger_does_not_block_the_start() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    EmbeddedPostgres::start(&fast(&base))
        .unwrap()
        .stop()
        .unwrap();
    let stranger = std::process::id();
    for file in ["data/postmaster.pid", "run/.s.PGSQL.5432.lock"] {
        let content = format!("{stranger}\n{}\n0\n5432\n\n\n", base.join("data").display());
        std::fs::write(base.join(file), content).unwrap();
    }
    EmbeddedPostgres::start(&fast(&base))
        .unwrap()
        .stop()
        .unwrap();
}

#[test]
fn an_unfinished_creation_is_begun_anew() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    std::fs::create_dir_all(base.join("data.tmp/base")).unwrap();
    std::fs::write(base.join("data.tmp/PG_VERSION"), "15\n").unwrap();
    let server = EmbeddedPostgres::start(&fast(&base)).unwrap();
    assert!(!base.join("data.tmp").exists());
    assert_eq!(
        ask(
            &server.connect_options(Role::App, DATABASE),
            "select current_user::text"
        )
        .unwrap(),
        "masthead_app"
    );
}

#[test]
fn a_second_instance_is_refused_and_told_who_is_there() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let first = EmbeddedPostgres::start(&fast(&base)).unwrap();
    let error = EmbeddedPostgres::start(&fast(&base)).unwrap_err();
    assert!(
        matches!(error, EmbeddedError::AlreadyRunning { pid: Some(pid), .. } if pid == std::process::id()),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains(&format!("(process {})", std::process::id())),
        "{error}"
    );
    assert_eq!(
        ask(
            &first.connect_options(Role::App, DATABASE),
            "select 'unharmed'"
        )
        .unwrap(),
        "unharmed"
    );
    drop(first);
    EmbeddedPostgres::start(&fast(&base)).unwrap();
}

#[test]
fn a_command_beside_a_running_instance_joins_its_server() {
    let dir = TempDir::new();
    let base = dir.0.join("post, \"gres\"");
    let first = EmbeddedPostgres::start(&fast(&base)).unwrap();
    let joined = EmbeddedPostgres::start_or_join(&fast(&base)).unwrap();
    assert_eq!(joined.postmaster_pid(), first.postmaster_pid());
    assert_eq!(joined.base_dir(), first.base_dir());
    let app = joined.connect_options(Role::App, DATABASE);
    assert_eq!(ask(&app, "select 'joined'").unwrap(), "joined");
    joined.stop().unwrap();
    assert_eq!(ask(&app, "select 'still there'").unwrap(), "still there");

    first.stop().unwrap();
    let own = EmbeddedPostgres::start_or_join(&fast(&base)).unwrap();
    let pid = own.postmaster_pid();
    drop(own);
    wait_for_end(pid);
}

#[test]
fn a_cluster_of_another_version_is_refused_untouched() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    std::fs::create_dir_all(base.join("data")).unwrap();
    std::fs::write(base.join("data/PG_VERSION"), "9\n").unwrap();
    let error = EmbeddedPostgres::start(&fast(&base)).unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::VersionMismatch { cluster, .. } if cluster == "9"),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("written by PostgreSQL 9"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(base.join("data")).unwrap().count(), 1);
}

#[test]
fn a_program_directory_without_programs_is_named() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let config = EmbeddedConfig {
        bin_dir: Some(dir.0.clone()),
        ..fast(&base)
    };
    let error = EmbeddedPostgres::start(&config).unwrap_err();
    assert!(
        matches!(
            &error,
            EmbeddedError::IncompleteBinDir {
                missing: "initdb",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error.to_string().contains(dir.0.to_str().unwrap()),
        "{error}"
    );
    assert!(!base.exists(), "a refused start leaves nothing behind");
}

#[test]
fn missing_programs_name_both_ways_out() {
    let message = EmbeddedError::NoBinaries.to_string();
    for part in [
        "apt-get install postgresql",
        "postgresql-15",
        "MASTHEAD_DATABASE_URL",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_unwritable_directory_is_named() {
    // Root may write into a read-only directory, but not even root into a device.
    let dir = TempDir::new();
    let place = if is_root() {
        PathBuf::from("/dev/null")
    } else {
        dir.0.clone()
    };
    if !is_root() {
        std::fs::set_permissions(&place, Permissions::from_mode(0o555)).unwrap();
    }
    let base = place.join("postgres");
    let error = EmbeddedPostgres::start(&fast(&base)).unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::Directory { path, .. } if *path == base),
        "{error:?}"
    );
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn a_directory_with_other_things_in_it_is_left_alone() {
    let dir = TempDir::new();
    std::fs::write(dir.0.join("letter.txt"), "Dear all").unwrap();
    let error = EmbeddedPostgres::start(&fast(&dir.0)).unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::ForeignDirectory { entry, .. } if entry == "letter.txt"),
        "{error:?}"
    );
    assert_eq!(mode_of(&dir.0), 0o755);
    assert_eq!(std::fs::read_dir(&dir.0).unwrap().count(), 1);
}

#[test]
fn a_long_path_gets_its_socket_elsewhere() {
    let dir = TempDir::new();
    let server =
        EmbeddedPostgres::start(&fast(&dir.0.join("long-".repeat(25)).join("postgres"))).unwrap();
    let socket_dir = server.socket_dir().to_owned();
    assert!(
        !socket_dir.starts_with(server.base_dir()),
        "{}",
        socket_dir.display()
    );
    assert_eq!(mode_of(&socket_dir), 0o700);
    assert_eq!(
        ask(
            &server.connect_options(Role::App, DATABASE),
            "select current_user::text"
        )
        .unwrap(),
        "masthead_app"
    );
    server.stop().unwrap();
    assert!(
        !socket_dir.exists(),
        "{} was left behind",
        socket_dir.display()
    );
}

#[test]
fn a_path_with_blanks_commas_and_quotes_works() {
    let dir = TempDir::new();
    let server = EmbeddedPostgres::start(&fast(&dir.0.join("my blog, \"new\" 'ö'"))).unwrap();
    assert_eq!(
        ask(
            &server.connect_options(Role::App, DATABASE),
            "select current_user::text"
        )
        .unwrap(),
        "masthead_app"
    );
}

/// Root hands over to another user, which cannot enter such a directory; for an ordinary user it is no obstacle.
#[test]
fn a_directory_closed_to_others_does_not_stop_the_start() {
    let dir = TempDir::new();
    std::fs::set_permissions(&dir.0, Permissions::from_mode(0o700)).unwrap();
    let base = dir.0.join("postgres");
    let server = EmbeddedPostgres::start(&fast(&base)).unwrap();
    let real = server.base_dir().to_owned();
    if is_root() {
        assert!(real.starts_with("/var/lib/masthead"), "{}", real.display());
        assert_eq!(server.relocated_from(), Some(base.as_path()));
    } else {
        assert_eq!(real, base.canonicalize().unwrap());
        assert_eq!(server.relocated_from(), None);
    }
    assert_eq!(
        ask(
            &server.connect_options(Role::App, DATABASE),
            "select current_user::text"
        )
        .unwrap(),
        "masthead_app"
    );
    server.stop().unwrap();
    std::fs::remove_dir_all(&real).unwrap();
}

#[test]
fn a_server_on_its_own_thread_outlives_the_thread_that_asked_for_it() {
    let dir = TempDir::new();
    let config = fast(&dir.0.join("postgres"));
    let server =
        std::thread::spawn(move || EmbeddedPostgres::start_on_own_thread(&config).unwrap())
            .join()
            .unwrap();
    let pid = server.postmaster_pid();
    assert_eq!(
        ask(
            &server.connect_options(Role::App, DATABASE),
            "select current_user::text"
        )
        .unwrap(),
        "masthead_app"
    );
    drop(server);
    wait_for_end(pid);
}

#[test]
fn a_killed_masthead_takes_its_server_along_and_loses_nothing() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let mut holder = Holder::start(&base);
    holder.kill();

    // At once, so that the old server is possibly still going down.
    let server = EmbeddedPostgres::start(&durable(&base)).unwrap();
    wait_for_end(holder.postmaster);
    assert_eq!(
        ask(
            &server.connect_options(Role::Owner, DATABASE),
            "select word from kept"
        )
        .unwrap(),
        "still here"
    );
}

#[test]
fn both_killed_at_once_recover_at_the_next_start() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let mut holder = Holder::start(&base);
    kill_hard(holder.postmaster);
    holder.kill();

    let server = EmbeddedPostgres::start(&durable(&base)).unwrap();
    assert_eq!(
        ask(
            &server.connect_options(Role::Owner, DATABASE),
            "select word from kept"
        )
        .unwrap(),
        "still here"
    );
}

/// A process that holds a database with the table `kept`: this test program, run for `hold_until_killed` alone.
struct Holder {
    process: Child,
    postmaster: u32,
}

impl Holder {
    fn start(base: &Path) -> Self {
        let modules = module_path!()
            .split_once("::")
            .expect("a module of the test crate")
            .1;
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                &format!("{modules}::a_held_database_has_its_table"),
                "--exact",
                "--nocapture",
            ])
            .env(HOLD, base)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let postmaster = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("postmaster ")?.parse().ok())
            .expect("the holder says who its server is");
        Self {
            process,
            postmaster,
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const HOLD: &str = "MASTHEAD_TEST_HOLD_DATABASE_IN";

/// Also what a [`Holder`] runs: then it stays until it is killed.
#[test]
fn a_held_database_has_its_table() {
    let hold = std::env::var_os(HOLD).map(PathBuf::from);
    let dir = TempDir::new();
    let server = EmbeddedPostgres::start(&durable(hold.as_deref().unwrap_or(&dir.0))).unwrap();
    let owner = server.connect_options(Role::Owner, DATABASE);
    execute(&owner, "create table kept as select 'still here' as word").unwrap();
    assert_eq!(ask(&owner, "select word from kept").unwrap(), "still here");
    if hold.is_some() {
        drop(dir);
        // A line of its own: the test runner has begun one with the test's name.
        println!("\npostmaster {}", server.postmaster_pid());
        loop {
            std::thread::park();
        }
    }
}

/// The log goes on in another file while the server runs, and the oldest one goes.
#[test]
fn the_log_is_bounded_while_the_server_runs() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    let server = EmbeddedPostgres::start(&fast(&base)).unwrap();
    let superuser = server.connect_options(Role::Superuser, DATABASE);
    let chatter = "do $$ begin for number in 1..400 loop raise log '% %', number, repeat('x', 100000); end loop; end $$";
    execute(&superuser, chatter).unwrap();
    execute(
        &superuser,
        "do $$ begin raise log '%', 'the last ' || 'line'; end $$",
    )
    .unwrap();
    let begun = Instant::now();
    while !std::fs::read_to_string(server.log_path())
        .unwrap()
        .contains("the last line")
    {
        assert!(begun.elapsed() < PATIENCE, "the last line is not written");
        std::thread::yield_now();
    }
    let old = std::fs::read_to_string(base.join("postgres.log.1")).unwrap();
    let lengths = [
        old.len(),
        server.log_path().metadata().unwrap().len() as usize,
    ];
    assert!(
        lengths.iter().all(|length| *length < 11 << 20),
        "{lengths:?}"
    );
    assert!(
        old.starts_with("20") && old.ends_with('\n'),
        "a line was torn"
    );
    let logs = std::fs::read_dir(&base)
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("log"));
    assert_eq!(logs.count(), 2);
}

#[test]
fn logs_of_a_version_that_wrote_secrets_go_with_the_first_start() {
    let dir = TempDir::new();
    let base = dir.0.join("postgres");
    EmbeddedPostgres::start(&fast(&base))
        .unwrap()
        .stop()
        .unwrap();
    let settings = base.join("data/masthead.conf");
    let of_before = std::fs::read_to_string(&settings)
        .unwrap()
        .replace("log_parameter_max_length = 0\n", "");
    std::fs::write(&settings, of_before).unwrap();
    for name in ["postgres.log", "postgres.log.1"] {
        std::fs::write(base.join(name), "parameters: $1 = 'secret'\n").unwrap();
    }
    EmbeddedPostgres::start(&fast(&base))
        .unwrap()
        .stop()
        .unwrap();
    assert!(!base.join("postgres.log.1").exists());
    let kept = std::fs::read_to_string(base.join("postgres.log")).unwrap();
    assert!(
        !kept.contains("secret") && kept.contains("database system is ready"),
        "{kept}"
    );
    EmbeddedPostgres::start(&fast(&base))
        .unwrap()
        .stop()
        .unwrap();
    assert!(
        std::fs::read_to_string(base.join("postgres.log"))
            .unwrap()
            .starts_with(&kept),
        "it goes on from now on"
    );
}
