//! Which encodings there are, which one a reader takes, and the making of them.

use std::io::Write;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use bytes::Bytes;

/// Shorter bodies gain nothing by it.
const LEAST_BYTES: usize = 256;

/// A form in which a page travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The bytes as they are.
    Identity,
    /// Nearly every client asks for it.
    Gzip,
    /// Shorter; browsers take it over https only.
    Brotli,
}

impl Encoding {
    /// As it stands in `Content-Encoding`; empty for plain bytes.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Identity => "",
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "br",
        }
    }

    /// The value of `Content-Encoding`; `None` for plain bytes, which have no such header.
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Encoding::Identity => None,
            other => Some(HeaderValue::from_static(other.name())),
        }
    }

    /// The best that the reader takes: brotli, else gzip, unless it refuses them by `q=0`. Other weights are not
    /// looked at: no browser prefers the longer form.
    pub fn accepted(headers: &HeaderMap) -> Encoding {
        let mut found = Encoding::Identity;
        for line in headers.get_all(ACCEPT_ENCODING) {
            for part in line.to_str().unwrap_or_default().split(',') {
                match wanted(part) {
                    Some(name) if name.eq_ignore_ascii_case("br") => return Encoding::Brotli,
                    Some(name) if name.eq_ignore_ascii_case("gzip") => found = Encoding::Gzip,
                    _ => {}
                }
            }
        }
        found
    }
}

/// Whether a line of `Accept-Encoding` takes an encoding by its name.
pub fn takes(line: &str, encoding: &str) -> bool {
    line.split(',')
        .filter_map(wanted)
        .any(|name| name.eq_ignore_ascii_case(encoding))
}

fn wanted(part: &str) -> Option<&str> {
    let (name, weight) = part.split_once(';').unwrap_or((part, ""));
    (!refuses(weight)).then(|| name.trim())
}

fn refuses(weight: &str) -> bool {
    let weight = weight.trim();
    weight
        .strip_prefix("q=")
        .or_else(|| weight.strip_prefix("Q="))
        .is_some_and(|q| q.trim().parse() == Ok(0.0))
}

/// Whether compressing is worth the while.
pub fn pays(body: &[u8]) -> bool {
    body.len() >= LEAST_BYTES
}

/// The body in an encoding; none where it would not be shorter.
pub fn compress(body: &[u8], encoding: Encoding) -> Option<Bytes> {
    // Memory is the only sink, so writing cannot fail; if an encoder ever did, the page goes out plain.
    let compressed = match encoding {
        Encoding::Brotli => brotli(body)?,
        Encoding::Gzip => gzip(body)?,
        Encoding::Identity => return None,
    };
    (compressed.len() < body.len()).then(|| compressed.into())
}

fn brotli(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 3);
    let params = brotli::enc::BrotliEncoderParams {
        quality: 6,
        lgwin: 20,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &body[..], &mut out, &params).ok()?;
    Some(out)
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(
        Vec::with_capacity(body.len() / 3),
        flate2::Compression::new(6),
    );
    gzip.write_all(body).and_then(|()| gzip.finish()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_best_encoding_that_is_not_refused() {
        for (accept, chosen) in [
            ("gzip, br", Encoding::Brotli),
            ("gzip", Encoding::Gzip),
            ("BR", Encoding::Brotli),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("br; q=0.000, gzip", Encoding::Gzip),
            ("identity", Encoding::Identity),
            ("gzip;q=0", Encoding::Identity),
            ("brown", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(Encoding::accepted(&headers), chosen, "{accept}");
        }
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn encoders_give_the_same_bytes_each_time() {
        let page = "<p>The harbour at night.</p>\n".repeat(300);
        for encoding in [Encoding::Brotli, Encoding::Gzip] {
            let first = compress(page.as_bytes(), encoding).unwrap();
            assert!(first.len() < page.len() / 4);
            assert_eq!(first, compress(page.as_bytes(), encoding).unwrap());
        }
        assert_eq!(compress(b"\x93\x1f\x88", Encoding::Gzip), None);
    }
}
