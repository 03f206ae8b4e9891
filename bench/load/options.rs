//! From the command line to what is to be done.

use std::fmt::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use url::Url;

/// Ask a server over and over, and print as JSON how fast it answered.
#[derive(Parser)]
pub struct Options {
    /// Address of the page; plain http only
    url: Url,
    /// How many connections are kept
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How long to measure
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How long to ask before it counts
    #[arg(long, default_value_t = 0.5)]
    warm: f64,
    /// Requests a second, due at even intervals; without it, as many as are answered
    #[arg(long, conflicts_with = "each_once")]
    rate: Option<f64>,
    /// A header of every request, such as "accept-encoding: br"
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Status that answers must have; others count as errors
    #[arg(long, default_value_t = 200)]
    expect: u16,
    /// A file with a path on each line, to be asked for in turn instead of the address's own; behind a tab a form to post
    #[arg(long, value_name = "FILE")]
    paths: Option<PathBuf>,
    /// Ask for each path one time, then end
    #[arg(long, requires = "paths")]
    each_once: bool,
}

/// When requests are due.
#[derive(Clone, Copy)]
pub enum Pace {
    /// As soon as a connection is free.
    Free,
    /// At even intervals, so many a second.
    Rate(f64),
    /// As soon as a connection is free, until every path was asked for.
    EachOnce,
}

pub struct Plan {
    pub address: SocketAddr,
    /// The bytes of the requests, sent in turn.
    pub requests: Vec<Vec<u8>>,
    pub connections: usize,
    pub pace: Pace,
    pub warm: Duration,
    pub span: Duration,
    pub expect: u16,
}

impl Options {
    pub fn plan(self) -> anyhow::Result<Plan> {
        anyhow::ensure!(self.url.scheme() == "http", "only plain http is spoken");
        anyhow::ensure!(
            self.rate.is_none_or(|rate| rate >= 1.0),
            "the rate must be at least 1 request a second"
        );
        anyhow::ensure!(
            self.connections > 0,
            "without connections nothing can be asked"
        );
        let warm = if self.each_once { 0.0 } else { self.warm };
        Ok(Plan {
            address: self.address()?,
            requests: self.requests()?,
            connections: self.connections,
            pace: match self.rate {
                Some(rate) => Pace::Rate(rate),
                None if self.each_once => Pace::EachOnce,
                None => Pace::Free,
            },
            warm: Duration::try_from_secs_f64(warm)?,
            span: Duration::try_from_secs_f64(self.seconds)?,
            expect: self.expect,
        })
    }

    fn address(&self) -> anyhow::Result<SocketAddr> {
        let host = self.url.host_str().context("the address names no host")?;
        let port = self
            .url
            .port_or_known_default()
            .context("the address names no port")?;
        (host, port)
            .to_socket_addrs()?
            .next()
            .with_context(|| format!("{host} has no address"))
    }

    fn requests(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let Some(file) = &self.paths else {
            return Ok(vec![self.request(
                &self.url[url::Position::BeforePath..url::Position::AfterQuery],
            )]);
        };
        let paths = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let requests: Vec<_> = paths
            .lines()
            .filter(|path| !path.is_empty())
            .map(|line| self.line(line))
            .collect();
        anyhow::ensure!(!requests.is_empty(), "{} names no paths", file.display());
        Ok(requests)
    }

    fn line(&self, line: &str) -> Vec<u8> {
        match line.split_once('\t') {
            Some((path, form)) => self.post(path, form),
            None => self.request(line),
        }
    }

    fn request(&self, path: &str) -> Vec<u8> {
        (self.head("GET", path) + "\r\n").into_bytes()
    }

    fn post(&self, path: &str, form: &str) -> Vec<u8> {
        let kind = "content-type: application/x-www-form-urlencoded";
        let head = self.head("POST", path);
        format!(
            "{head}{kind}\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        )
        .into_bytes()
    }

    fn head(&self, method: &str, path: &str) -> String {
        let host = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
        for header in &self.headers {
            let _ = write!(text, "{header}\r\n");
        }
        text
    }
}
