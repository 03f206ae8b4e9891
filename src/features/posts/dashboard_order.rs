//! In which order the dashboard lists posts, where one of its pages begins, and the words that are looked for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;

use super::queries::DashboardRow;
use crate::db::cursor::Cursor;

/// Characters of what is looked for.
pub const MOST_SOUGHT: usize = 200;

/// Characters of a title by which the list is sorted, as its queries have it.
const TITLE_KEY: usize = 80;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Newest,
    Oldest,
    Title,
    /// When it was published, or will be. Where neither is known: when it was saved.
    Published,
}

impl Order {
    pub const ALL: [Order; 4] = [Order::Newest, Order::Oldest, Order::Title, Order::Published];

    pub fn parse(word: &str) -> Option<Order> {
        if word.is_empty() {
            return Some(Order::default());
        }
        Order::ALL.into_iter().find(|order| order.as_str() == word)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Order::Newest => "newest",
            Order::Oldest => "oldest",
            Order::Title => "title",
            Order::Published => "published",
        }
    }

    /// Where the list begins.
    pub fn start(self) -> Place {
        match self {
            Order::Newest | Order::Published => Place::Time(Cursor::START),
            Order::Oldest => Place::Time(Cursor {
                at: DateTime::UNIX_EPOCH,
                key: i64::MIN,
            }),
            Order::Title => Place::Title(String::new(), i64::MIN),
        }
    }

    /// Behind a line.
    pub fn behind(self, line: &DashboardRow) -> Place {
        let at = match self {
            Order::Title => return Place::Title(line.title_key.clone(), line.id),
            Order::Newest | Order::Oldest => line.saved_at,
            Order::Published => published_key(line),
        };
        Place::Time(Cursor { at, key: line.id })
    }

    /// A place as it stands in an address. None for what [`Order::encode`] did not write for this order.
    pub fn decode(self, text: &str) -> Option<Place> {
        match self {
            Order::Newest => Cursor::decode(text).map(Place::Time),
            Order::Oldest => Cursor::decode(text.strip_prefix("o.")?).map(Place::Time),
            Order::Published => Cursor::decode(text.strip_prefix("p.")?).map(Place::Time),
            Order::Title => decode_title(text.strip_prefix("t.")?),
        }
    }

    pub fn encode(self, place: &Place) -> String {
        match (self, place) {
            (Order::Oldest, Place::Time(cursor)) => format!("o.{}", cursor.encode()),
            (Order::Published, Place::Time(cursor)) => format!("p.{}", cursor.encode()),
            (_, Place::Time(cursor)) => cursor.encode(),
            (_, Place::Title(title, id)) => {
                let bytes = [&id.to_be_bytes(), title.as_bytes()].concat();
                format!("t.{}", BASE64URL_NOPAD.encode(&bytes))
            }
        }
    }
}

/// The same as the queries sort by.
fn published_key(line: &DashboardRow) -> DateTime<Utc> {
    line.scheduled_for
        .or(line.published_at)
        .unwrap_or(line.saved_at)
}

/// The last line of a page: what it is sorted by, and its key, which orders lines that are alike in that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Time(Cursor),
    Title(String, i64),
}

fn decode_title(text: &str) -> Option<Place> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (id, title) = bytes.split_first_chunk::<8>()?;
    let title = std::str::from_utf8(title).ok()?;
    let is_ours = !title.contains('\0') && title.chars().count() <= TITLE_KEY;
    is_ours.then(|| Place::Title(title.to_owned(), i64::from_be_bytes(*id)))
}

/// What is looked for, as patterns of `like`: each word has to stand somewhere in title or text, also as part of a longer one, since not
/// every script has blanks between words.
pub fn patterns(sought: &str) -> Vec<String> {
    let words: BTreeSet<&str> = sought
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.into_iter().map(pattern).collect()
}

fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_address_in_its_own_order_alone() {
        let time = Place::Time(Cursor {
            at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            key: 42,
        });
        let title = Place::Title("水の話 ä".to_owned(), -7);
        for order in Order::ALL {
            let place = if order == Order::Title { &title } else { &time };
            let written = order.encode(place);
            for read in Order::ALL {
                let expected = (read == order).then(|| place.clone());
                assert_eq!(read.decode(&written), expected, "{written} as {read:?}");
            }
        }
    }

    #[test]
    fn made_up_places_are_refused() {
        let long = format!("t.{}", BASE64URL_NOPAD.encode(&[b'a'; 8 + 81]));
        let nul = format!("t.{}", BASE64URL_NOPAD.encode(&[0; 9]));
        let broken = format!("t.{}", BASE64URL_NOPAD.encode(&[0xff; 9]));
        for text in ["", "t.", "t.AAAA", "p.x", "o.", &long, &nul, &broken] {
            for order in Order::ALL {
                assert_eq!(order.decode(text), None, "{text}");
            }
        }
    }

    #[test]
    fn signs_of_patterns_are_looked_for_as_they_are() {
        assert_eq!(patterns(" b\u{0}a\ta\n"), ["%a%", "%b%"]);
        assert_eq!(patterns(r"100%_\"), [r"%100\%\_\\%"]);
        assert_eq!(patterns(" \u{3000}\u{0} "), [""; 0]);
    }
}
