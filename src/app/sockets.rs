//! The sockets that a server listens on, bound before anything else is begun.

use std::net::TcpListener;

use anyhow::Context;

use super::config::Listen;

/// What is served on: sockets that were bound before anything else was begun.
pub(super) struct Sockets {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) metrics: Option<Vec<TcpListener>>,
}

pub(super) fn bind(to: &Listen) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in &to.addresses {
        match listen(*address) {
            Ok(listener) => listeners.push(listener),
            // A machine without IPv6 still has localhost.
            Err(error)
                if !listeners.is_empty()
                    && error.kind() == std::io::ErrorKind::AddrNotAvailable => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                anyhow::bail!(
                    "{address} is taken by another program; stop it or choose another address with --listen"
                )
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
    Ok(listeners)
}

fn listen(address: std::net::SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
