use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which systems take ports for outgoing connections: a site must get its own
/// back after a kill, and a cache be the first to take its. No other run of tests on this machine is given it, although
/// nothing listens there yet.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 8000).unwrap();
    (0..8000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 8000)
        .find(|port| reserve(*port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port among 8000")
}

/// By a name that only one process can hold and that goes with it.
fn reserve(port: u16) -> bool {
    let name = SocketAddr::from_abstract_name(format!("masthead-tests-port-{port}")).unwrap();
    UnixListener::bind_addr(&name).map(std::mem::forget).is_ok()
}
