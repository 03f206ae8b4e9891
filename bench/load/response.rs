//! Reads answers as far as it takes to know where each ends: status line and `Content-Length`. That is all
//! that the measured servers send; anything else is an error here and would be a mistake in the comparison.

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

#[derive(Clone, Copy)]
struct Body {
    status: u16,
    missing: usize,
}

impl Response {
    /// Takes what arrived. Gives the status once the answer is complete, and is then ready for the next.
    pub fn feed(&mut self, bytes: &[u8]) -> anyhow::Result<Option<u16>> {
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
        Ok(Some(body.status))
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
        let (status, length) = read_head(&arrived[..end + 2])?;
        let missing = length
            .checked_sub(arrived.len() - end - 4)
            .context("more than announced")?;
        self.head.clear();
        Ok(Some(Body { status, missing }))
    }
}

/// Status and length of the body. Each line of `head` ends with a line feed.
fn read_head(head: &[u8]) -> anyhow::Result<(u16, usize)> {
    let status = head.get(9..12).and_then(number).context("no status line")?;
    if status == 304 || status == 204 {
        return Ok((status as u16, 0));
    }
    const NAME: &[u8] = b"content-length:";
    let mut start = 0;
    for end in memchr_iter(b'\n', head) {
        let line = &head[start..end];
        if line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME) {
            let length =
                number(line[NAME.len()..].trim_ascii()).context("a length that is no number")?;
            return Ok((status as u16, length));
        }
        start = end + 1;
    }
    anyhow::bail!("an answer without Content-Length")
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nserver: x\r\nContent-Length: 5\r\n\r\nhello";

    #[test]
    fn reads_an_answer_however_it_is_cut() {
        for cut in 1..WHOLE.len() {
            let mut response = Response::default();
            assert_eq!(response.feed(&WHOLE[..cut]).unwrap(), None, "{cut}");
            assert_eq!(response.feed(&WHOLE[cut..]).unwrap(), Some(200), "{cut}");
            assert_eq!(response.feed(WHOLE).unwrap(), Some(200), "{cut}");
        }
    }

    #[test]
    fn a_304_has_no_body_whatever_it_announces() {
        let mut response = Response::default();
        assert_eq!(
            response
                .feed(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n")
                .unwrap(),
            Some(304)
        );
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
