//! Reads forms, and carries faults back to their fields.
//!
//! A handler takes [`Form<T>`] with plain strings in `T`, parses them into model types, and on any fault
//! answers the same page with `T` and [`FormErrors`] (422): nothing typed is ever lost. What no browser would
//! send (bad encoding, NUL, unknown or doubled fields) is refused here with a 400 that names it.
//!
//! [`Form`] is the extractor (`body`), [`FormErrors`] the faults (`errors`); `fields` has what the values of fields are parsed
//! with, `unseen` what of a text cannot be seen, [`way_back()`] where a form leads when it is done.

mod body;
mod errors;
mod fields;
mod unseen;
mod way_back;

pub use body::{Form, parse};
pub use errors::FormErrors;
pub use fields::{language_code, line, prose, prose_line, short_text, web_address};
pub use unseen::{has_text_controls, is_default_ignorable, is_visible, without_text_controls};
pub use way_back::way_back;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        title: String,
        #[serde(default)]
        tag: Vec<String>,
    }

    #[test]
    fn reads_repeated_fields() {
        let form: Sample = parse(b"title=a+b%26c&tag=x&tag=y").unwrap();
        assert_eq!((form.title.as_str(), form.tag.len()), ("a b&c", 2));
    }

    #[test]
    fn refuses_and_names_what_no_browser_sends() {
        for (body, named) in [
            (&b"title=%00"[..], "title"),
            (b"title=%ED%A0%80", "title"),
            (b"title=%ff", "title"),
            (b"title=a&title=b", "title"),
            (b"colour=red", "colour"),
        ] {
            let error = parse::<Sample>(body).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_empty() {
        for nothing in [
            "",
            " ",
            "\u{200b}",
            "\u{200b} \u{2060}",
            "\u{115f}\u{1160}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{fe0f}",
        ] {
            assert_eq!(line("It", nothing, 80).unwrap(), "", "{nothing:?}");
        }
        for seen in [
            "a",
            "a\u{200b}",
            "👩\u{200d}👩\u{200d}👧",
            "सूर्य",
            "می\u{200c}خواهم",
            "-",
        ] {
            assert_eq!(line("It", seen, 80).unwrap(), seen);
        }
    }

    #[test]
    fn what_turns_text_around_is_refused_and_what_scripts_need_is_not() {
        for turned in [
            "abc\u{202e}fed",
            "\u{2067}a",
            "a\u{2069}",
            "a\u{206a}b",
            "a\u{feff}b",
            "a\u{fff9}b\u{fffb}",
            "a\u{e0041}",
        ] {
            assert!(
                line("It", turned, 80)
                    .unwrap_err()
                    .to_string()
                    .contains("hidden characters"),
                "{turned:?}"
            );
            assert!(
                line("It", &without_text_controls(turned), 80).is_ok(),
                "{turned:?}"
            );
        }
        let england = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
        for fine in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום\u{200f}!",
            "a\u{200e} (ب)",
            "辻\u{e0100}さん",
            england,
            "👩\u{200d}🚀",
        ] {
            assert_eq!(line("It", fine, 80).unwrap(), fine);
            assert_eq!(without_text_controls(fine), fine);
        }
        assert_eq!(line("It", "a\u{2028}b", 80).unwrap(), "a b");
    }

    #[test]
    fn addresses_are_whole_and_of_the_web() {
        assert_eq!(
            web_address("It", " https://example.org/a ", 100).unwrap(),
            "https://example.org/a"
        );
        assert!(
            web_address(
                "It",
                &format!("https://example.org/{}", "a".repeat(100)),
                100
            )
            .unwrap_err()
            .to_string()
            .contains("100")
        );
        for bad in [
            "javascript:alert(1)",
            "//example.org",
            "example.org",
            "https://u:p@example.org",
            "https://",
            "ftp://x.y",
        ] {
            assert!(web_address("It", bad, 100).is_err(), "{bad}");
        }
    }

    #[test]
    fn languages_are_codes() {
        for good in ["", "en", "zh-Hant", "de-CH-1996"] {
            assert!(language_code(good).is_ok(), "{good}");
        }
        for bad in [
            "e",
            "english language",
            "en_US",
            "-en",
            "x\" onload=\"",
            "123",
        ] {
            assert!(language_code(bad).is_err(), "{bad}");
        }
    }
}
