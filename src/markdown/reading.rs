//! How much there is to read.

use unicode_segmentation::UnicodeSegmentation;

const WORDS_PER_MINUTE: u64 = 220;
const IDEOGRAPHS_PER_MINUTE: u64 = 500;

/// Words (each Chinese or Japanese character is one) and whole minutes of a plain text.
pub(super) fn measure(text: &str) -> (u32, u32) {
    let (mut words, mut ideographs) = (0u64, 0u64);
    for word in text.unicode_words() {
        let inside = word.chars().filter(|c| is_ideograph(*c)).count() as u64;
        if inside == 0 {
            words += 1;
        } else {
            ideographs += inside;
        }
    }
    let minutes = (words * IDEOGRAPHS_PER_MINUTE + ideographs * WORDS_PER_MINUTE)
        .div_ceil(WORDS_PER_MINUTE * IDEOGRAPHS_PER_MINUTE);
    (saturate(words + ideographs), saturate(minutes))
}

/// Scripts written without spaces whose characters carry about a syllable or a word. Korean is
/// written with spaces and counts as words.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn saturate(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_characters_are_counted_apart() {
        assert_eq!(measure(""), (0, 0));
        assert_eq!(measure("… — !"), (0, 0));
        assert_eq!(measure("one two, don't"), (3, 1));
        assert_eq!(measure("北京很大"), (4, 1));
        assert_eq!(measure("ひらがなとカタカナ"), (9, 1));
        assert_eq!(measure("한국어 글"), (2, 1));
        assert_eq!(measure("أهلا بالعالم"), (2, 1));
    }

    #[test]
    fn minutes_round_up() {
        assert_eq!(measure(&"word ".repeat(220)), (220, 1));
        assert_eq!(measure(&"word ".repeat(221)), (221, 2));
        assert_eq!(measure(&"字".repeat(500)), (500, 1));
        assert_eq!(measure(&"字".repeat(501)), (501, 2));
        assert_eq!(
            measure(&("word ".repeat(110) + &"字".repeat(250))),
            (360, 1)
        );
    }
}
