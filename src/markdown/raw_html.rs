//! Prepares an author's raw HTML for the sanitiser. Nothing here is needed for safety: it keeps
//! one unclosed `<script>` from swallowing the rest of a post and turns embeds into links.

use super::tags::escape;

/// Shown as text when it cannot be dropped together with its end tag.
const DROPPED: [&str; 6] = ["script", "style", "template", "noscript", "svg", "math"];
/// The parser would read everything after them as text.
const SHOWN: [&str; 6] = ["title", "textarea", "xmp", "noembed", "noframes", "plaintext"];

/// Rewrites the tags that need it; all other HTML passes unchanged.
pub(super) fn tame(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    // Searching for a missing end tag again and again would be quadratic.
    let mut missing: Vec<String> = Vec::new();
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        out.push_str(&html[at..start]);
        let mut find = |end: &str, from: usize| {
            if missing.iter().any(|m| m == end) {
                return None;
            }
            let found = lower[from..].find(end).map(|n| from + n);
            if found.is_none() {
                missing.push(end.to_owned());
            }
            found
        };
        let (replacement, next) = replace_tag(html, &lower, start, &mut find);
        out.push_str(&replacement);
        at = next;
    }
    out.push_str(&html[at..]);
    out
}

/// What stands for the tag at `start`, and where to go on.
fn replace_tag(html: &str, lower: &str, start: usize, find: &mut impl FnMut(&str, usize) -> Option<usize>) -> (String, usize) {
    let inner = lower[start + 1..].trim_start_matches('/');
    let name = &inner[..inner.bytes().take_while(u8::is_ascii_alphabetic).count()];
    let is_end = lower[start + 1..].starts_with('/');
    if name == "iframe" {
        return replace_frame(html, lower, start, is_end, find);
    }
    if DROPPED.contains(&name) && !is_end {
        let closed = find(&format!("</{name}"), start).and_then(|end| find(">", end));
        if let Some(end) = closed {
            return (String::new(), end + 1);
        }
    }
    if DROPPED.contains(&name) || SHOWN.contains(&name) {
        return ("&lt;".to_owned(), start + 1);
    }
    ("<".to_owned(), start + 1)
}

fn replace_frame(
    html: &str,
    lower: &str,
    start: usize,
    is_end: bool,
    find: &mut impl FnMut(&str, usize) -> Option<usize>,
) -> (String, usize) {
    let Some(tag_end) = find(">", start) else {
        return ("&lt;".to_owned(), start + 1);
    };
    if is_end {
        return (String::new(), tag_end + 1);
    }
    let content_end = find("</iframe", tag_end).and_then(|end| find(">", end)).map_or(tag_end + 1, |end| end + 1);
    let link = source(&html[start..tag_end], &lower[start..tag_end])
        .map(|url| format!("<a href=\"{url}\">{url}</a>", url = escape_again(url)))
        .unwrap_or_default();
    (link, content_end)
}

/// The `src` of a tag, if it is an https address.
fn source<'a>(tag: &'a str, lower: &str) -> Option<&'a str> {
    let at = lower
        .match_indices("src")
        .map(|(at, _)| at)
        .find(|at| tag[..*at].ends_with([' ', '\t', '\n', '"', '\'']) && tag[at + 3..].trim_start().starts_with('='))?;
    let value = tag[at + 3..].trim_start()[1..].trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_ascii_whitespace().next()?,
    };
    let value = value.trim();
    value.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).map(|_| value)
}

/// The value comes out of HTML: its ampersands are escaped already.
fn escape_again(value: &str) -> String {
    escape(&value.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_become_links() {
        let html = "a<iframe width=1 src=\"https://v.example/e?a=1&amp;b=2\">no</iframe>b";
        let link = "a<a href=\"https://v.example/e?a=1&amp;b=2\">https://v.example/e?a=1&amp;b=2</a>b";
        assert_eq!(tame(html), link);
        assert_eq!(tame("<IFRAME SRC='http://x.example'></IFRAME>z"), "z");
        assert_eq!(tame("<iframe data-src=x srcdoc='<b>'>y"), "'>y");
        assert_eq!(tame("</iframe >"), "");
        assert_eq!(tame("<iframe"), "&lt;iframe");
    }

    #[test]
    fn raw_text_tags_do_not_swallow_the_rest() {
        assert_eq!(tame("a<Script>x<b></script >b"), "ab");
        assert_eq!(tame("a<script>b<b>"), "a&lt;script>b<b>");
        assert_eq!(tame("<plaintext><textarea></title>"), "&lt;plaintext>&lt;textarea>&lt;/title>");
        assert_eq!(tame("<div><details>é</div>"), "<div><details>é</div>");
    }
}
