//! A real Varnish or nginx with the configuration of `deploy/`, in front of a port of this machine.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use rustix::process::{Pid, Signal, kill_process};

use super::{Response, TempDir, free_port, wait_until};

/// Varnish compiles its configuration with a C compiler before it listens; longer than this it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const NAP: Duration = Duration::from_millis(10);

/// The cache ends, and what it stored is removed, with this value.
pub struct SharedCache {
    pub port: u16,
    process: Child,
    dir: TempDir,
}

impl SharedCache {
    /// Varnish, which can be purged: see [`SharedCache::purge`] and [`SharedCache::soft_purge`].
    pub fn varnish(backend: u16) -> SharedCache {
        let dir = TempDir::new();
        let text = changed(
            include_str!("../../../deploy/varnish/masthead.vcl"),
            &[(".port = \"8080\";", &format!(".port = \"{backend}\";"))],
        );
        let vcl = dir.0.join("masthead.vcl");
        fs::write(&vcl, text).unwrap();
        let port = free_port();
        let mut command = Command::new(program("varnishd"));
        // Without a jail it runs as whoever runs the tests, root or not.
        command.args([
            "-F",
            "-j",
            "none",
            "-T",
            "none",
            "-s",
            "malloc,64m",
            "-p",
            "vsl_space=1M",
        ]);
        command
            .args(["-a", &format!("127.0.0.1:{port}"), "-n"])
            .arg(dir.0.join("work"))
            .arg("-f")
            .arg(vcl);
        SharedCache::start(command, port, dir)
    }

    pub fn nginx(backend: u16) -> SharedCache {
        SharedCache::nginx_that_keeps(backend, "10s")
    }

    /// nginx with copies that run out sooner than a test wants to wait.
    pub fn nginx_that_keeps(backend: u16, time: &str) -> SharedCache {
        let dir = TempDir::new();
        let port = free_port();
        let text = changed(
            include_str!("../../../deploy/nginx/masthead.conf"),
            &[
                (
                    "server 127.0.0.1:8080 ",
                    &format!("server 127.0.0.1:{backend} "),
                ),
                (
                    "\n    listen 80;",
                    &format!("\n    listen 127.0.0.1:{port};"),
                ),
                (
                    "/var/cache/nginx/masthead ",
                    &format!("{} ", dir.0.join("cache").display()),
                ),
                (" 404 410 10s;", &format!(" 404 410 {time};")),
            ],
        );
        fs::write(dir.0.join("masthead.conf"), text).unwrap();
        fs::write(dir.0.join("nginx.conf"), around(&dir.0)).unwrap();
        let mut command = Command::new(program("nginx"));
        command
            .arg("-p")
            .arg(&dir.0)
            .arg("-c")
            .arg(dir.0.join("nginx.conf"))
            .args(["-e", "stderr", "-g", "daemon off;"]);
        SharedCache::start(command, port, dir)
    }

    fn start(mut command: Command, port: u16, dir: TempDir) -> SharedCache {
        let log = File::create(dir.0.join("log")).unwrap();
        let process = command
            .stdin(File::open("/dev/null").unwrap())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut cache = SharedCache { port, process, dir };
        cache.wait_until_it_answers();
        cache
    }

    /// Both refuse TRACE by themselves, so that the origin need not be there and sees nothing of this.
    fn wait_until_it_answers(&mut self) {
        wait_until(|| {
            if self.ask("TRACE", "/", &[]).is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}\n{}", self.log());
            Err(self.log())
        });
    }

    /// What it said on its standard output and error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.0.join("log")).unwrap_or_default()
    }

    pub fn get(&self, path: &str) -> Response {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.ask("GET", path, headers).unwrap()
    }

    /// One request on a connection of its own. It blocks, so the origin must have threads of its own.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> std::io::Result<Response> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let more: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        // To 1.0 nothing is sent in chunks.
        stream.write_all(
            format!("{method} {path} HTTP/1.0\r\nHost: blog.example\r\n{more}\r\n").as_bytes(),
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        parse(&bytes).ok_or(ErrorKind::InvalidData.into())
    }

    /// Varnish: what carries one of these tags (with spaces between them) is gone. Gives how many copies that were.
    pub fn purge(&self, tags: &str) -> usize {
        self.send_purge("xkey-purge", tags)
    }

    /// Varnish: what carries one of these tags is shown again only if the origin cannot answer.
    pub fn soft_purge(&self, tags: &str) -> usize {
        self.send_purge("xkey-softpurge", tags)
    }

    fn send_purge(&self, header: &str, tags: &str) -> usize {
        let answer = self.ask("PURGE", "/", &[(header, tags)]).unwrap();
        answer
            .assert_status(200)
            .header("xkey-purged")
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for SharedCache {
    /// Asked first: nginx that is killed leaves its workers behind.
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let begun = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE {
            std::thread::sleep(NAP);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The text with other values, each of which must stand in it exactly once.
pub(super) fn changed(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}

/// What a machine's own nginx.conf says around a site.
fn around(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "user root; # heeded only when root starts it\n\
         worker_processes 2;\n\
         pid {dir}/pid;\n\
         error_log stderr warn;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n\
         access_log off;\n\
         client_body_temp_path {dir}/body;\n\
         proxy_temp_path {dir}/proxy;\n\
         fastcgi_temp_path {dir}/fastcgi;\n\
         uwsgi_temp_path {dir}/uwsgi;\n\
         scgi_temp_path {dir}/scgi;\n\
         include {dir}/masthead.conf;\n\
         }}\n"
    )
}

/// Debian puts servers where a user's PATH does not lead.
pub(super) fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(usual)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed; `make need` does that"))
}

pub(super) fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(&bytes[..end]).ok()?.split("\r\n");
    let status = StatusCode::from_u16(lines.next()?.split(' ').nth(1)?.parse().ok()?).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value.trim()).ok()?,
        );
    }
    Some(Response {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    })
}
