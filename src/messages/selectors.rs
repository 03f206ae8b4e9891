//! Selectors: which variant of a message the value of a variable leads to.

use std::fmt;

use super::plurals::Rules;
use super::table::{Key, Piece};

/// Goes through the pieces, in the variants that `compared` leads to.
pub(in crate::messages) fn each<'a>(
    pieces: &'static [Piece],
    rules: &Rules,
    compared: &impl Fn(usize) -> (Option<i64>, &'a str),
    write: &mut impl FnMut(&Piece) -> fmt::Result,
) -> fmt::Result {
    for piece in pieces {
        let Piece::Select {
            value,
            variants,
            default,
            in_english,
        } = piece
        else {
            write(piece)?;
            continue;
        };
        let category = |number| rules.category(number, *in_english);
        let variant = variant(variants, compared(*value), category).unwrap_or(default);
        each(variant, rules, compared, write)?;
    }
    Ok(())
}

/// A variant that names the number itself comes before one for numbers of its category.
fn variant(
    variants: &'static [(Key, &'static [Piece])],
    (number, word): (Option<i64>, &str),
    category: impl Fn(i64) -> &'static str,
) -> Option<&'static [Piece]> {
    let exact = |key: &Key| matches!(key, Key::Number(own) if Some(*own) == number);
    let alike = |key: &Key| match (key, number) {
        (Key::Word(own), Some(number)) => *own == category(number),
        (Key::Word(own), None) => *own == word,
        (Key::Number(_), _) => false,
    };
    variants
        .iter()
        .find(|(key, _)| exact(key))
        .or_else(|| variants.iter().find(|(key, _)| alike(key)))
        .map(|(_, pieces)| *pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_their_words() {
        const fn pieces(in_english: bool) -> [Piece; 1] {
            [Piece::Select {
                value: 0,
                variants: &[
                    (Key::Word("one"), &[Piece::Text("one")]),
                    (Key::Number(0), &[Piece::Text("none")]),
                    (Key::Word("often"), &[Piece::Text("a word")]),
                ],
                default: &[Piece::Text("many")],
                in_english,
            }]
        }
        static OWN: &[Piece] = &pieces(false);
        static ENGLISH: &[Piece] = &pieces(true);
        let chosen = |rules: &str, pieces, number, word: &'static str| {
            let mut found = String::new();
            each(
                pieces,
                &Rules::of(rules),
                &|_| (number, word),
                &mut |piece| {
                    if let Piece::Text(text) = piece {
                        found.push_str(text);
                    }
                    Ok(())
                },
            )
            .unwrap();
            found
        };
        let words = |number, word| chosen("en", OWN, number, word);
        assert_eq!(
            [
                words(Some(0), ""),
                words(Some(1), ""),
                words(Some(21), ""),
                words(None, "often"),
                words(None, "one more")
            ],
            ["none", "one", "many", "a word", "many"]
        );
        // "21 отзыв" has the form of one, and "21 replies" has not, where English fills in for a message that is missing.
        assert_eq!(chosen("ru", OWN, Some(21), ""), "one");
        assert_eq!(chosen("ru", ENGLISH, Some(21), ""), "many");
        assert_eq!(chosen("ja", OWN, Some(1), ""), "many");
        assert_eq!(chosen("ja", ENGLISH, Some(1), ""), "one");
    }
}
