//! Handles that readers take for one another although their keys differ. A key is folded to lower case before it is
//! compared, so `biII` is never compared as `bill`, which most fonts draw the same. Stored keys cannot change; this is asked
//! when a handle is claimed, so that one that exists stays good and no new one passes for it.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_security::confusable_detection::skeleton;

use super::key::key_of;

/// What a stroke in a handle can be read as, one bit each.
const I: u8 = 1;
const L: u8 = 2;

/// A handle as it is drawn, with the strokes that can be an i or an l.
struct Drawn {
    class: String,
    strokes: Vec<u8>,
}

impl Drawn {
    /// `one`: what the digit can be read as amid small letters.
    fn new(name: &str, one: u8) -> Drawn {
        let drawn = as_drawn(name);
        let amid_capitals = drawn.chars().filter(|c| c.is_uppercase()).count() > 1;
        let stroke = |c| match c {
            'I' => Some(I | L),
            '1' | 'l' if amid_capitals => Some(I | L),
            '1' => Some(one),
            'l' | 'L' => Some(L),
            'i' => Some(I),
            _ => None,
        };
        Drawn {
            class: class(&drawn),
            strokes: drawn.chars().filter_map(stroke).collect(),
        }
    }

    fn reads_as(&self, other: &Drawn) -> bool {
        self.class == other.class
            && self
                .strokes
                .iter()
                .zip(&other.strokes)
                .all(|(one, other)| one & other != 0)
    }
}

fn as_drawn(name: &str) -> String {
    // Whole words of capitals look Latin in Greek and Cyrillic.
    if name.is_ascii() {
        name.to_owned()
    } else {
        skeleton(name).collect()
    }
}

/// The key with every i as an l: what handles that look alike have in common.
fn class(name: &str) -> String {
    key_of(name).replace('i', "l")
}

/// The class of a handle as it is drawn.
pub fn class_of(name: &str) -> String {
    Drawn::new(name, L).class
}

/// Whether two handles are written alike.
pub fn look_alike(one: &str, other: &str) -> bool {
    Drawn::new(one, L).reads_as(&Drawn::new(other, L))
}

/// Whether it can be taken for one of these words: `ADM1N`, `R00T`, `ADMlN`, `u5er`.
pub fn passes_for(name: &str, words: &LazyLock<HashMap<String, Vec<Drawing>>>) -> bool {
    let drawn = Drawn::new(&name.replace('5', "s"), I | L);
    words
        .get(&drawn.class)
        .is_some_and(|words| words.iter().any(|word| drawn.reads_as(&word.0)))
}

/// A word to compare with.
pub struct Drawing(Drawn);

/// Words by their classes, for [`passes_for`].
pub fn by_class<'a>(words: impl Iterator<Item = &'a str>) -> HashMap<String, Vec<Drawing>> {
    let mut found: HashMap<String, Vec<Drawing>> = HashMap::new();
    for word in words {
        let drawn = Drawn::new(word, L);
        found
            .entry(drawn.class.clone())
            .or_default()
            .push(Drawing(drawn));
    }
    found
}

/// Capitals that look alike in Latin and in another script.
const CAPITALS: [(&str, &str); 2] = [
    ("ABCEHIJKMOPSTXY", "АВСЕНІЈКМОРЅТХУ"),
    ("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
];

/// The keys that a Latin handle has when its capitals are written in another script: an account named `ТОМ` is not in the
/// class of `tom`.
pub fn keys_in_other_scripts(name: &str) -> Vec<String> {
    let capitals = name.to_ascii_uppercase();
    let written = |(latin, other): &(&str, &str)| -> Option<String> {
        let same = |c: char| match c {
            c if c.is_ascii_alphabetic() => latin
                .chars()
                .zip(other.chars())
                .find(|(from, _)| *from == c)
                .map(|(_, to)| to),
            c => Some(c),
        };
        capitals.chars().map(same).collect()
    };
    CAPITALS
        .iter()
        .filter_map(written)
        .map(|written| key_of(&written))
        .filter(|key| *key != key_of(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_are_compared_as_they_are_drawn() {
        for (one, other) in [
            ("biII", "bill"),
            ("bill", "biII"),
            ("bIlI", "biII"),
            ("aIice", "alice"),
            ("GOOGIE", "google"),
            ("MARTlN", "martin"),
            ("MART1N", "Martin"),
            ("M1CHAEI", "michael"),
            ("Ian", "lan"),
            ("ВОВ", "bob"),
            ("ΤΟΜ", "Tom"),
            ("ann", "Ann"),
        ] {
            assert!(
                look_alike(one, other) && look_alike(other, one),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("ian", "lan"),
            ("bill", "biil"),
            ("mart1n", "martin"),
            ("вов", "bob"),
            ("ali", "all"),
            ("ann", "anna"),
        ] {
            assert!(
                !look_alike(one, other) && !look_alike(other, one),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn capitals_of_other_scripts_are_found_by_their_keys() {
        assert!(keys_in_other_scripts("bob").contains(&key_of("ВОВ")));
        assert!(keys_in_other_scripts("Tom_2").contains(&key_of("ΤΟΜ_2")));
        assert!(keys_in_other_scripts("ruediger").is_empty());
    }
}
