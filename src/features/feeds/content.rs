//! Makes text fit for reading elsewhere: addresses become absolute, signs that XML forbids go.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

/// A tag from its name to `>`, a quoted `>` or `<` not counting.
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r#"<[a-zA-Z][^<>"]*(?:"[^"]*"[^<>"]*)*>"#));
/// Every attribute is matched, also those that stay: the text of a `title` can look like `href="…"`, and only
/// by stepping over whole values is it never taken for one.
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"([a-zA-Z:-]+)="([^"]*)""#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern is valid")
}

/// The whole address that `address` means on the page `page`, percent-encoded. What is whole already, or can
/// not be understood, comes back as it is.
pub fn absolute(page: &Url, address: &str) -> String {
    match Url::parse(address) {
        Err(url::ParseError::RelativeUrlWithoutBase) => page
            .join(address)
            .map_or_else(|_| address.to_owned(), String::from),
        _ => address.to_owned(),
    }
}

/// A path of the site as it can stand in a header or in XML that wants URIs: handles may be of any script.
pub fn encoded_path(path: &str) -> String {
    match Url::parse("http://site.invalid/").and_then(|site| site.join(path)) {
        Ok(url) => url.path().to_owned(),
        Err(_) => path.to_owned(),
    }
}

/// Rendered HTML with every link, picture and source made absolute: a feed reader shows it far from its page.
///
/// `html` must come from the renderer, which quotes every value and escapes `"`, `<` and `>` where they are
/// text.
pub fn absolute_html(html: &str, page: &Url) -> String {
    let tag = |tag: &Captures<'_>| {
        ATTRIBUTE
            .replace_all(&tag[0], |found: &Captures<'_>| attribute(found, page))
            .into_owned()
    };
    TAG.replace_all(html, tag).into_owned()
}

fn attribute(found: &Captures<'_>, page: &Url) -> String {
    let (name, value) = (&found[1], &found[2]);
    if !matches!(name, "href" | "src" | "poster" | "cite") {
        return found[0].to_owned();
    }
    let address = absolute(page, &unescape(value));
    format!("{name}=\"{}\"", escape(&address))
}

fn unescape(value: &str) -> String {
    let value = value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    value.replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

/// Escapes for HTML text and for double-quoted values.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Drops the characters that no XML document may hold, not even escaped: one of them in one post would make
/// the whole feed unreadable.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_xml(*c)).collect())
}

/// As a feed can hold it.
pub fn clean(text: &str) -> String {
    printable(text).into_owned()
}

/// `Char` of XML 1.0.
fn is_xml(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => c >= ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Url {
        Url::parse("https://blog.example/@ann/first").unwrap()
    }

    #[test]
    fn addresses_of_the_site_become_whole() {
        for (attribute, whole) in [
            (
                r##"href="/t/bread""##,
                r#"href="https://blog.example/t/bread""#,
            ),
            (
                r##"href="#fn-1""##,
                r#"href="https://blog.example/@ann/first#fn-1""#,
            ),
            (
                r##"href="second""##,
                r#"href="https://blog.example/@ann/second""#,
            ),
            (
                r##"href="../t?a=1&amp;b=2""##,
                r#"href="https://blog.example/t?a=1&amp;b=2""#,
            ),
            (r##"href="""##, r#"href="https://blog.example/@ann/first""#),
            (
                r##"href="//cdn.example/x""##,
                r#"href="https://cdn.example/x""#,
            ),
            (
                r##"src="/a b.png""##,
                r#"src="https://blog.example/a%20b.png""#,
            ),
            (
                r##"poster="/p.jpg""##,
                r#"poster="https://blog.example/p.jpg""#,
            ),
            (
                r##"cite="/source""##,
                r#"cite="https://blog.example/source""#,
            ),
        ] {
            let html = |a: &str| format!("<p>x <a class=\"y\" {a} rel=\"ugc\">z</a></p>");
            assert_eq!(absolute_html(&html(attribute), &page()), html(whole));
        }
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        for html in [
            r#"<a href="https://other.example/a?b=1&amp;c=%20#d">x</a>"#,
            r#"<a href="mailto:ann@example.org">x</a> <a href="tel:+1">y</a>"#,
            r#"<p>href="/x" and src="/y" in text, &lt;a href="/x"&gt;</p>"#,
            r#"<code>&lt;img src="/x.png"&gt;</code>"#,
            r#"<img alt=" src=" title="a > b < c href=" loading="lazy">"#,
            r#"<math display="block"><mo stretchy="false">&lt;</mo><mi>x</mi></math>"#,
            r#"<input type="checkbox" disabled checked aria-label="Done">"#,
            "a < b and \"c\" > d",
            "",
        ] {
            assert_eq!(absolute_html(html, &page()), html);
        }
    }

    #[test]
    fn a_title_that_looks_like_an_attribute_hides_no_link() {
        let html = r##"<a title=" href=" href="/x" data-href="/y">z</a>"##;
        let whole = r##"<a title=" href=" href="https://blog.example/x" data-href="/y">z</a>"##;
        assert_eq!(absolute_html(html, &page()), whole);
    }

    #[test]
    fn what_the_renderer_writes_keeps_its_text() {
        let source = "[a](/x \"say \\\"href\\\" > 1\") ![p](p.png)\n\n> # H\n\n$a<b$ and[^1]\n\n[^1]: note [b](#h-h)\n";
        let html = crate::markdown::post(source).unwrap().html;
        let whole = absolute_html(&html, &page());
        for part in [
            "href=\"https://blog.example/x\"",
            "src=\"https://blog.example/@ann/p.png\"",
            "href=\"https://blog.example/@ann/first#fn-1\"",
            "href=\"https://blog.example/@ann/first#fnref-1\"",
        ] {
            assert!(whole.contains(part), "{part} in {whole}");
        }
        assert_eq!(absolute_html(&whole, &page()), whole);
        let cleaned = |html: &str| crate::markdown::post(html).unwrap().text;
        assert_eq!(cleaned(&whole), cleaned(&html));
    }

    #[test]
    fn handles_of_every_script_become_uris() {
        let page = Url::parse("https://blog.example/").unwrap();
        assert_eq!(
            absolute(&page, "/@Ян/x"),
            "https://blog.example/@%D0%AF%D0%BD/x"
        );
        assert_eq!(encoded_path("/@Ян/feed.rss"), "/@%D0%AF%D0%BD/feed.rss");
        assert_eq!(encoded_path("/@ann/feed.rss"), "/@ann/feed.rss");
    }

    #[test]
    fn characters_that_xml_forbids_go() {
        let text = "a\u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{fffe}\u{ffff}b\t\n\r\u{7f}\u{85}\u{fffd}👩\u{200d}🚀";
        assert_eq!(printable(text), "ab\t\n\r\u{7f}\u{85}\u{fffd}👩\u{200d}🚀");
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }
}
