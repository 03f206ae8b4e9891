//! The proxies that are believed about their clients.

use std::net::IpAddr;

use actix_web::http::header::HeaderName;
use ipnet::{IpNet, Ipv4Net};
use url::{Host, Url};

/// Where a proxy listens that is on the same machine.
const LOOPBACK: &str = "127.0.0.0/8, ::1";

/// A site that others than this machine read has its proxy on this machine, if it listens on loopback: nothing else could
/// reach it there. On a site for this machine only, loopback is the reader.
pub(super) fn default_proxies(site_url: &Url) -> String {
    if is_local(site_url) {
        String::new()
    } else {
        LOOPBACK.to_owned()
    }
}

/// Whether the address means this machine. Browsers treat these as trustworthy without TLS.
pub(super) fn is_local(site_url: &Url) -> bool {
    match site_url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Separated by commas or blanks; an empty text, and `none`, is an empty list.
pub(super) fn parse_list(text: &str) -> Option<Vec<IpNet>> {
    if text.trim() == "none" {
        return Some(Vec::new());
    }
    text.split([',', ' ', '\t', '\n'])
        .filter(|item| !item.is_empty())
        .map(parse)
        .collect()
}

fn parse(text: &str) -> Option<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().ok()?,
    };
    Some(canonical(network.trunc()))
}

/// A dual-stack socket shows IPv4 peers as `::ffff:a.b.c.d`, which are compared as IPv4: so are networks of them.
fn canonical(network: IpNet) -> IpNet {
    match (
        network.addr().to_canonical(),
        network.prefix_len().checked_sub(96),
    ) {
        (IpAddr::V4(address), Some(bits)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, bits).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

pub(super) fn header_name(text: &str) -> Option<HeaderName> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_at_the_edges() {
        let cases = [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.1.2.3/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::1", "::1", true),
        ];
        for (network, peer, expected) in cases {
            let network = parse(network).unwrap();
            assert_eq!(
                network.contains(&peer.parse::<IpAddr>().unwrap()),
                expected,
                "{peer} in {network}"
            );
        }
    }

    #[test]
    fn lists() {
        assert_eq!(parse_list(" 10.0.0.0/8,::1 ").unwrap().len(), 2);
        assert_eq!(parse_list(LOOPBACK).unwrap().len(), 2);
        for empty in ["", " ", "none"] {
            assert_eq!(parse_list(empty).unwrap(), [], "{empty:?}");
        }
        for wrong in [
            "10.0.0.0/33",
            "::/129",
            "proxy.example.org",
            "10.0.0.1;10.0.0.2",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "none, ::1",
        ] {
            assert_eq!(parse_list(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_site_of_this_machine_has_no_proxy_by_default() {
        for url in [
            "http://localhost:8080",
            "http://blog.localhost",
            "http://127.0.0.9",
            "http://[::1]",
        ] {
            assert_eq!(default_proxies(&Url::parse(url).unwrap()), "", "{url}");
        }
        for url in [
            "https://blog.example",
            "http://192.0.2.1:8080",
            "http://localhost.example",
        ] {
            assert_eq!(
                default_proxies(&Url::parse(url).unwrap()),
                LOOPBACK,
                "{url}"
            );
        }
    }
}
