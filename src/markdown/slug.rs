//! Web addresses from titles.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

const LIMIT_CHARS: usize = 80;
/// Letters beyond ASCII have up to four bytes, and each byte takes three characters where an address is percent-encoded.
const LIMIT_BYTES: usize = 200;
/// Both rules are linear but one character can become a dozen; a title longer than this says nothing more in 80
/// characters.
const READ_CHARS: usize = 400;
/// Scripts need two or three marks on a letter; towers of them cover the lines above.
const MOST_MARKS: usize = 4;

/// Makes a web address part from a title: lower-case letters of every script with their marks, digits and single
/// hyphens, at most 80 characters, cut between words where there is a boundary. A transliteration would have to know the
/// language: Japanese read as Chinese is wrong.
///
/// A title without letters and digits is written in ASCII where that can be done (`🎉` is `tada`). The result is empty when
/// it cannot; the caller decides then what the address is.
pub fn slug(title: &str) -> String {
    let kept = in_its_script(title);
    if kept.is_empty() {
        ascii_slug(title)
    } else {
        kept
    }
}

/// The same, transliterated: lower-case `a-z0-9` and single hyphens. Addresses of earlier releases were made so, and
/// usernames still are.
pub fn ascii_slug(title: &str) -> String {
    let title: String = title
        .chars()
        .take(READ_CHARS)
        .filter(|c| !is_apostrophe(*c))
        .collect();
    let mut slug = slug::slugify(title);
    if slug.len() > LIMIT_CHARS {
        let boundary = slug[..=LIMIT_CHARS].rfind('-').unwrap_or(LIMIT_CHARS);
        slug.truncate(boundary);
    }
    slug
}

fn in_its_script(title: &str) -> String {
    let text: String = title
        .chars()
        .take(READ_CHARS)
        .nfkc()
        .filter(|c| !is_apostrophe(*c) && !is_invisible(*c))
        .collect();
    let mut slug = String::new();
    let mut word = Word::Outside;
    for c in text.to_lowercase().nfkc() {
        word = word.with(c, &mut slug);
    }
    cut(&slug).nfkc().collect()
}

#[derive(Clone, Copy)]
enum Word {
    Inside { marks: usize },
    Outside,
}

impl Word {
    /// Adds a character to the slug, if it is of a word.
    fn with(self, c: char, slug: &mut String) -> Self {
        match self {
            // A mark is part of the letter before it.
            Word::Inside { marks } if is_combining_mark(c) && !is_for_symbols(c) => {
                if marks < MOST_MARKS {
                    slug.push(c);
                }
                Word::Inside { marks: marks + 1 }
            }
            _ if is_combining_mark(c) => self,
            _ if c.is_alphanumeric() => {
                if matches!(self, Word::Outside) && !slug.is_empty() {
                    slug.push('-');
                }
                slug.push(c);
                Word::Inside { marks: 0 }
            }
            _ => Word::Outside,
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{5f3}' | '\u{5f4}'
    )
}

/// Unicode's Default_Ignorable_Code_Point: joiners, variation selectors and fillers that only look like letters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that make a sign of a letter, such as the frame of a keycap.
fn is_for_symbols(c: char) -> bool {
    matches!(c, '\u{488}'..='\u{489}' | '\u{20d0}'..='\u{20ff}' | '\u{a670}'..='\u{a672}')
}

/// At most what an address may have, without a letter that is parted from its marks.
fn cut(slug: &str) -> Cow<'_, str> {
    let mut chars = 0;
    let fits = |(at, cluster): &(usize, &str)| {
        chars += cluster.chars().count();
        chars <= LIMIT_CHARS && at + cluster.len() <= LIMIT_BYTES
    };
    let end = slug
        .grapheme_indices(true)
        .take_while(fits)
        .last()
        .map_or(0, |(at, cluster)| at + cluster.len());
    if end == slug.len() {
        return slug.into();
    }
    slug[..boundary(slug, end).unwrap_or(end)]
        .trim_end_matches('-')
        .to_owned()
        .into()
}

/// The last boundary of words up to `end`.
fn boundary(slug: &str, end: usize) -> Option<usize> {
    if slug[end..].starts_with('-') {
        return Some(end);
    }
    // Scripts without blanks between words have few boundaries: one far ahead of the limit would leave too little.
    slug[..end].rfind('-').filter(|at| *at > end / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_readable_addresses() {
        assert_eq!(slug("Hello, World!"), "hello-world");
        assert_eq!(slug("Über 北京!"), "über-北京");
        assert_eq!(slug("Don’t panic — it's C++20"), "dont-panic-its-c-20");
        assert_eq!(slug("  --  "), "");
        assert_eq!(slug(""), "");
    }

    #[test]
    fn letters_of_every_script_stay_with_their_marks() {
        for (title, address) in [
            ("東京の夜、カフェで", "東京の夜-カフェで"),
            ("データベース入門", "データベース入門"),
            ("数据 与 书局", "数据-与-书局"),
            ("हिन्दी में लिखना", "हिन्दी-में-लिखना"),
            ("مقدمة في قواعد البيانات", "مقدمة-في-قواعد-البيانات"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("שלום עולם", "שלום-עולם"),
            ("ภาษาไทย", "ภาษาไทย"),
            ("Привет, мир", "привет-мир"),
            ("ΟΔΟΣ ΕΛΛΑΔΟΣ", "οδος-ελλαδος"),
            ("Ｆｕｌｌ ｶﾀｶﾅ", "full-カタカナ"),
            ("cafe\u{301}", "café"),
            ("1\u{fe0f}\u{20e3} first", "1-first"),
        ] {
            assert_eq!(slug(title), address.nfc().collect::<String>(), "{title}");
        }
    }

    #[test]
    fn what_has_no_letters_is_written_in_ascii_if_it_can_be() {
        assert_eq!(slug("🎉"), "tada");
        assert_eq!(slug("🎉 Party"), "party");
        assert_eq!(slug("\u{3164}\u{301}"), "");
    }

    #[test]
    fn earlier_addresses_can_be_made_again() {
        assert_eq!(ascii_slug("Über 北京!"), "uber-bei-jing");
        assert_eq!(
            ascii_slug("Don’t panic — it's C++20"),
            "dont-panic-its-c-20"
        );
    }

    #[test]
    fn long_titles_end_at_a_word() {
        for slug in [
            slug(&"seventeen letters ".repeat(20)),
            ascii_slug(&"seventeen letters ".repeat(20)),
        ] {
            assert!(slug.len() <= LIMIT_CHARS && slug.len() > 60, "{slug}");
            assert!(
                slug.ends_with("letters") || slug.ends_with("seventeen"),
                "{slug}"
            );
        }
        assert_eq!(super::slug(&"x".repeat(200)).len(), LIMIT_CHARS);
        assert_eq!(
            super::slug(&format!("a {}", "語".repeat(200)))
                .chars()
                .count(),
            68,
            "not only the a"
        );
        let syllables = super::slug(&"कि".repeat(200));
        assert!(
            syllables.ends_with("कि") && syllables.len() <= LIMIT_BYTES,
            "{syllables}"
        );
    }

    proptest! {
        #[test]
        fn only_address_characters(title in any::<String>()) {
            for slug in [slug(&title), ascii_slug(&title)] {
                prop_assert!(slug.chars().count() <= LIMIT_CHARS && slug.len() <= LIMIT_BYTES + 8, "{slug}");
                prop_assert!(slug.chars().all(|c| c == '-' || c.is_alphanumeric() || is_combining_mark(c)), "{slug}");
                prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
            }
            let ascii = ascii_slug(&title);
            prop_assert!(ascii.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }

        /// What stands in an address is read from it again: by the form of the editor, and by an import.
        #[test]
        fn an_address_is_its_own_address(title in any::<String>()) {
            let made = slug(&title);
            prop_assert_eq!(slug(&made), made);
        }
    }
}
