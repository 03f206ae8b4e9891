//! Shortens plain text for descriptions and lists.

use unicode_segmentation::UnicodeSegmentation;

/// Shortens plain text to at most `max_chars` Unicode scalar values, the final `…` included.
///
/// White space is collapsed. The cut falls after a sentence if one ends in the last third (then no
/// `…` follows: what stands there is whole), else between words, else (long words, scripts without spaces) between user-perceived characters,
/// never inside one. Text that fits comes back whole and without `…`.
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let (head, fits) = collapse(text, max_chars);
    if fits {
        return head;
    }
    let head = fit_graphemes(&head, max_chars.saturating_sub(1));
    if let Some(end) = sentence_end(head) {
        return head[..end].to_owned();
    }
    let mut out = head[..word_end(head).unwrap_or(head.len())].to_owned();
    if max_chars > 0 {
        out.push('…');
    }
    out
}

/// Collapses white space, reading no further than needed: the text can be a megabyte.
fn collapse(text: &str, max_chars: usize) -> (String, bool) {
    let mut out = String::new();
    let mut chars = 0;
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
            chars += 1;
        }
        for c in word.chars() {
            out.push(c);
            chars += 1;
            if chars > max_chars {
                return (out, false);
            }
        }
    }
    (out, true)
}

fn fit_graphemes(text: &str, max_chars: usize) -> &str {
    let mut chars = 0;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        chars += grapheme.chars().count();
        if chars > max_chars {
            break;
        }
        end += grapheme.len();
    }
    &text[..end]
}

fn sentence_end(head: &str) -> Option<usize> {
    let at_least = head.len() * 2 / 3;
    head.char_indices()
        .rev()
        .take_while(|(at, _)| *at >= at_least)
        .find_map(|(at, c)| {
            let end = at + c.len_utf8();
            let wide = matches!(c, '。' | '！' | '？');
            let narrow = matches!(c, '.' | '!' | '?' | '؟' | '।') && head[end..].starts_with(' ');
            (wide || narrow).then_some(end)
        })
}

fn word_end(head: &str) -> Option<usize> {
    let at = head.rfind(' ')?;
    // A single very long word at the end of a short text: better to cut inside it.
    if at < head.len() / 3 {
        return None;
    }
    Some(
        head[..at]
            .trim_end_matches([',', ';', ':', '-', '–', '—', ' '])
            .len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_text_is_only_collapsed() {
        assert_eq!(excerpt("  one\n two\t", 50), "one two");
        assert_eq!(excerpt("", 5), "");
        assert_eq!(excerpt("exact", 5), "exact");
    }

    #[test]
    fn the_cut_prefers_sentences_then_words() {
        assert_eq!(
            excerpt("A first sentence. Another one follows", 22),
            "A first sentence."
        );
        assert_eq!(excerpt("words, words, words and more", 16), "words, words…");
        assert_eq!(
            excerpt("北京是中国的首都。它很大，有很多人", 12),
            "北京是中国的首都。"
        );
    }

    #[test]
    fn joined_characters_stay_whole() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        assert_eq!(excerpt(&family.repeat(3), 10), format!("{family}…"));
        assert_eq!(excerpt("e\u{301}e\u{301}e\u{301}", 4), "e\u{301}…");
    }

    proptest! {
        #[test]
        fn never_longer_than_asked(text in any::<String>(), max in 0usize..40) {
            let out = excerpt(&text, max);
            prop_assert!(out.chars().count() <= max);
        }
    }
}
