//! What holds of any text in any language.

use proptest::prelude::*;

use super::*;
use crate::markdown::{post, post_in};

/// Texts of the signs that are decided about.
const SIGNS: &str = "[\"'.\\-a-cé1 «»“”„’!?:;(),\\n]{0,40}";

fn tags() -> impl Strategy<Value = &'static str> {
    let languages: Vec<_> = languages::all().map(|(language, _)| language).collect();
    prop::sample::select(
        [
            languages,
            vec!["de-CH", "fr-CH", "fr-CA", "es-MX", "pt-PT", "it-CH", "xx"],
        ]
        .concat(),
    )
}

/// Sentences as people type them, with quotes that are forgotten.
fn sentences() -> impl Strategy<Value = String> {
    let words = [
        "word",
        "don't",
        "l'été",
        "a",
        "10",
        "1990's",
        "'90s",
        "--",
        "---",
        "-",
        "...",
        "10--20",
        "word--word",
        "--flag",
        "mot",
        "word,",
        "word!",
        "mot ?",
        "12:30",
        "« mot »",
        "“mot”",
        "a/b--c",
        "5'10\"",
        "word:",
        "(word)",
        "it's",
    ];
    let around = [
        ("\"", "\""),
        ("'", "'"),
        ("(\"", "\")"),
        ("\"'", "'\""),
        ("\"", ".\""),
        ("\"", "\"..."),
        ("\"", ""),
    ];
    let spoken: Vec<_> = words
        .into_iter()
        .filter(|word| word.contains(char::is_alphanumeric) && !word.contains(['\'', '"']))
        .collect();
    let quoted = (
        prop::sample::select(around.to_vec()),
        prop::sample::select(spoken),
    )
        .prop_map(|((open, close), word)| format!("{open}{word}{close}"));
    let word =
        prop_oneof![3 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => quoted];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

proptest! {
    #[test]
    fn letters_and_digits_stay(text in SIGNS, any in "\\PC{0,30}", tag in tags()) {
        let typography = Typography::of(tag);
        for text in [text, any] {
            prop_assert_eq!(words(&typography.line(&text)), words(&text));
        }
    }

    #[test]
    fn twice_is_once(text in sentences(), tag in tags()) {
        let typography = Typography::of(tag);
        let once = typography.line(&text).into_owned();
        prop_assert_eq!(typography.line(&once), once.as_str(), "{} {:?}", tag, text);
    }

    #[test]
    fn code_formulas_and_addresses_stay(inner in "[\"'.\\-a-c ]{1,20}", tag in tags()) {
        let typography = Typography::of(tag);
        let address = inner.replace([' ', '"'], "");
        for source in [format!("a `{inner}` b"), format!("a $\\alpha {inner} y$ b"), format!("<kbd>{inner}</kbd>"), format!("<https://example.org/{address}>"), format!("```\n{inner}\n```")] {
            prop_assert_eq!(post_in(&source, &typography).unwrap().html, post(&source).unwrap().html);
        }
    }
}

#[test]
fn hostile_texts_take_no_longer_than_others() {
    for sign in [
        "\"", "'", "\"'", "\"a ", " \"a", "'a", "--", "a--", "...", "« ", "! ", "x=\"", "\"*a*",
    ] {
        // The renderer gives up at a deadline of its own, in processor time.
        let text = sign.repeat(64 * 1024 / sign.len());
        let as_typed = post(&text).is_ok();
        for tag in ["en", "fr", "ru"] {
            let set = post_in(&text, &Typography::of(tag));
            assert_eq!(set.is_ok(), as_typed, "{sign:?} in {tag}: {:?}", set.err());
        }
    }
    let many_pieces = "\"*a*\" ".repeat(20_000);
    assert!(post_in(&many_pieces, &Typography::of("de")).is_ok());
}
