//! IP networks, for the proxies whose forwarding headers are believed.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// An address with the number of leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Separated by commas or blanks; an empty text is an empty list.
    pub(super) fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split([',', ' ', '\t', '\n']).filter(|item| !item.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(digits) => digits.parse().ok().filter(|prefix| *prefix <= bits)?,
        };
        Some(Self { address, prefix })
    }

    /// A dual-stack socket shows IPv4 peers as `::ffff:a.b.c.d`; they match the IPv4 network.
    pub fn contains(&self, peer: IpAddr) -> bool {
        let (own, peer) = (self.address.to_canonical(), peer.to_canonical());
        if own.is_ipv4() != peer.is_ipv4() {
            return false;
        }
        // An IPv4-mapped network counts its first 96 bits too.
        let unmapped = self.address.is_ipv6() && own.is_ipv4();
        let prefix = if unmapped { self.prefix.saturating_sub(96) } else { self.prefix };
        let shift = 128 - u32::from(prefix);
        (left_aligned(own) ^ left_aligned(peer)).checked_shr(shift).unwrap_or(0) == 0
    }
}

fn left_aligned(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_at_the_edges() {
        let cases = [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
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
            let network = Network::parse(network).unwrap();
            assert_eq!(network.contains(peer.parse().unwrap()), expected, "{peer} in {network}");
        }
    }

    #[test]
    fn lists() {
        assert_eq!(Network::parse_list(" 10.0.0.0/8,::1 ").unwrap().len(), 2);
        assert_eq!(Network::parse_list("").unwrap(), []);
        for wrong in ["10.0.0.0/33", "::/129", "proxy.example.org", "10.0.0.1;10.0.0.2", "10.0.0.0/-1"] {
            assert_eq!(Network::parse_list(wrong), None, "{wrong}");
        }
    }
}
