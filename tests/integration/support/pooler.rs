//! A real PgBouncer in front of the test's database.

use std::fs::{self, File};
use std::net::TcpStream;
use std::process::{Child, Command};

use sqlx::postgres::PgConnectOptions;

use super::proxy::at_port;
use super::shared_cache::program;
use super::{TempDir, free_port, wait_until};

/// Ends with this value.
pub struct Pooler {
    port: u16,
    process: Child,
    dir: TempDir,
}

impl Pooler {
    /// In this mode (`session`, `transaction`), with two connections to the server for each role.
    pub fn start(to: &PgConnectOptions, mode: &str) -> Pooler {
        let dir = TempDir::new();
        let port = free_port();
        let database = to.get_database().unwrap();
        // It refuses to run as root, and must reach the socket of the database.
        let user = match rustix::process::geteuid().is_root() {
            true if fs::read_to_string("/etc/passwd")
                .unwrap_or_default()
                .contains("\npostgres:") =>
            {
                "user = postgres\n"
            }
            true => "user = nobody\n",
            false => "",
        };
        let text = format!(
            "[databases]\n{database} = host={} port={}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n\
             auth_file = {dir}/users\npool_mode = {mode}\ndefault_pool_size = 30\n\
             ignore_startup_parameters = options, extra_float_digits\n{user}",
            to.get_socket().unwrap().display(),
            to.get_port(),
            dir = dir.0.display(),
        );
        fs::write(
            dir.0.join("users"),
            "\"masthead_app\" \"\"\n\"masthead_owner\" \"\"\n",
        )
        .unwrap();
        fs::write(dir.0.join("ini"), text).unwrap();
        for name in [".", "users", "ini"] {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(dir.0.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let log = File::create(dir.0.join("log")).unwrap();
        let mut command = Command::new(program("pgbouncer"));
        command
            .arg(dir.0.join("ini"))
            .stdin(File::open("/dev/null").unwrap());
        let process = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut pooler = Pooler { port, process, dir };
        wait_until(|| {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            let log = fs::read_to_string(pooler.dir.0.join("log")).unwrap_or_default();
            assert!(pooler.process.try_wait().unwrap().is_none(), "{log}");
            Err(log)
        });
        pooler
    }

    /// The same database by way of the pooler.
    pub fn options(&self, to: &PgConnectOptions) -> PgConnectOptions {
        at_port(self.port, to)
    }

    pub fn url(&self, to: &PgConnectOptions, role: &str) -> String {
        format!(
            "postgres://{role}@127.0.0.1:{}/{}?sslmode=disable",
            self.port,
            to.get_database().unwrap()
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
