//! Patterns of paths as the generators' settings write them.

use std::borrow::Cow;

use regex::Regex;

/// Longer ones are no patterns of paths.
const LIMIT: usize = 500;

/// `**` is any number of folders, `*` and `?` stay within one, `{a,b}` is either.
fn translate(pattern: &str) -> Option<String> {
    if pattern.len() > LIMIT {
        return None;
    }
    let mut out = String::new();
    let mut rest = pattern;
    let mut depth = 0_u32;
    while let Some((translated, length)) = sign(rest, &mut depth) {
        out.push_str(&translated);
        rest = &rest[length..];
    }
    (depth == 0).then_some(out)
}

/// What a pattern begins with as a regular expression, and its length. `depth` counts the braces that are open.
fn sign(pattern: &str, depth: &mut u32) -> Option<(Cow<'static, str>, usize)> {
    if pattern.starts_with("**/") {
        return Some(("(?:.*/)?".into(), 3));
    }
    if pattern.starts_with("**") {
        return Some((".*".into(), 2));
    }
    let first = pattern.chars().next()?;
    let translated = match first {
        '*' => "[^/]*".into(),
        '?' => "[^/]".into(),
        '{' => {
            *depth += 1;
            "(?:".into()
        }
        '}' if *depth > 0 => {
            *depth -= 1;
            ")".into()
        }
        ',' if *depth > 0 => "|".into(),
        other => regex::escape(other.encode_utf8(&mut [0; 4])).into(),
    };
    Some((translated, first.len_utf8()))
}

/// The whole path, whatever its case.
pub(super) fn whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i)^{}$", translate(pattern)?)).ok()
}

/// A file, or a folder with all that is in it; a bare name is one anywhere.
pub(super) fn below(pattern: &str) -> Option<Regex> {
    let trimmed = pattern.trim_matches('/');
    if trimmed.is_empty() {
        return None;
    }
    let anywhere = if trimmed.contains('/') || pattern.starts_with('/') {
        ""
    } else {
        "(?:.*/)?"
    };
    Regex::new(&format!("^{anywhere}{}(?:/.*)?$", translate(trimmed)?)).ok()
}

/// Jekyll's scope: below a path, and in the folder of a collection (`_posts/`), wherever that lies.
pub(super) fn for_jekyll(path: &str, collection: &str) -> Option<Regex> {
    let path = path.trim_matches('/');
    let start = if path.is_empty() {
        String::new()
    } else {
        format!("(?:{}(?:/|$))", translate(path)?)
    };
    let collection = if collection.is_empty() {
        String::new()
    } else {
        format!("(?:.*/)?{}", regex::escape(collection))
    };
    Regex::new(&format!(
        "^{start}{}",
        if start.is_empty() || collection.is_empty() {
            collection
        } else {
            format!("(?:{collection})")
        }
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_the_generators_match() {
        let matches = |pattern: Option<Regex>, path: &str| pattern.unwrap().is_match(path);
        assert!(matches(whole("/blog/**"), "/blog/a/b") && !matches(whole("/blog/**"), "/news/a"));
        assert!(
            matches(whole("{/a/*,/b/**}"), "/B/c/d") && !matches(whole("{/a/*,/b/**}"), "/a/c/d")
        );
        assert!(matches(below("notes"), "x/notes/a.md") && !matches(below("notes"), "x/notes.md"));
        assert!(matches(below("*.tmp.md"), "a/b.tmp.md") && matches(below("/a/b"), "a/b/c.md"));
        assert!(
            matches(for_jekyll("", "_posts/"), "x/_posts/a.md")
                && !matches(for_jekyll("", "_posts/"), "about.md")
        );
        assert!(
            matches(for_jekyll("private", ""), "private/a.md")
                && !matches(for_jekyll("private", ""), "privateer/a.md")
        );
        assert!(matches(for_jekyll("a", "_posts/"), "a/_posts/x.md") && whole("{a").is_none());
    }
}
