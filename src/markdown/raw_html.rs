//! Prepares an author's raw HTML for the sanitiser. Nothing here is needed for safety: it keeps
//! one unclosed `<script>` from swallowing the rest of a post and turns embeds into links.

use std::ops::Range;

use super::tags::escape;

/// Shown as text when it cannot be dropped together with its end tag.
pub(super) const DROPPED: [&str; 5] = ["script", "style", "template", "svg", "math"];
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
    let mut raw = RawHtml {
        html,
        lower: html.to_ascii_lowercase(),
        missing: Vec::new(),
    };
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        out.push_str(&html[at..start]);
        let (replacement, next) = raw.replace_tag(start);
        out.push_str(&replacement);
        at = next;
    }
    out.push_str(&html[at..]);
    out
}

struct RawHtml<'a> {
    html: &'a str,
    lower: String,
    /// Searching for a missing end tag again and again would be quadratic.
    missing: Vec<String>,
}

impl RawHtml<'_> {
    /// What stands for the tag at `start`, and where to go on.
    fn replace_tag(&mut self, start: usize) -> (String, usize) {
        let after = &self.lower[start + 1..];
        let is_end = after.starts_with('/');
        let inner = after.trim_start_matches('/');
        let length = inner.bytes().take_while(u8::is_ascii_alphabetic).count();
        match inner[..length].to_owned().as_str() {
            // Pages run no scripts of authors, so what stands in for them is what counts.
            "noscript" => {
                let end = self.find(">", start);
                (String::new(), end.map_or(self.html.len(), |end| end + 1))
            }
            "a" if !is_end => self.named_anchor(start),
            "iframe" | "embed" => self.replace_frame(start, is_end),
            name if DROPPED.contains(&name) && !is_end => self.drop_or_show(name, start),
            name if DROPPED.contains(&name) || SHOWN.contains(&name) => shown(start),
            _ => ("<".to_owned(), start + 1),
        }
    }

    fn find(&mut self, end: &str, from: usize) -> Option<usize> {
        if self.missing.iter().any(|m| m == end) {
            return None;
        }
        let found = self.lower[from..].find(end).map(|n| from + n);
        if found.is_none() {
            self.missing.push(end.to_owned());
        }
        found
    }

    /// `<a name>` is the id of former times.
    fn named_anchor(&mut self, start: usize) -> (String, usize) {
        let tag = self.find(">", start).map(|end| start..end);
        let value =
            |tag: Range<usize>, name| value_of(&self.html[tag.clone()], &self.lower[tag], name);
        let at = tag.filter(|tag| value(tag.clone(), "id").is_none());
        match at.and_then(|tag| value(tag, "name")) {
            Some((at, _)) => (
                format!("{}id", &self.html[start..start + at]),
                start + at + "name".len(),
            ),
            None => ("<".to_owned(), start + 1),
        }
    }

    fn replace_frame(&mut self, start: usize, is_end: bool) -> (String, usize) {
        let Some(tag_end) = self.find(">", start) else {
            return shown(start);
        };
        if is_end {
            return (String::new(), tag_end + 1);
        }
        let has_end = self.lower[start..].starts_with("<iframe");
        let content_end = Some(())
            .filter(|()| has_end)
            .and_then(|()| self.find("</iframe", tag_end))
            .and_then(|end| self.find(">", end))
            .map_or(tag_end + 1, |end| end + 1);
        let link = source(&self.html[start..tag_end], &self.lower[start..tag_end])
            .map(|url| format!("<a href=\"{url}\">{url}</a>", url = escape_again(&url)))
            .unwrap_or_default();
        (link, content_end)
    }

    fn drop_or_show(&mut self, name: &str, start: usize) -> (String, usize) {
        let closed = self
            .find(&format!("</{name}"), start)
            .and_then(|end| self.find(">", end));
        match closed {
            Some(end) => (String::new(), end + 1),
            None => shown(start),
        }
    }
}

/// The tag at `start` as text.
fn shown(start: usize) -> (String, usize) {
    ("&lt;".to_owned(), start + 1)
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
