//! How much two paragraphs have in common, in any script.

/// Every two letters that follow one another, sorted: words of all scripts can be compared by them.
pub fn pairs_of(paragraph: &str) -> Vec<u64> {
    let letters = paragraph.chars();
    let letters: Vec<char> = letters
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect();
    let pair = |two: &[char]| (u64::from(two[0]) << 32) | u64::from(two[1]);
    let mut pairs: Vec<u64> = letters.windows(2).map(pair).collect();
    pairs.sort_unstable();
    pairs
}

/// The part of both that they share (Dice's coefficient).
pub fn alike(one: &[u64], other: &[u64]) -> f64 {
    let (mut at, mut with, mut shared) = (0, 0, 0_usize);
    while let (Some(left), Some(right)) = (one.get(at), other.get(with)) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => with += 1,
            std::cmp::Ordering::Equal => (at, with, shared) = (at + 1, with + 1, shared + 1),
        }
    }
    let all = one.len() + other.len();
    if all == 0 {
        return 0.0;
    }
    2.0 * shared as f64 / all as f64
}

/// More than this two of such lengths cannot share.
pub fn at_most_alike(one: &[u64], other: &[u64]) -> f64 {
    let all = (one.len() + other.len()).max(1);
    2.0 * one.len().min(other.len()) as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_more_alike_than_their_lengths_allow() {
        for (one, other) in [
            ("a sea", "a sea that is calm today"),
            ("", "a"),
            ("ab", "ab"),
        ] {
            let (one, other) = (pairs_of(one), pairs_of(other));
            assert!(alike(&one, &other) <= at_most_alike(&one, &other));
        }
    }

    #[test]
    fn what_is_alike_is_near_one_and_what_is_not_near_nothing() {
        let of = |one: &str, other: &str| alike(&pairs_of(one), &pairs_of(other));
        assert!(of("The sea is calm.", "the SEA: is calm") > 0.99);
        assert!(of("The sea is calm today.", "The sea was calm today.") > 0.7);
        assert!(of("東京は今日も雨です。", "東京は今日も雪です。") > 0.5);
        assert!(of("The sea is calm.", "Boxes of figs") < 0.2);
        assert!(of("", "") < 0.01 && of("a", "a") < 0.01);
    }
}
