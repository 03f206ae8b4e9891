//! The address of the client that sent a request.
//!
//! A connection tells the address of its peer, which behind a proxy is the proxy. A trusted proxy names the client in one
//! header ([`Proxies`]), which is read from its end: the last element was written by the peer itself, the one before it by
//! the proxy that the last element names, and so on for as long as these are trusted. What stands further left was sent
//! by the client, who can write anything there.

use std::fmt;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, web};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAddress {
    /// IPv4-mapped IPv6 addresses are IPv4 here.
    Known(IpAddr),
    /// A proxy on this machine did not say, or there is no connection (a test).
    Unknown,
}

/// Which peers are believed about their clients, and in which header.
#[derive(Clone, Debug)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    header: HeaderName,
}

/// Headers by which proxies give themselves away, besides `X-Forwarded-…`.
const SIGNS_OF_A_PROXY: &[&str] = &[
    "forwarded",
    "via",
    "cdn-loop",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-envoy-external-address",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "fly-client-ip",
];

/// The address of the client that sent this request.
pub fn client_address(req: &HttpRequest) -> ClientAddress {
    match req.app_data::<web::Data<Proxies>>() {
        Some(proxies) => proxies.client(req.peer_addr(), req.headers()),
        None => ClientAddress::Unknown,
    }
}

/// Whether the request certainly comes from this machine: directly over loopback, which no trusted proxy uses, and without
/// a trace of any other proxy. Whatever grants rights asks this, and not for an address.
pub fn is_from_this_machine(req: &HttpRequest) -> bool {
    req.app_data::<web::Data<Proxies>>()
        .is_some_and(|proxies| proxies.is_this_machine(req.peer_addr(), req.headers()))
}

impl Proxies {
    /// Proxies in `trusted` are believed what they say in `header`: `X-Forwarded-For` or `Forwarded` (RFC 7239).
    pub fn new(trusted: Vec<IpNet>, header: HeaderName) -> Self {
        Proxies { trusted, header }
    }

    /// Whether what this address says of its clients is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The client behind `peer`.
    pub fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> ClientAddress {
        let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else {
            return ClientAddress::Unknown;
        };
        if !self.trusts(peer) {
            return ClientAddress::Known(peer);
        }
        match self.walk(headers) {
            Some(client) => ClientAddress::Known(client),
            // A proxy on this machine stands for any client; one elsewhere may be asking for itself.
            None if peer.is_loopback() => ClientAddress::Unknown,
            None => ClientAddress::Known(peer),
        }
    }

    /// The last good hop: the first address from the right that is no trusted proxy, or the one before the header ends or
    /// an element is no address.
    fn walk(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut last = None;
        let lines: Vec<&[u8]> = headers
            .get_all(&self.header)
            .map(|line| line.as_bytes())
            .collect();
        for line in lines.iter().rev() {
            for element in elements_from_right(line, self.header == FORWARDED) {
                let Some(hop) = self.parse(element) else {
                    return last;
                };
                last = Some(hop);
                if !self.trusts(hop) {
                    return last;
                }
            }
        }
        last
    }

    fn parse(&self, element: &[u8]) -> Option<IpAddr> {
        let element = std::str::from_utf8(element).ok()?.trim_matches([' ', '\t']);
        let address = if self.header == FORWARDED {
            node(&forwarded_for(element)?)?
        } else {
            node(element)?
        };
        (!address.is_unspecified()).then_some(address)
    }

    fn is_this_machine(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let loopback = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        let forwarded = headers.keys().any(|name| {
            *name == self.header
                || name.as_str().starts_with("x-forwarded")
                || SIGNS_OF_A_PROXY.contains(&name.as_str())
        });
        loopback && !self.trusts_loopback() && !forwarded
    }

    /// Whether a proxy on this machine is believed.
    fn trusts_loopback(&self) -> bool {
        let own = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        self.trusted.iter().any(|network| {
            network.network().is_loopback() || own.iter().any(|own| network.contains(own))
        })
    }
}

/// The elements of a list, the last one first. A quoted comma separates nothing. Quotes are counted from the right as
/// well, so that one which a client left open cannot swallow what a proxy appended.
fn elements_from_right(line: &[u8], quoted: bool) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut end, mut inside) = (line.len(), false);
    for (at, byte) in line.iter().enumerate().rev() {
        match byte {
            b'"' if quoted && !is_escaped(&line[..at]) => inside = !inside,
            b',' if !inside => {
                found.push(&line[at + 1..end]);
                end = at;
            }
            _ => {}
        }
    }
    found.push(&line[..end]);
    found
}

fn is_escaped(before: &[u8]) -> bool {
    before
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count()
        % 2
        == 1
}

/// The value of `for` in one element of `Forwarded` (RFC 7239), without its quotes.
fn forwarded_for(element: &str) -> Option<String> {
    let mut found = None;
    for pair in split_unquoted(element, ';') {
        if pair.trim().is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for")
            && found.replace(unquoted(value.trim())?).is_some()
        {
            // Twice: which one is meant?
            return None;
        }
    }
    found
}

fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut inside = false;
    let mut escaped = false;
    text.split(|c| {
        let is_quote = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        if is_quote {
            inside = !inside;
        }
        c == separator && !inside
    })
    .collect()
}

fn unquoted(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else {
        return (!value.contains('"')).then(|| value.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        text.push(if c == '\\' { rest.next()? } else { c });
    }
    Some(text)
}

/// An address, perhaps with a port, as proxies write them: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`,
/// `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let address = if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else if let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        IpAddr::V6(inner.parse().ok()?)
    } else {
        // A scope names an interface of the proxy's machine.
        text.parse::<SocketAddr>()
            .ok()
            .filter(|_| !text.contains('%'))?
            .ip()
    };
    Some(address.to_canonical())
}

impl ClientAddress {
    /// What is kept in logs and in the audit log: the network, which tells one attack from another and no person from
    /// their neighbours.
    pub fn masked(&self) -> String {
        match self.network(24, 48) {
            Some(network) => network.to_string(),
            None => "unknown".to_owned(),
        }
    }

    /// What counts as one client where clients are counted: an IPv4 address, or the network that a customer of an IPv6
    /// provider gets. Unknown clients cannot be counted.
    pub fn counted_as(&self) -> Option<IpNet> {
        self.network(32, 64)
    }

    fn network(&self, v4_bits: u8, v6_bits: u8) -> Option<IpNet> {
        let network = match self {
            ClientAddress::Known(IpAddr::V4(address)) => {
                Ipv4Net::new(*address, v4_bits).map(IpNet::V4)
            }
            ClientAddress::Known(IpAddr::V6(address)) => {
                Ipv6Net::new(*address, v6_bits).map(IpNet::V6)
            }
            ClientAddress::Unknown => return None,
        };
        network.ok().map(|network| network.trunc())
    }
}

/// The whole address: for people who have to shut it out.
impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientAddress::Known(address) => write!(f, "{address}"),
            ClientAddress::Unknown => f.write_str("unknown"),
        }
    }
}

impl FromRequest for ClientAddress {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(client_address(req)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn proxies(trusted: &str, header: &'static str) -> Proxies {
        let network = |text: &str| {
            text.parse()
                .unwrap_or_else(|_| IpNet::from(text.parse::<IpAddr>().unwrap()))
        };
        Proxies::new(
            trusted.split_whitespace().map(network).collect(),
            HeaderName::from_static(header),
        )
    }

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        headers
    }

    fn client(proxies: &Proxies, peer: &str, lines: &[&str]) -> String {
        let name: &'static str = if proxies.header == FORWARDED {
            "forwarded"
        } else {
            "x-forwarded-for"
        };
        proxies
            .client(
                Some(SocketAddr::new(peer.parse().unwrap(), 4711)),
                &headers(name, lines),
            )
            .to_string()
    }

    #[test]
    fn the_header_is_walked_from_the_right() {
        let trusting = proxies(
            "127.0.0.0/8 ::1/128 10.0.0.0/8 2001:db8:5::/48",
            "x-forwarded-for",
        );
        let cases: &[(&str, &[&str], &str)] = &[
            // No proxy: whatever it claims.
            ("203.0.113.9", &["192.0.2.1"], "203.0.113.9"),
            ("::ffff:203.0.113.9", &["192.0.2.1"], "203.0.113.9"),
            // One proxy, also on a dual-stack socket.
            ("127.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:127.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            // What a client sent stands to the left, in the same line or in lines before.
            ("127.0.0.1", &["198.51.100.1, 192.0.2.1"], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.1", "192.0.2.1"], "192.0.2.1"),
            (
                "127.0.0.1",
                &["198.51.100.1,192.0.2.1", "10.0.0.1 ,\t10.0.0.2"],
                "192.0.2.1",
            ),
            (
                "127.0.0.1",
                &["127.0.0.1, 192.0.2.1, 10.0.0.1"],
                "192.0.2.1",
            ),
            // Ports, brackets, mapped addresses.
            ("127.0.0.1", &["192.0.2.1:55123"], "192.0.2.1"),
            ("127.0.0.1", &["[2001:db8::7]:443"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("127.0.0.1", &["::ffff:192.0.2.1"], "192.0.2.1"),
            (
                "127.0.0.1",
                &["198.51.100.1, [::ffff:10.0.0.9]:80"],
                "198.51.100.1",
            ),
            // All trusted: the one furthest away.
            ("127.0.0.1", &["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
            ("127.0.0.1", &["127.0.0.5"], "127.0.0.5"),
            // Without the header a proxy elsewhere may ask for itself; this machine stands for any client.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("127.0.0.1", &[], "unknown"),
            ("::1", &[""], "unknown"),
        ];
        for (peer, lines, expected) in cases {
            assert_eq!(
                client(&trusting, peer, lines),
                *expected,
                "{peer} {lines:?}"
            );
        }
    }

    #[test]
    fn a_malformed_element_ends_the_walk_at_the_last_good_hop() {
        let trusting = proxies("127.0.0.0/8 10.0.0.0/8", "x-forwarded-for");
        for malformed in [
            "",
            " ",
            "unknown",
            "_hidden",
            "192.0.2",
            "192.0.2.1.",
            "192.0.2.256",
            "0300.0.2.1",
            "0x7f.1",
            "192.0.2.1:",
            "192.0.2.1:x",
            "192.0.2.1:65536",
            "[192.0.2.1]",
            "[2001:db8::1",
            "2001:db8::1]",
            "fe80::1%eth0",
            "[fe80::1%1]:80",
            "192.0.2.1/32",
            "\"192.0.2.1\"",
            "for=192.0.2.1",
            "localhost",
            "0.0.0.0",
            "::",
            "192.0.2.1 192.0.2.2",
            "192.0.2.1;",
            "ⅰ.2.3.4",
        ] {
            assert_eq!(
                client(
                    &trusting,
                    "127.0.0.1",
                    &[&format!("198.51.100.1, {malformed}, 10.0.0.1")]
                ),
                "10.0.0.1",
                "{malformed:?}"
            );
            assert_eq!(
                client(&trusting, "127.0.0.1", &["198.51.100.1", malformed]),
                "unknown",
                "{malformed:?}"
            );
            assert_eq!(
                client(&trusting, "10.0.0.3", &["198.51.100.1", malformed]),
                "10.0.0.3",
                "{malformed:?}"
            );
            // Left of the client nothing is looked at.
            assert_eq!(
                client(&trusting, "127.0.0.1", &[malformed, "192.0.2.1"]),
                "192.0.2.1",
                "{malformed:?}"
            );
        }
    }

    #[test]
    fn only_the_named_header_counts() {
        let trusting = proxies("127.0.0.1/32", "x-real-ip");
        let peer = Some(SocketAddr::from(([127, 0, 0, 1], 1)));
        assert_eq!(
            trusting.client(peer, &headers("x-forwarded-for", &["192.0.2.1"])),
            ClientAddress::Unknown
        );
        assert_eq!(
            trusting
                .client(peer, &headers("x-real-ip", &["192.0.2.1"]))
                .to_string(),
            "192.0.2.1"
        );
    }

    #[test]
    fn forwarded_as_rfc_7239_writes_it() {
        let trusting = proxies("127.0.0.0/8 10.0.0.0/8", "forwarded");
        let cases: &[(&[&str], &str)] = &[
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
            (&["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (
                &["for=\"[2001:db8:cafe::17]\";host=\"a,b;for=10.0.0.1\""],
                "2001:db8:cafe::17",
            ),
            (
                &["for=198.51.100.1, for=192.0.2.60, for=\"10.0.0.1:80\""],
                "192.0.2.60",
            ),
            (
                &["for=198.51.100.1", "proto=https ; FOR = 192.0.2.60 ;"],
                "192.0.2.60",
            ),
            (&["for=\"192\\.0.2.60\""], "192.0.2.60"),
            // A quote that a client left open takes nothing of what the proxy appended.
            (&["for=\"198.51.100.1, for=192.0.2.60"], "192.0.2.60"),
            (&["for=\"198.51.100.1\\\", for=192.0.2.60"], "192.0.2.60"),
            (&["for=198.51.100.1, for=unknown, for=10.0.0.1"], "10.0.0.1"),
            (&["for=198.51.100.1, for=_gazonk"], "unknown"),
            (&["for=198.51.100.1, proto=https"], "unknown"),
            (&["for=198.51.100.1;for=198.51.100.2"], "unknown"),
            (&["192.0.2.60"], "unknown"),
        ];
        for (lines, expected) in cases {
            assert_eq!(
                client(&trusting, "127.0.0.1", lines),
                *expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn this_machine_is_a_direct_loopback_peer_and_nothing_else() {
        let (none, local, far) = (
            proxies("", "x-forwarded-for"),
            proxies("::1/128", "x-forwarded-for"),
            proxies("10.0.0.1", "x-forwarded-for"),
        );
        let other = proxies("127.0.0.3", "x-forwarded-for");
        let asks = |proxies: &Proxies, peer: &str, name: &'static str, lines: &[&str]| {
            proxies.is_this_machine(
                Some(SocketAddr::new(peer.parse().unwrap(), 1)),
                &headers(name, lines),
            )
        };
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.9.10"] {
            assert!(
                asks(&none, peer, "host", &["localhost"]) && asks(&far, peer, "host", &[]),
                "{peer}"
            );
            assert!(
                !asks(&local, peer, "host", &[]) && !asks(&other, peer, "host", &[]),
                "{peer}: a proxy here is trusted"
            );
            for name in [
                "x-forwarded-for",
                "x-forwarded-host",
                "x-forwarded-proto",
                "forwarded",
                "via",
                "x-real-ip",
                "cf-connecting-ip",
            ] {
                assert!(
                    !asks(&none, peer, name, &["127.0.0.1"]) && !asks(&none, peer, name, &[""]),
                    "{peer} {name}"
                );
            }
        }
        assert!(
            !asks(&none, "192.0.2.1", "host", &[])
                && !asks(&far, "10.0.0.1", "x-forwarded-for", &["127.0.0.1"])
        );
        assert!(!none.is_this_machine(None, &HeaderMap::new()));
    }

    #[test]
    fn networks_stand_for_addresses_where_these_would_be_too_much() {
        let known = |text: &str| ClientAddress::Known(text.parse().unwrap());
        assert_eq!(known("203.0.113.77").masked(), "203.0.113.0/24");
        assert_eq!(known("2001:db8:1:2:3:4:5:6").masked(), "2001:db8:1::/48");
        assert_eq!(ClientAddress::Unknown.masked(), "unknown");
        assert_ne!(
            known("203.0.113.77").counted_as(),
            known("203.0.113.78").counted_as()
        );
        assert_eq!(
            known("2001:db8:1:2::3").counted_as(),
            known("2001:db8:1:2:ffff::").counted_as()
        );
        assert_eq!(ClientAddress::Unknown.counted_as(), None);
    }
}
