//! What slow or greedy clients may cost. The time for the head of a request is the server's own setting;
//! here are the rate of a body, a reader that stands still, and how much one client may have open.

use std::any::Any;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Extensions, Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, Sleep, sleep_until};
use actix_web::{HttpMessage, ResponseError, web};
use bytes::Bytes;
use futures_util::Stream;
use ipnet::IpNet;

use crate::web::client_address::{ClientAddress, Proxies, client_address};
use crate::web::error::Error;

/// A body that takes longer must come at this rate.
const GRACE: Duration = Duration::from_secs(5);
const LEAST_BYTES_PER_SECOND: u32 = 500;
/// A reader that takes in nothing for this long is cut off.
const STALL: Duration = Duration::from_secs(15);

/// Middleware: cuts off a body that comes more slowly than it may.
pub async fn body_rate(
    mut req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let payload = req.take_payload();
    if !matches!(payload, Payload::None) {
        req.set_payload(Payload::Stream {
            payload: Box::pin(Paced::new(payload, GRACE, LEAST_BYTES_PER_SECOND)),
        });
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
        Paced {
            body,
            began,
            received: 0,
            grace,
            least_per_second,
            deadline: Box::pin(sleep_until(began + grace)),
        }
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(next) = Pin::new(&mut this.body).poll_next(cx) {
            if let Some(Ok(chunk)) = &next {
                this.received += chunk.len() as u64;
                let earned = Duration::from_secs_f64(
                    this.received as f64 / f64::from(this.least_per_second),
                );
                let deadline = this.began + this.grace + earned;
                this.deadline.as_mut().reset(deadline);
            }
            return Poll::Ready(next);
        }
        match this.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(PayloadError::Io(
                std::io::ErrorKind::TimedOut.into(),
            )))),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Counts what each client has open: connections, and behind a trusted proxy, which holds the connections, requests.
/// Cheap to clone.
#[derive(Clone)]
pub struct Clients {
    open: Arc<Mutex<HashMap<IpNet, usize>>>,
    /// Most for one client; zero is no limit.
    most: usize,
}

impl Clients {
    /// `most` for one client; zero is no limit.
    pub fn new(most: usize) -> Self {
        Clients {
            open: Arc::default(),
            most,
        }
    }

    /// For the server's `on_connect`: bounds how long a write may stand still, and closes what is too much. A trusted
    /// proxy may have as many connections as it likes: they are its clients'.
    pub fn watch(&self, proxies: &Proxies, connection: &dyn Any, kept: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else {
            return;
        };
        // The server has no timeout for writing; the kernel has: unread data, or a window that stays shut, for so long.
        let _ = rustix::net::sockopt::set_tcp_user_timeout(
            stream,
            u32::try_from(STALL.as_millis()).unwrap_or(15_000),
        );
        let Ok(peer) = stream.peer_addr() else { return };
        let address = peer.ip().to_canonical();
        if proxies.trusts(address) {
            return;
        }
        let Some((open, count)) = self.count(ClientAddress::Known(address)) else {
            return;
        };
        kept.insert(open);
        if count > self.most {
            tracing::warn!(%address, "too many connections from one address");
            let _ = rustix::net::shutdown(stream, rustix::net::Shutdown::Both);
        }
    }

    /// One more, until the value is dropped, and how many that are. None where nothing is counted.
    fn count(&self, client: ClientAddress) -> Option<(Open, usize)> {
        let client = client.counted_as().filter(|_| self.most > 0)?;
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        let count = open.entry(client).or_default();
        *count += 1;
        Some((
            Open {
                client,
                of: self.clone(),
            },
            *count,
        ))
    }
}

/// A connection or request of a client, while it is open.
struct Open {
    client: IpNet,
    of: Clients,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

/// Middleware: one client behind a trusted proxy has no more requests at once than a client without a proxy has
/// connections. Pages from memory do not come this way.
/// A form is refused before it is read: reading it, to give it back, would take the memory that the limit is there to save.
pub async fn requests_at_once(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some((_open, count, most)) = behind_a_proxy(&req) else {
        return next.call(req).await;
    };
    if count > most {
        let client = client_address(req.request());
        tracing::warn!(%client, "too many requests at once from one address");
        return Ok(req.into_response(Error::TooManyRequests { retry_after: 1 }.error_response()));
    }
    next.call(req).await
}

/// Counts a request whose client has not been counted as a connection.
fn behind_a_proxy(req: &ServiceRequest) -> Option<(Open, usize, usize)> {
    let (proxies, clients) = (
        req.app_data::<web::Data<Proxies>>()?,
        req.app_data::<web::Data<Clients>>()?,
    );
    let client = client_address(req.request());
    let is_a_client = proxies.trusts(req.peer_addr()?.ip())
        && !matches!(client, ClientAddress::Known(at) if proxies.trusts(at));
    let (open, count) = clients.count(client).filter(|_| is_a_client)?;
    Some((open, count, clients.most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    fn endless() -> Payload {
        Payload::Stream {
            payload: Box::pin(futures_util::stream::pending()),
        }
    }

    #[actix_web::test]
    async fn a_body_that_stands_still_is_cut_off() {
        let mut body = Paced::new(endless(), Duration::from_millis(20), 500);
        assert!(
            matches!(body.next().await, Some(Err(PayloadError::Io(e))) if e.kind() == std::io::ErrorKind::TimedOut)
        );
    }

    #[actix_web::test]
    async fn bytes_buy_time() {
        let first = futures_util::stream::iter([Ok(Bytes::from_static(&[0; 500]))]);
        let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
            Box::pin(first.chain(futures_util::stream::pending()));
        let mut body = Paced::new(
            Payload::Stream { payload: stream },
            Duration::from_millis(1),
            5000,
        );
        assert!(matches!(body.next().await, Some(Ok(_))));
        assert!(body.deadline.deadline() >= body.began + Duration::from_millis(101));
        assert!(matches!(body.next().await, Some(Err(_))));
    }

    #[test]
    fn what_is_open_is_counted_by_client() {
        let clients = Clients::new(2);
        let known = |address: &str| ClientAddress::Known(address.parse().unwrap());
        let (first, second) = (
            clients.count(known("192.0.2.1")).unwrap(),
            clients.count(known("192.0.2.1")).unwrap(),
        );
        assert_eq!([first.1, second.1], [1, 2]);
        drop(first);
        assert_eq!(clients.count(known("192.0.2.1")).unwrap().1, 2);
        assert_eq!(clients.count(known("192.0.2.2")).unwrap().1, 1);
        // A customer of an IPv6 provider has as many addresses as there are.
        let _one = clients.count(known("2001:db8::1")).unwrap();
        assert_eq!(clients.count(known("2001:db8::2")).unwrap().1, 2);
        assert!(clients.count(ClientAddress::Unknown).is_none());
        assert!(Clients::new(0).count(known("192.0.2.1")).is_none());
        drop(second);
        assert_eq!(
            clients.open.lock().unwrap().len(),
            1,
            "who has nothing open is forgotten"
        );
    }
}
