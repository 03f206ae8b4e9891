//! Prepares an author's raw HTML for the sanitiser. Nothing here is needed for safety: it keeps
//! one unclosed `<script>` from swallowing the rest of a post and turns embeds into links.

use comrak::nodes::{Node, NodeValue};

use super::tags::escape;

/// Shown as text when it cannot be dropped together with its end tag.
const DROPPED: [&str; 5] = ["script", "style", "template", "svg", "math"];
/// What is searched for end tags in other nodes: only a text that is made to be slow has more.
const SEARCH_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// The parser would read everything after them as text.
const SHOWN: [&str; 6] = [
    "title",
    "textarea",
    "xmp",
    "noembed",
    "noframes",
    "plaintext",
];

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

/// Takes scripts, drawings and styles out whose end tags are in another node: Markdown reads what lies between as text.
pub(super) fn drop_elements<'a>(root: Node<'a>) {
    let nodes: Vec<Node<'a>> = root.descendants().collect();
    let mut looked_at = 0;
    for node in nodes {
        let Some(name) = literal(node).and_then(|html| left_open(&html)) else {
            continue;
        };
        let mut within = Vec::new();
        let mut next = node.next_sibling();
        let closing = loop {
            let Some(sibling) = next.filter(|_| looked_at < SEARCH_LIMIT_BYTES) else {
                break None;
            };
            looked_at += 64 + literal(sibling).map_or(0, |html| html.len());
            if let Some(rest) = literal(sibling).and_then(|html| after_end(&html, name)) {
                break Some((sibling, rest));
            }
            within.push(sibling);
            next = sibling.next_sibling();
        };
        let Some((end, rest)) = closing else { continue };
        for node in within {
            node.detach();
        }
        cut(node, name);
        replace(end, rest);
    }
}

fn literal(node: Node<'_>) -> Option<String> {
    match node.data().value {
        NodeValue::HtmlInline(ref html) => Some(html.clone()),
        NodeValue::HtmlBlock(ref block) => Some(block.literal.clone()),
        _ => None,
    }
}

fn replace(node: Node<'_>, html: String) {
    match node.data_mut().value {
        NodeValue::HtmlInline(ref mut literal) => *literal = html,
        NodeValue::HtmlBlock(ref mut block) => block.literal = html,
        _ => {}
    }
}

/// The element that begins in a piece of HTML and does not end there.
fn left_open(html: &str) -> Option<&'static str> {
    let lower = html.to_ascii_lowercase();
    DROPPED.into_iter().find(|name| {
        begin_of(&lower, name).is_some_and(|at| !lower[at..].contains(&format!("</{name}")))
    })
}

fn begin_of(lower: &str, name: &str) -> Option<usize> {
    let begin = format!("<{name}");
    lower
        .rmatch_indices(&begin)
        .map(|(at, _)| at)
        .find(|at| lower[at + begin.len()..].starts_with([' ', '\t', '\n', '/', '>']))
}

/// What follows the end tag.
fn after_end(html: &str, name: &str) -> Option<String> {
    let at = html.to_ascii_lowercase().find(&format!("</{name}"))?;
    let end = html[at..].find('>')?;
    Some(html[at + end + 1..].to_owned())
}

fn cut(node: Node<'_>, name: &str) {
    if let Some(html) = literal(node)
        && let Some(at) = begin_of(&html.to_ascii_lowercase(), name)
    {
        replace(node, html[..at].to_owned());
    }
}

/// What stands for the tag at `start`, and where to go on.
fn replace_tag(
    html: &str,
    lower: &str,
    start: usize,
    find: &mut impl FnMut(&str, usize) -> Option<usize>,
) -> (String, usize) {
    let inner = lower[start + 1..].trim_start_matches('/');
    let name = &inner[..inner.bytes().take_while(u8::is_ascii_alphabetic).count()];
    let is_end = lower[start + 1..].starts_with('/');
    // Pages run no scripts of authors, so what stands in for them is what counts.
    if name == "noscript" {
        let end = find(">", start).map_or(html.len(), |end| end + 1);
        return (String::new(), end);
    }
    if name == "a" && !is_end {
        return named_anchor(html, lower, start, find);
    }
    if name == "iframe" || name == "embed" {
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

/// `<a name>` is the id of former times.
fn named_anchor(
    html: &str,
    lower: &str,
    start: usize,
    find: &mut impl FnMut(&str, usize) -> Option<usize>,
) -> (String, usize) {
    let tag = find(">", start).map(|end| start..end);
    let at = tag
        .clone()
        .filter(|tag| value_of(&html[tag.clone()], &lower[tag.clone()], "id").is_none());
    match at.and_then(|tag| value_of(&html[tag.clone()], &lower[tag], "name")) {
        Some((at, _)) => (
            format!("{}id", &html[start..start + at]),
            start + at + "name".len(),
        ),
        None => ("<".to_owned(), start + 1),
    }
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
    let has_end = lower[start..].starts_with("<iframe");
    let content_end = Some(())
        .filter(|()| has_end)
        .and_then(|()| find("</iframe", tag_end))
        .and_then(|end| find(">", end))
        .map_or(tag_end + 1, |end| end + 1);
    let link = source(&html[start..tag_end], &lower[start..tag_end])
        .map(|url| format!("<a href=\"{url}\">{url}</a>", url = escape_again(&url)))
        .unwrap_or_default();
    (link, content_end)
}

/// The `src` of a tag, if it is an address on the web.
fn source(tag: &str, lower: &str) -> Option<String> {
    let (_, value) = value_of(tag, lower, "src")?;
    if value.starts_with("//") {
        return Some(format!("https:{value}"));
    }
    let begins = |scheme: &str| {
        value
            .get(..scheme.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    (begins("https://") || begins("http://")).then(|| value.to_owned())
}

/// Where an attribute stands in a tag, and its value.
fn value_of<'a>(tag: &'a str, lower: &str, name: &str) -> Option<(usize, &'a str)> {
    let after = |at: usize| &tag[at + name.len()..];
    let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
        tag[..*at].ends_with([' ', '\t', '\n', '"', '\''])
            && after(*at).trim_start().starts_with('=')
    })?;
    let value = after(at).trim_start()[1..].trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_ascii_whitespace().next()?,
    };
    Some((at, value.trim()))
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
        let link =
            "a<a href=\"https://v.example/e?a=1&amp;b=2\">https://v.example/e?a=1&amp;b=2</a>b";
        assert_eq!(tame(html), link);
        assert_eq!(
            tame("<IFRAME SRC='//x.example'></IFRAME>z"),
            "<a href=\"https://x.example\">https://x.example</a>z"
        );
        assert_eq!(
            tame("<iframe src=http://x.example></iframe>"),
            "<a href=\"http://x.example\">http://x.example</a>"
        );
        assert_eq!(
            tame("<embed src=//x.example>y"),
            "<a href=\"https://x.example\">https://x.example</a>y"
        );
        assert_eq!(tame("<iframe src='javascript:run()'></iframe>z"), "z");
        assert_eq!(tame("<iframe data-src=x srcdoc='<b>'>y"), "'>y");
        assert_eq!(tame("</iframe >"), "");
        assert_eq!(tame("<iframe"), "&lt;iframe");
    }

    #[test]
    fn raw_text_tags_do_not_swallow_the_rest() {
        assert_eq!(tame("a<Script>x<b></script >b"), "ab");
        assert_eq!(tame("a<script>b<b>"), "a&lt;script>b<b>");
        assert_eq!(
            tame("<plaintext><textarea></title>"),
            "&lt;plaintext>&lt;textarea>&lt;/title>"
        );
        assert_eq!(tame("<div><details>é</div>"), "<div><details>é</div>");
    }
}
