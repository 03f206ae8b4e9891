//! A real HAProxy with the configuration of `deploy/`, in front of two nodes.

use std::fs::{self, File};
use std::net::TcpStream;
use std::process::{Child, Command};

use super::shared_cache::{changed, program};
use super::{TempDir, free_port, wait_until};

/// Ends with this value.
pub struct Balancer {
    pub port: u16,
    process: Child,
    dir: TempDir,
}

impl Balancer {
    pub fn haproxy(nodes: [u16; 2]) -> Balancer {
        let dir = TempDir::new();
        let port = free_port();
        let text = changed(
            include_str!("../../../deploy/haproxy/masthead.cfg"),
            &[
                ("bind 127.0.0.1:8000 ", &format!("bind 127.0.0.1:{port} ")),
                ("127.0.0.1:8081 ", &format!("127.0.0.1:{} ", nodes[0])),
                ("127.0.0.1:8082 ", &format!("127.0.0.1:{} ", nodes[1])),
            ],
        );
        let file = dir.0.join("masthead.cfg");
        fs::write(&file, text).unwrap();
        let log = File::create(dir.0.join("log")).unwrap();
        let mut command = Command::new(program("haproxy"));
        command
            .arg("-db")
            .arg("-f")
            .arg(file)
            .stdin(File::open("/dev/null").unwrap());
        let process = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let balancer = Balancer { port, process, dir };
        wait_until(|| match TcpStream::connect(("127.0.0.1", port)) {
            Ok(_) => Ok(()),
            Err(_) => Err(fs::read_to_string(balancer.dir.0.join("log")).unwrap_or_default()),
        });
        balancer
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
