//! Reads answers as far as it takes to know where each ends: status line and `Content-Length`. That is all
//! that the measured servers send; anything else is an error here and would be a mistake in the comparison.
//! `Cache-Status` (RFC 9211), where a server sends it, says whether an answer came from memory.

use anyhow::Context;
use memchr::{memchr_iter, memmem};

/// An answer under way.
#[derive(Default)]
pub struct Response {
    /// Of the head, what came so far. Empty when a head arrives in one piece, as nearly all do.
    head: Vec<u8>,
    /// Once the head is there.
    body: Option<Body>,
}

/// What an answer says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// It came from memory.
    pub is_hit: bool,
}

#[derive(Clone, Copy)]
struct Body {
    head: Head,
    missing: usize,
}

impl Response {
    /// Takes what arrived. Gives the head once the answer is complete, and is then ready for the next.
    pub fn feed(&mut self, bytes: &[u8]) -> anyhow::Result<Option<Head>> {
        let body = match self.body {
            Some(body) => Body {
                missing: body
                    .missing
                    .checked_sub(bytes.len())
                    .context("more than announced")?,
                ..body
            },
            None => match self.feed_head(bytes)? {
                Some(body) => body,
                None => return Ok(None),
            },
        };
        if body.missing > 0 {
            self.body = Some(body);
            return Ok(None);
        }
        self.body = None;
        Ok(Some(body.head))
    }

    fn feed_head(&mut self, bytes: &[u8]) -> anyhow::Result<Option<Body>> {
        let in_one_piece = self.head.is_empty();
        if !in_one_piece {
            self.head.extend_from_slice(bytes);
        }
        let arrived = if in_one_piece { bytes } else { &self.head };
        let Some(end) = memmem::find(arrived, b"\r\n\r\n") else {
            if in_one_piece {
                self.head.extend_from_slice(bytes);
            }
            return Ok(None);
        };
        let (head, length) = read_head(&arrived[..end + 2])?;
        let missing = length
            .checked_sub(arrived.len() - end - 4)
            .context("more than announced")?;
        self.head.clear();
        Ok(Some(Body { head, missing }))
    }
}

/// What it says, and the length of the body. Each line of `lines` ends with a line feed.
fn read_head(lines: &[u8]) -> anyhow::Result<(Head, usize)> {
    let status = lines
        .get(9..12)
        .and_then(number)
        .context("no status line")? as u16;
    let (mut is_hit, mut length) = (false, None);
    let mut start = 0;
    for end in memchr_iter(b'\n', lines) {
        let line = &lines[start..end];
        start = end + 1;
        if let Some(value) = value_of(line, b"content-length:") {
            length = Some(number(value).context("a length that is no number")?);
        } else if let Some(value) = value_of(line, b"cache-status:") {
            // An old page, given because the database was away or too busy, is no hit of a cache that is right.
            is_hit = memmem::find(value, b"; hit").is_some()
                && memmem::find(value, b"detail=stale").is_none();
        }
    }
    let head = Head { status, is_hit };
    if status == 304 || status == 204 {
        return Ok((head, 0));
    }
    Ok((head, length.context("an answer without Content-Length")?))
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (found, value) = line.split_at_checked(name.len())?;
    found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nserver: x\r\nContent-Length: 5\r\n\r\nhello";

    fn head(status: u16, is_hit: bool) -> Option<Head> {
        Some(Head { status, is_hit })
    }

    #[test]
    fn reads_an_answer_however_it_is_cut() {
        for cut in 1..WHOLE.len() {
            let mut response = Response::default();
            assert_eq!(response.feed(&WHOLE[..cut]).unwrap(), None, "{cut}");
            assert_eq!(
                response.feed(&WHOLE[cut..]).unwrap(),
                head(200, false),
                "{cut}"
            );
            assert_eq!(response.feed(WHOLE).unwrap(), head(200, false), "{cut}");
        }
    }

    #[test]
    fn a_304_has_no_body_whatever_it_announces() {
        let mut response = Response::default();
        assert_eq!(
            response
                .feed(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n")
                .unwrap(),
            head(304, false)
        );
    }

    #[test]
    fn an_answer_says_whether_it_came_from_memory() {
        for (says, is_hit) in [
            ("Masthead; hit; ttl=3", true),
            ("Masthead; fwd=miss", false),
            ("Masthead; hit; ttl=-3; detail=stale", false),
        ] {
            let answer =
                format!("HTTP/1.1 200 OK\r\nCache-Status: {says}\r\ncontent-length: 1\r\n\r\na");
            assert_eq!(
                Response::default().feed(answer.as_bytes()).unwrap(),
                head(200, is_hit)
            );
        }
    }

    #[test]
    fn refuses_what_it_cannot_delimit() {
        assert!(
            Response::default()
                .feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .is_err()
        );
        assert!(
            Response::default()
                .feed(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab")
                .is_err()
        );
    }
}
