//! Plain text out of the short marked-up texts of front matter: titles, descriptions, names.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

/// Markup becomes its text, entities their characters, and runs of blanks one space. What stands between
/// back-quotes is kept as written, so that `Vec<b>` survives.
pub(super) fn plain(marked_up: &str) -> String {
    let mut out = String::with_capacity(marked_up.len());
    for (index, piece) in marked_up.split('`').enumerate() {
        let is_code = index % 2 == 1;
        out.push_str(&if is_code {
            Cow::Borrowed(piece)
        } else {
            Cow::Owned(without_markup(piece))
        });
    }
    out.split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)</?(?:a|abbr|b|br|cite|code|del|em|font|i|ins|kbd|mark|p|q|s|small|span|strong|sub|sup|tt|u)(?:\s[^<>]*)?/?>"#,
    )
    .expect("a fixed pattern")
});
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)").expect("a fixed pattern")
});
static STARS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\*{1,3})([^*\s](?:[^*]*[^*\s])?)(\*{1,3})").expect("a fixed pattern")
});
static UNDERLINES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(^|[^\w])_([^_\s](?:[^_]*[^_\s])?)_($|[^\w])").expect("a fixed pattern")
});

fn without_markup(text: &str) -> String {
    let text = TAG.replace_all(text, "");
    let text = LINK.replace_all(&text, "$1");
    let text = STARS.replace_all(&text, |found: &Captures<'_>| {
        if found[1] == found[3] {
            found[2].to_owned()
        } else {
            found[0].to_owned()
        }
    });
    let text = UNDERLINES.replace_all(&text, "$1$2$3");
    decode_entities(&text).into_owned()
}

/// Numeric entities and the named ones that blogs use; any other `&name;` stays as it is.
fn decode_entities(text: &str) -> Cow<'_, str> {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,8}));").expect("a fixed pattern")
    });
    ENTITY.replace_all(text, |found: &Captures<'_>| {
        let code = match (found.get(1), found.get(2)) {
            (Some(decimal), _) => decimal.as_str().parse().ok(),
            (_, Some(hex)) => u32::from_str_radix(hex.as_str(), 16).ok(),
            _ => None,
        };
        let decoded = match (code, found.get(3)) {
            (Some(code), _) => char::from_u32(code).filter(|c| !c.is_control()),
            (None, Some(name)) => named(name.as_str()),
            _ => None,
        };
        decoded.map_or_else(|| found[0].to_owned(), String::from)
    })
}

fn named(name: &str) -> Option<char> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, sign)| *sign)
}

/// Named references of HTML that occur in titles and descriptions (HTML standard, “Named character references”).
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("bull", '•'),
    ("middot", '·'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("euro", '€'),
    ("pound", '£'),
    ("cent", '¢'),
    ("yen", '¥'),
    ("sect", '§'),
    ("para", '¶'),
    ("times", '×'),
    ("divide", '÷'),
    ("plusmn", '±'),
    ("frac12", '½'),
    ("larr", '←'),
    ("rarr", '→'),
    ("uarr", '↑'),
    ("darr", '↓'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("szlig", 'ß'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("oslash", 'ø'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("Aring", 'Å'),
    ("Eacute", 'É'),
    ("Aacute", 'Á'),
    ("Oslash", 'Ø'),
    ("Ntilde", 'Ñ'),
];

/// At most `limit` characters, cut at a blank and marked with an ellipsis when something is left out.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit).collect();
    let whole_words = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole_words.trim_end_matches([' ', ',', ';', '.']))
}

/// The last resort for a title: `no-title_here` becomes `No title here`.
pub(super) fn from_file_stem(stem: &str) -> String {
    let words = stem.replace(['-', '_'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// True for something a browser could fetch as a picture: an address, or a path that ends like a picture file.
pub(super) fn looks_like_picture(address: &str) -> bool {
    static PICTURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\.(?:png|jpe?g|gif|webp|svg|avif|bmp)(?:[?#]\S*)?$")
            .expect("a fixed pattern")
    });
    !address.contains(char::is_whitespace) && (is_web_address(address) || PICTURE.is_match(address))
}

/// An absolute http or https address without blanks or control characters.
pub(super) fn is_web_address(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
        && address.len() <= 2000
        && !address
            .contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        for (from, to) in [
            ("  outer   blanks ", "outer blanks"),
            (
                "It&#8217;s &ldquo;fine&rdquo; &amp; well",
                "It’s “fine” & well",
            ),
            (
                "Use `Vec<b>` & *stars* and **bold**",
                "Use Vec<b> & stars and bold",
            ),
            ("<em>New</em> Vec<T>", "New Vec<T>"),
            ("A [link](https://example.org \"t\") here", "A link here"),
            (
                "_soft_ but snake_case_name and __init__",
                "soft but snake_case_name and __init__",
            ),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("&unknown; &#0; &#x110000;", "&unknown; &#0; &#x110000;"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(plain(from), to);
        }
    }

    #[test]
    fn long_text_is_cut_between_words() {
        assert_eq!(shortened("one two, three", 9), "one two…");
        assert_eq!(shortened("one", 9), "one");
    }

    #[test]
    fn pictures_and_addresses_are_told_apart() {
        assert!(looks_like_picture("a/b.PNG"));
        assert!(looks_like_picture("https://example.org/x"));
        assert!(!looks_like_picture("some-uid"));
        assert!(!is_web_address("javascript:alert(1)"));
        assert!(!is_web_address("https://a b"));
        assert_eq!(from_file_stem("no-title_here"), "No title here");
    }
}
