//! Web addresses from titles.

const LIMIT_CHARS: usize = 80;
/// Transliteration is linear but one character can become a dozen; a title longer than this says
/// nothing more in 80 characters.
const READ_CHARS: usize = 400;

/// Makes a web address part from a title: transliterated, lower-case `a-z0-9` and single hyphens,
/// at most 80 characters, cut between words where there is a boundary.
///
/// The result is empty when nothing in the title can be written in ASCII letters or digits; the
/// caller decides then what the address is.
pub fn slug(title: &str) -> String {
    let title: String = title.chars().take(READ_CHARS).filter(|c| !matches!(c, '\'' | '\u{2019}' | '\u{2bc}')).collect();
    cut(slug::slugify(title))
}

fn cut(mut slug: String) -> String {
    if slug.len() > LIMIT_CHARS {
        let boundary = slug[..=LIMIT_CHARS].rfind('-').unwrap_or(LIMIT_CHARS);
        slug.truncate(boundary);
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_readable_addresses() {
        assert_eq!(slug("Hello, World!"), "hello-world");
        assert_eq!(slug("Über 北京!"), "uber-bei-jing");
        assert_eq!(slug("Don’t panic — it's C++20"), "dont-panic-its-c-20");
        assert_eq!(slug("  --  "), "");
        assert_eq!(slug(""), "");
    }

    #[test]
    fn long_titles_end_at_a_word() {
        let slug = slug(&"seventeen letters ".repeat(20));
        assert!(slug.len() <= LIMIT_CHARS && slug.len() > 60, "{slug}");
        assert!(slug.ends_with("letters") || slug.ends_with("seventeen"), "{slug}");
        assert_eq!(super::slug(&"x".repeat(200)).len(), LIMIT_CHARS);
    }

    proptest! {
        #[test]
        fn only_address_characters(title in any::<String>()) {
            let slug = slug(&title);
            prop_assert!(slug.len() <= LIMIT_CHARS);
            prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
        }
    }
}
