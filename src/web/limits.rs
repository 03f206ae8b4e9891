//! What slow or greedy clients may cost (rule C10). The time for the head of a request is the server's own setting;
//! here are the rate of a body, a reader that stands still, and connections from one address.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::dev::{Extensions, Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, Sleep, sleep_until};
use bytes::Bytes;
use futures_util::Stream;

/// A body that takes longer must come at this rate.
const GRACE: Duration = Duration::from_secs(5);
const LEAST_BYTES_PER_SECOND: u32 = 500;
/// A reader that takes in nothing for this long is cut off.
const STALL: Duration = Duration::from_secs(15);

/// Middleware: cuts off a body that comes more slowly than it may.
pub async fn body_rate(mut req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let payload = req.take_payload();
    if !matches!(payload, Payload::None) {
        req.set_payload(Payload::Stream { payload: Box::pin(Paced::new(payload, GRACE, LEAST_BYTES_PER_SECOND)) });
    }
    next.call(req).await
}

/// A body with a deadline that each byte moves on.
struct Paced {
    body: Payload,
    began: Instant,
    received: u64,
    grace: Duration,
    least_per_second: u32,
    deadline: Pin<Box<Sleep>>,
}

impl Paced {
    fn new(body: Payload, grace: Duration, least_per_second: u32) -> Self {
        let began = Instant::now();
        Paced { body, began, received: 0, grace, least_per_second, deadline: Box::pin(sleep_until(began + grace)) }
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(next) = Pin::new(&mut this.body).poll_next(cx) {
            if let Some(Ok(chunk)) = &next {
                this.received += chunk.len() as u64;
                let earned = Duration::from_secs_f64(this.received as f64 / f64::from(this.least_per_second));
                let deadline = this.began + this.grace + earned;
                this.deadline.as_mut().reset(deadline);
            }
            return Poll::Ready(next);
        }
        match this.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(PayloadError::Io(std::io::ErrorKind::TimedOut.into())))),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Counts connections by address. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// Most from one address; zero is no limit.
    most: usize,
    /// Behind a proxy all come from it: then the proxy counts.
    exempt: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl Connections {
    pub fn new(most: usize, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Connections { open: Arc::default(), most, exempt: Arc::new(exempt) }
    }

    /// For the server's `on_connect`: bounds how long a write may stand still, and closes what is too much.
    pub fn watch(&self, connection: &dyn Any, kept: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        // The server has no timeout for writing; the kernel has: unread data, or a window that stays shut, for so long.
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, u32::try_from(STALL.as_millis()).unwrap_or(15_000));
        let Ok(peer) = stream.peer_addr() else { return };
        let address = peer.ip().to_canonical();
        if self.most == 0 || (self.exempt)(address) {
            return;
        }
        let count = self.count(address);
        kept.insert(Connection { address, of: self.clone() });
        if count > self.most {
            tracing::warn!(%address, "too many connections from one address");
            let _ = rustix::net::shutdown(stream, rustix::net::Shutdown::Both);
        }
    }

    fn count(&self, address: IpAddr) -> usize {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        let count = open.entry(address).or_default();
        *count += 1;
        *count
    }
}

/// Lives as long as its connection.
struct Connection {
    address: IpAddr,
    of: Connections,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    fn endless() -> Payload {
        Payload::Stream { payload: Box::pin(futures_util::stream::pending()) }
    }

    #[actix_web::test]
    async fn a_body_that_stands_still_is_cut_off() {
        let mut body = Paced::new(endless(), Duration::from_millis(20), 500);
        assert!(matches!(body.next().await, Some(Err(PayloadError::Io(e))) if e.kind() == std::io::ErrorKind::TimedOut));
    }

    #[actix_web::test]
    async fn bytes_buy_time() {
        let first = futures_util::stream::iter([Ok(Bytes::from_static(&[0; 500]))]);
        let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
            Box::pin(first.chain(futures_util::stream::pending()));
        let mut body = Paced::new(Payload::Stream { payload: stream }, Duration::from_millis(1), 5000);
        assert!(matches!(body.next().await, Some(Ok(_))));
        assert!(body.deadline.deadline() >= body.began + Duration::from_millis(101));
        assert!(matches!(body.next().await, Some(Err(_))));
    }

    #[test]
    fn connections_are_counted_by_address() {
        let connections = Connections::new(2, |_| false);
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!([connections.count(address), connections.count(address), connections.count(address)], [1, 2, 3]);
        drop(Connection { address, of: connections.clone() });
        assert_eq!(connections.count(address), 3);
        assert_eq!(connections.count("192.0.2.2".parse().unwrap()), 1);
    }
}
