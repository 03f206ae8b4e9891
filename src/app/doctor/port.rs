//! Whether the site can listen where it should.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::Finding;
use crate::app::config::Settings;

pub(super) fn port(settings: &Settings) -> Vec<Finding> {
    let addresses = &settings.listen.addresses;
    let is_other = |address: &SocketAddr| addresses.len() > 1 && address.is_ipv6();
    addresses
        .iter()
        .filter_map(|address| listening(*address, is_other(address)))
        .collect()
}

/// Whether the site can listen on an address. One of the two addresses of `localhost` is enough, so that nothing is said of
/// an `is_other` that this machine does not have.
fn listening(address: SocketAddr, is_other: bool) -> Option<Finding> {
    match TcpListener::bind(address) {
        Ok(_) => Some(Finding::ok(format!("{address} is free"))),
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable && is_other => None,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Some(taken(address)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(Finding::problem(
            format!("this user may not listen on {address}"),
            "choose a port from 1024 on with --listen, or grant the right (CAP_NET_BIND_SERVICE)",
        )),
        Err(error) => Some(Finding::problem(
            format!("nobody can listen on {address} here: {error}"),
            "choose an address of this machine with --listen",
        )),
    }
}

fn taken(address: SocketAddr) -> Finding {
    if answers_as_masthead(address).unwrap_or(false) {
        return Finding::ok(format!("a Masthead is serving on {address}"));
    }
    Finding::problem(
        format!("{address} is taken by another program"),
        "stop that program or choose another address with --listen",
    )
}

/// Every answer of ours carries a correlation id, and nothing else has this path.
fn answers_as_masthead(address: SocketAddr) -> std::io::Result<bool> {
    let patience = Some(Duration::from_secs(2));
    let mut stream = TcpStream::connect_timeout(&reachable(address), Duration::from_secs(2))?;
    stream.set_read_timeout(patience)?;
    stream.set_write_timeout(patience)?;
    stream.write_all(b"GET /me.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(8192).read_to_end(&mut answer)?;
    Ok(is_masthead(&String::from_utf8_lossy(&answer)))
}

/// An address that means "all" can be bound but not called.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn is_masthead(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 ")
        && answer
            .to_ascii_lowercase()
            .contains("\r\nx-correlation-id: ")
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_masthead_is_known_by_its_header() {
        assert!(is_masthead(
            "HTTP/1.1 200 OK\r\ncontent-type: x\r\nX-Correlation-Id: 1\r\n\r\n"
        ));
        assert!(!is_masthead("HTTP/1.1 200 OK\r\nserver: other\r\n\r\n"));
        assert!(!is_masthead(""));
    }

    #[test]
    fn a_free_and_a_taken_port_are_told_apart() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut given = Settings::for_tests();
        assert_eq!(port(&given)[0].level, Level::Ok);
        given.listen.addresses = vec![other.local_addr().unwrap()];
        // Another program: it hangs up without a word.
        let hang_up = std::thread::spawn(move || drop(other.accept()));
        assert_eq!(port(&given)[0].level, Level::Problem);
        hang_up.join().unwrap();
    }
}
