//! Keyset cursors: where the next page of a list begins. Lists never use OFFSET, whose cost grows with
//! the page and which skips or repeats entries when a post is published in between.
//!
//! A cursor holds the inner key of an entry, the one place where such a key is seen outside: it only breaks
//! ties of time, and nothing accepts it as the name of a thing.

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;

/// The end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// The last entry of a page: lists sort by time, then by key, both descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time by which the list is sorted.
    pub at: DateTime<Utc>,
    /// Orders entries of one time; unique.
    pub key: i64,
}

impl Cursor {
    /// Before everything: the first page.
    pub const START: Cursor = Cursor {
        at: DateTime::<Utc>::MAX_UTC,
        key: i64::MAX,
    };

    /// The cursor as it stands in an address.
    pub fn encode(&self) -> String {
        let mut bytes = [0u8; 16];
        bytes[..8].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(&self.key.to_be_bytes());
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads an encoded cursor. `None` for anything else: the caller answers 404, so that made-up
    /// cursors do not become addresses of their own.
    pub fn decode(text: &str) -> Option<Cursor> {
        let bytes: [u8; 16] = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()?
            .try_into()
            .ok()?;
        let (at, key) = bytes.split_at(8);
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(at.try_into().ok()?))?;
        let cursor = Cursor {
            at,
            key: i64::from_be_bytes(key.try_into().ok()?),
        };
        // Years 1 to 9999: what Postgres can hold is less than what eight bytes can say.
        (at.timestamp() > -62_135_596_800 && at.timestamp() <= LAST_SECOND).then_some(cursor)
    }

    /// `at` in a form that Postgres can hold: [`Cursor::START`] lies beyond it.
    pub fn bound(&self) -> DateTime<Utc> {
        self.at
            .min(DateTime::from_timestamp(LAST_SECOND, 0).unwrap_or(DateTime::UNIX_EPOCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_address() {
        let cursor = Cursor {
            at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            key: 42,
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }

    #[test]
    fn refuses_what_it_did_not_make() {
        for text in ["", "abc", "ééé", "AAAA", &"A".repeat(400)] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
        // Dates that chrono knows and Postgres does not.
        for micros in [
            -8_000_000_000_000_000_000_i64,
            -62_200_000_000_000_000,
            300_000_000_000_000_000,
        ] {
            let mut bytes = [0u8; 16];
            bytes[..8].copy_from_slice(&micros.to_be_bytes());
            assert_eq!(
                Cursor::decode(&BASE64URL_NOPAD.encode(&bytes)),
                None,
                "{micros}"
            );
        }
    }
}
