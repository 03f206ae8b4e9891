//! Where a note stands: at a paragraph of a text that goes on being written. A paragraph is known by its content, and by the paragraphs
//! around it where several say the same; one that was edited since is the one that is most alike. So a note survives every edit of
//! other paragraphs, also where they were moved, added or deleted.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::likeness::{alike, at_most_alike, pairs_of};
use crate::markdown;

pub type Hash = [u8; 16];

/// Characters of a paragraph that are kept with a note, and compared.
pub const MOST_KEPT: usize = 4_000;
/// Pairs of letters that are compared for one page at most, which takes about a second.
const MOST_WORK: u64 = 400_000_000;
/// So much of two paragraphs has to be alike, where 1 is all of it.
const ALIKE: f64 = 0.5;
/// What a neighbour that is still there adds.
const NEIGHBOUR: f64 = 0.15;
/// Bytes of a hash in an address: two paragraphs of one text hardly share them.
const ADDRESS_BYTES: usize = 6;

/// A paragraph as a note remembers it.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Its source, at most [`MOST_KEPT`] characters.
    pub paragraph: String,
    /// Of the whole source.
    pub hash: Hash,
    pub before: Option<Hash>,
    pub after: Option<Hash>,
    /// Its number in the text, from 0.
    pub position: usize,
}

/// Where a note stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The paragraph is as it was.
    Same(usize),
    /// The paragraph was edited since.
    Edited(usize),
    Gone,
}

/// The paragraphs of a text.
pub struct Paragraphs {
    source: String,
    places: Vec<Range<usize>>,
    hashes: Vec<Hash>,
    /// Made when the first note looks for what is alike.
    pairs: OnceCell<Vec<Vec<u64>>>,
    /// Pairs of letters that may still be compared.
    work: Cell<u64>,
}

impl Paragraphs {
    /// Takes as long as reading the Markdown, so it belongs where texts are rendered.
    pub fn of(source: &str) -> Paragraphs {
        let places = markdown::paragraphs(source);
        let hashes = places.iter().map(|place| hash(&source[place.clone()]));
        Paragraphs {
            hashes: hashes.collect(),
            places,
            source: source.to_owned(),
            pairs: OnceCell::new(),
            work: Cell::new(MOST_WORK),
        }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn places(&self) -> &[Range<usize>] {
        &self.places
    }

    pub fn text(&self, number: usize) -> &str {
        &self.source[self.places[number].clone()]
    }

    /// What a note on this paragraph remembers.
    pub fn anchor(&self, number: usize) -> Anchor {
        let before = number.checked_sub(1);
        Anchor {
            paragraph: beginning(self.text(number)),
            hash: self.hashes[number],
            before: before.map(|before| self.hashes[before]),
            after: self.hashes.get(number + 1).copied(),
            position: number,
        }
    }

    /// How an address names a paragraph: its number, and what it says.
    pub fn address(&self, number: usize) -> String {
        let hash = HEXLOWER.encode(&self.hashes[number][..ADDRESS_BYTES]);
        format!("{}-{hash}", number + 1)
    }

    /// The paragraph that an address names. Where it says something else by now, the one in its place. None in an empty text.
    pub fn at(&self, address: &Address) -> Option<Found> {
        let named = |number: &usize| self.hashes[*number].starts_with(&address.hash);
        let same = (0..self.len()).filter(named);
        if let Some(same) = same.min_by_key(|number| number.abs_diff(address.number)) {
            return Some(Found::Same(same));
        }
        let last = self.len().checked_sub(1)?;
        Some(Found::Edited(address.number.min(last)))
    }

    pub fn find(&self, anchor: &Anchor) -> Found {
        let neighbours = |number: &usize| {
            let around = self.neighbours(*number, anchor);
            (around, std::cmp::Reverse(number.abs_diff(anchor.position)))
        };
        let same = (0..self.len()).filter(|number| self.hashes[*number] == anchor.hash);
        match same.max_by_key(neighbours) {
            Some(same) => Found::Same(same),
            None => self.most_alike(anchor),
        }
    }

    /// The source with another paragraph in the place of this one. None where that would change others: a fence that is left open
    /// takes in all that follows.
    pub fn replaced(&self, number: usize, paragraph: &str) -> Option<String> {
        let mut source = self.source.clone();
        source.replace_range(self.places[number].clone(), paragraph);
        let new = Paragraphs::of(&source);
        let after = &self.hashes[number + 1..];
        let keeps = new.hashes.starts_with(&self.hashes[..number])
            && new.hashes.ends_with(after)
            && new.len() >= number + after.len();
        keeps.then_some(source)
    }

    /// How many of the paragraphs around this one were around the note's.
    fn neighbours(&self, number: usize, anchor: &Anchor) -> usize {
        let before = number.checked_sub(1).map(|before| self.hashes[before]);
        let after = self.hashes.get(number + 1).copied();
        usize::from(before == anchor.before) + usize::from(after == anchor.after)
    }

    fn most_alike(&self, anchor: &Anchor) -> Found {
        let of_note = pairs_of(&anchor.paragraph);
        let all = self.pairs.get_or_init(|| {
            let texts = (0..self.len()).map(|number| self.text(number));
            texts.map(beginning).map(|text| pairs_of(&text)).collect()
        });
        let score = |number: usize| {
            let around = NEIGHBOUR * self.neighbours(number, anchor) as f64;
            let other = &all[number];
            if at_most_alike(&of_note, other) + around < ALIKE {
                return 0.0;
            }
            // A page of notes on a text that was replaced must not hold a thread for long.
            let work = (of_note.len() + other.len()) as u64;
            match self.work.get().checked_sub(work) {
                None => 0.0,
                Some(left) => {
                    self.work.set(left);
                    alike(&of_note, other) + around
                }
            }
        };
        let scored = (0..self.len()).map(|number| (number, score(number)));
        let near = |number: usize| number.abs_diff(anchor.position);
        let best = scored.max_by(|(one, score), (other, others)| {
            let by_place = near(*other).cmp(&near(*one));
            score.total_cmp(others).then(by_place)
        });
        match best {
            Some((number, score)) if score >= ALIKE => Found::Edited(number),
            _ => Found::Gone,
        }
    }
}

/// A paragraph in the address of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// From 0.
    number: usize,
    hash: [u8; ADDRESS_BYTES],
}

impl Address {
    pub fn parse(text: &str) -> Option<Address> {
        let (number, hash) = text.split_once('-')?;
        let is_plain = number.len() <= 7 && number.bytes().all(|digit| digit.is_ascii_digit());
        let number: usize = number.parse().ok().filter(|_| is_plain)?;
        let hash = HEXLOWER.decode(hash.as_bytes()).ok()?;
        Some(Address {
            number: number.checked_sub(1)?,
            hash: hash.try_into().ok()?,
        })
    }
}

/// So much of a paragraph as is kept and compared.
fn beginning(paragraph: &str) -> String {
    paragraph.chars().take(MOST_KEPT).collect()
}

/// Of what is typed, whatever the ends of its lines are.
fn hash(paragraph: &str) -> Hash {
    let mut digest = Sha256::new();
    for line in paragraph.lines() {
        digest.update(line);
        digest.update(b"\n");
    }
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest.finalize()[..16]);
    hash
}

#[cfg(test)]
mod tests;
