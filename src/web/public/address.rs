//! The address of a public page: the parts that make a difference, and the key that they give in the cache.

use actix_web::HttpRequest;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::web::error::{Error, Result};

/// The parts of an address that make a difference.
#[derive(Debug)]
pub(super) struct Address {
    /// Decoded, without the query.
    pub(super) path: String,
    pub(super) parts: Vec<(String, String)>,
    pub(super) query: Vec<(&'static str, String)>,
}

impl Address {
    pub(super) fn read(req: &HttpRequest, allowed: &'static [&'static str]) -> Result<Self> {
        if req.path().len() + req.query_string().len() > LONGEST {
            return Err(Error::NotFound);
        }
        let parts = req
            .match_info()
            .iter()
            .map(|(name, value)| Ok((name.to_owned(), decoded(value)?)));
        let mut query: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
            let Some(name) = allowed.iter().find(|allowed| **allowed == name) else {
                continue;
            };
            // Said twice, two machines could take another one of the two.
            if query.iter().any(|(known, _)| known == name) {
                return Err(Error::NotFound);
            }
            query.push((name, value.into_owned()));
        }
        query.sort_unstable();
        Ok(Address {
            path: decoded(req.path())?,
            parts: parts.collect::<Result<_>>()?,
            query,
        })
    }

    /// One key for all ways to write this address: the path as browsers send it, then what the route allows.
    pub(super) fn key(&self) -> String {
        let mut key = utf8_percent_encode(&self.path, NOT_IN_PATHS).to_string();
        if !self.query.is_empty() {
            key.push('?');
            key.push_str(
                &url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&self.query)
                    .finish(),
            );
        }
        key
    }
}

/// Path and query together, in bytes. The longest that a post can have is less; longer ones would only fill the memory
/// with keys.
const LONGEST: usize = 4096;

/// What browsers encode in a path (WHATWG URL, path percent-encode set); non-ASCII is encoded anyway.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'^')
    .add(b'%');

fn decoded(text: &str) -> Result<String> {
    Ok(percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| Error::NotFound)?
        .into_owned())
}
