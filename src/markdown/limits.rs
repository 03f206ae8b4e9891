//! Refuses texts that would cost far more than their size, before or while they do.
//!
//! comrak and html5ever walk all open containers for each line or tag, so nesting costs depth times
//! length. Both depths are therefore capped up front, and a limit of CPU time stops what a new trick
//! gets past.

use std::collections::HashMap;

use super::error::RenderError;

/// Signs of quotes that one line may open.
const QUOTE_LIMIT: usize = 100;
/// Open HTML elements, the ones that end by themselves (`p`, `li`, `td` …) not counted.
const DEPTH_LIMIT: usize = 200;
/// Signs in one tag that can separate attributes. html5ever compares each attribute with all
/// before it; an alternative text of several hundred words still passes.
const SEPARATOR_LIMIT: usize = 2_000;
/// HTML elements of one text; each costs some microseconds in the parser. A megabyte of ordinary
/// prose with lists and tables has 100,000.
const ELEMENT_LIMIT: usize = 150_000;

/// Checks the size and how many quotes each line opens.
pub(super) fn source(source: &str, limit_bytes: usize) -> Result<(), RenderError> {
    if source.len() > limit_bytes {
        return Err(RenderError::TooLong { limit_bytes });
    }
    for (index, line) in source.split(['\n', '\r']).enumerate() {
        let quotes = line
            .bytes()
            .take_while(|b| b" \t>-+*0123456789.)".contains(b))
            .filter(|b| *b == b'>')
            .count();
        if quotes > QUOTE_LIMIT {
            return Err(RenderError::QuotesTooDeep {
                line: index + 1,
                limit: QUOTE_LIMIT,
            });
        }
    }
    Ok(())
}

/// The line where the part between two empty lines begins that has the most signs with a meaning: where a text that
/// took too long did so.
pub(super) fn densest_part(source: &str) -> usize {
    let (mut densest, mut most, mut begin, mut signs) = (1, 0, 1, 0);
    for (index, line) in source.split('\n').enumerate() {
        if line.trim().is_empty() {
            (begin, signs) = (index + 2, 0);
        }
        signs += line.bytes().filter(u8::is_ascii_punctuation).count();
        if signs > most {
            (densest, most) = (begin, signs);
        }
    }
    densest
}

/// Checks the number of headings before they are written: each one is ten times its source.
pub(super) fn headings(count: usize) -> Result<(), RenderError> {
    if count > ELEMENT_LIMIT / 10 {
        return Err(RenderError::TooManyElements {
            limit: ELEMENT_LIMIT,
        });
    }
    Ok(())
}

/// Checks how many elements unsanitised HTML has and how deep they nest. An end tag counts only if
/// its element is open, so stray end tags cannot hide open ones. `tokens` stand for elements that
/// come later.
pub(super) fn elements(html: &str, tokens: usize) -> Result<(), RenderError> {
    let mut nesting = Nesting::default();
    // Start and end tags count one each, a token counts as both.
    let mut count = 2 * tokens;
    for after in html.split('<').skip(1) {
        let is_end = after.starts_with('/');
        let after = after.strip_prefix('/').unwrap_or(after);
        let Some(name) = element(after) else { continue };
        count += 1;
        if count > 2 * ELEMENT_LIMIT {
            return Err(RenderError::TooManyElements {
                limit: ELEMENT_LIMIT,
            });
        }
        tag_length(after)?;
        nesting.take(name, is_end, after)?;
    }
    Ok(())
}

/// The name of the element whose tag begins here; `None` where text does.
fn element(after: &str) -> Option<String> {
    let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = after[..length].to_ascii_lowercase();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

/// The elements that are open, by name.
#[derive(Default)]
struct Nesting {
    open: HashMap<String, usize>,
    depth: usize,
}

impl Nesting {
    fn take(&mut self, name: String, is_end: bool, after: &str) -> Result<(), RenderError> {
        if ends_by_itself(&name) {
            return Ok(());
        }
        let open = self.open.entry(name).or_default();
        if !is_end {
            *open += 1;
            self.depth += 1;
        } else if *open > 0 {
            *open -= 1;
            self.depth -= 1;
        }
        if self.depth > DEPTH_LIMIT {
            return Err(RenderError::TooDeep {
                limit: DEPTH_LIMIT,
                element: short(after),
            });
        }
        Ok(())
    }
}

/// `after` begins with the name of the tag.
fn tag_length(after: &str) -> Result<(), RenderError> {
    let tag = after.split('>').next().unwrap_or(after);
    let separates = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\x0c' | b'/' | b'"' | b'\'');
    if tag.bytes().filter(separates).count() > SEPARATOR_LIMIT {
        return Err(RenderError::TagTooLong {
            element: short(after),
            limit: SEPARATOR_LIMIT,
        });
    }
    Ok(())
}

/// The name at the beginning of a tag, as far as a sentence can hold it.
fn short(tag: &str) -> String {
    tag.chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(20)
        .collect()
}

/// Elements without content, and elements that HTML lets authors leave open: the parser closes
/// them when the next one comes.
fn ends_by_itself(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "thead"
            | "tbody"
            | "tfoot"
            | "colgroup"
            | "option"
            | "optgroup"
            | "rt"
            | "rp"
    )
}

/// The longest post source, in bytes.
pub const POST_LIMIT_BYTES: usize = 1024 * 1024;

/// The longest comment source, in bytes.
pub const COMMENT_LIMIT_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::super::rescans::text_runs;
    use super::*;

    #[test]
    fn quotes_are_counted_per_line() {
        assert!(source(&"> ".repeat(100), 1000).is_ok());
        let deep = format!("fine\n- {}", "> ".repeat(101));
        assert_eq!(
            source(&deep, 1000),
            Err(RenderError::QuotesTooDeep {
                line: 2,
                limit: 100
            })
        );
        assert!(source(&format!("a {}", ">".repeat(500)), 1000).is_ok());
        assert_eq!(
            source("12345", 4),
            Err(RenderError::TooLong { limit_bytes: 4 })
        );
    }

    #[test]
    fn only_what_stays_open_counts() {
        assert!(elements(&"<div><b>x</b></div>".repeat(500), 0).is_ok());
        assert!(elements(&"<p>x<li>y<br><img>".repeat(500), 0).is_ok());
        assert!(elements(&"a < b <1 ".repeat(500), 0).is_ok());
        assert!(elements(&"<DIV><div></x></span>".repeat(150), 0).is_err());
        assert!(elements(&format!("<p {}>", "b ".repeat(3000)), 0).is_err());
    }

    #[test]
    fn signs_that_are_scanned_again_are_limited_per_run() {
        assert!(text_runs(&"&amp;".repeat(50_000)).is_err());
        assert!(text_runs(&"\u{a7}".repeat(50_000)).is_err());
        assert!(text_runs(&"&amp;<p>§</p>".repeat(50_000)).is_ok());
        assert!(text_runs(&"&lt;&amp;".repeat(50_000)).is_ok());
        assert!(text_runs(&"é".repeat(500_000)).is_ok());
    }

    #[test]
    fn what_is_refused_says_where() {
        assert_eq!(densest_part("one\n\ntwo\n***[[[\n[[[\n\nthree *a*\n"), 3);
        assert_eq!(densest_part(""), 1);
        let dense = format!("<p>fine</p><p>Tom &amp; {}</p>", "\u{a7}".repeat(50_000));
        let error = text_runs(&dense).unwrap_err();
        assert!(
            matches!(&error, RenderError::TooManySigns { start } if start.starts_with("Tom & §")),
            "{error:?}"
        );
    }
}
