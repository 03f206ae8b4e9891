//! Cuts a body into text, code and template tags in one pass from left to right. Whatever begins first wins, so a
//! tag inside a code span is code, and a back-quote inside a tag's argument opens no span.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;

use super::dialect::{Dialect, Ends, Form, Tag};

/// How far a code span may reach, in bytes; bounds the search for its end.
const SPAN_LIMIT: usize = 32 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Range<usize>),
    Code(Range<usize>),
    /// What stands between a tag such as `raw` or `highlight` and its end; not searched for tags.
    Verbatim(Range<usize>),
    Tag(Tag),
}

struct Scanner<'a> {
    text: &'a str,
    dialect: Dialect,
    pieces: Vec<Piece>,
    /// Where the piece of text begins that is not pushed yet.
    text_start: usize,
    /// Tags whose end is nowhere in what follows; searching for it again would make the scan quadratic.
    never_closed: HashSet<String>,
    closers: HashMap<String, Regex>,
    ends: Ends,
}

pub(super) fn scan(text: &str, dialect: Dialect) -> Vec<Piece> {
    let mut scanner = Scanner {
        text,
        dialect,
        pieces: Vec::new(),
        text_start: 0,
        never_closed: HashSet::new(),
        closers: HashMap::new(),
        ends: Ends::default(),
    };
    scanner.run();
    scanner.pieces
}

impl Scanner<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut position = 0;
        let mut at_line_start = true;
        while position < bytes.len() {
            if at_line_start && let Some(end) = fence_end(self.text, position) {
                self.push(position, end, Piece::Code(position..end));
                position = end;
                continue;
            }
            at_line_start = bytes[position] == b'\n';
            position = match bytes[position] {
                b'\\' if matches!(bytes.get(position + 1), Some(b'`' | b'\\')) => position + 2,
                b'`' => self.code_span(position),
                b'{' => self.tag(position).unwrap_or(position + 1),
                _ => position + 1,
            };
        }
        self.push(bytes.len(), bytes.len(), Piece::Text(0..0));
        self.pieces.pop();
    }

    /// Pushes the text before `start`, then `piece`, which ends at `end`.
    fn push(&mut self, start: usize, end: usize, piece: Piece) {
        if self.text_start < start {
            self.pieces.push(Piece::Text(self.text_start..start));
        }
        self.pieces.push(piece);
        self.text_start = end;
    }

    fn code_span(&mut self, start: usize) -> usize {
        let run = run_length(self.text, start);
        match span_end(self.text, start + run, run) {
            Some(end) => {
                self.push(start, end, Piece::Code(start..end));
                end
            }
            None => start + run,
        }
    }

    fn tag(&mut self, start: usize) -> Option<usize> {
        let tag = self.dialect.tag(self.text, start, &mut self.ends)?;
        let end = tag.at.end;
        let verbatim = self.verbatim(&tag);
        self.push(start, end, Piece::Tag(tag));
        let Some(inner) = verbatim else {
            return Some(end);
        };
        self.push(inner.start, inner.end, Piece::Verbatim(inner.clone()));
        Some(inner.end)
    }

    fn verbatim(&mut self, tag: &Tag) -> Option<Range<usize>> {
        let pattern = closing_pattern(self.dialect, tag)?;
        if self.never_closed.contains(&tag.name) {
            return None;
        }
        if !self.closers.contains_key(&tag.name) {
            self.closers
                .insert(tag.name.clone(), Regex::new(&pattern).ok()?);
        }
        let closer = self.closers.get(&tag.name)?;
        match closer.find(&self.text[tag.at.end..]) {
            Some(found) => Some(tag.at.end..tag.at.end + found.start()),
            None => {
                self.never_closed.insert(tag.name.clone());
                None
            }
        }
    }
}

/// What closes a tag whose contents are verbatim; `None` for any other tag.
fn closing_pattern(dialect: Dialect, tag: &Tag) -> Option<String> {
    match (dialect, tag.form, tag.name.as_str()) {
        (Dialect::Hugo, Form::Open, "highlight" | "comment") => {
            Some(format!(r"\{{\{{[<%]\s*/\s*{}\s*[>%]\}}\}}", tag.name))
        }
        (
            Dialect::Liquid,
            Form::Open,
            "raw" | "highlight" | "comment" | "codeblock" | "code" | "blockquote" | "quote"
            | "pullquote",
        ) => Some(format!(r"\{{%-?\s*end{}\s*-?%\}}", tag.name)),
        _ => None,
    }
}

fn run_length(text: &str, start: usize) -> usize {
    text.as_bytes()[start..]
        .iter()
        .take_while(|byte| **byte == b'`')
        .count()
}

/// The end of the span that opened with `run` back-quotes; a blank line ends the paragraph and the search.
fn span_end(text: &str, from: usize, run: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let last = bytes.len().min(from + SPAN_LIMIT);
    let mut position = from;
    let mut line_is_blank = false;
    while position < last {
        match bytes[position] {
            b'`' => {
                let length = run_length(text, position);
                position += length;
                if length == run {
                    return Some(position);
                }
                line_is_blank = false;
                continue;
            }
            b'\n' if line_is_blank => return None,
            b'\n' => line_is_blank = true,
            b' ' | b'\t' | b'\r' => {}
            _ => line_is_blank = false,
        }
        position += 1;
    }
    None
}

/// When the line at `start` opens a fence: where the line behind the closing fence begins (or the text ends).
fn fence_end(text: &str, start: usize) -> Option<usize> {
    let (line, mut position) = line_at(text, start);
    let (sign, length) = fence(line)?;
    while position < text.len() {
        let (line, next) = line_at(text, position);
        position = next;
        let inside = line.trim_start_matches([' ', '\t', '>']).trim_end();
        if inside.len() >= length && inside.chars().all(|c| c == sign) {
            break;
        }
    }
    Some(position)
}

fn line_at(text: &str, start: usize) -> (&str, usize) {
    match text[start..].find('\n') {
        Some(length) => (&text[start..start + length], start + length + 1),
        None => (&text[start..], text.len()),
    }
}

/// Also behind quote and list marks. Indented ones count too: taking code for text would damage it, the reverse not.
fn fence(line: &str) -> Option<(char, usize)> {
    static OPENING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})([^\r\n]*)")
            .expect("a fixed pattern")
    });
    let found = OPENING.captures(line)?;
    let sign = found[1].chars().next()?;
    (sign == '~' || !found[2].contains('`')).then(|| (sign, found[1].len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, dialect: Dialect) -> Vec<(char, String)> {
        scan(text, dialect)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(at) => ('t', text[at].to_owned()),
                Piece::Code(at) => ('c', text[at].to_owned()),
                Piece::Verbatim(at) => ('v', text[at].to_owned()),
                Piece::Tag(tag) => ('x', tag.name),
            })
            .collect()
    }

    fn own(pairs: &[(char, &str)]) -> Vec<(char, String)> {
        pairs
            .iter()
            .map(|(kind, text)| (*kind, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn code_is_told_from_text() {
        assert_eq!(
            kinds("a `b` c", Dialect::None),
            own(&[('t', "a "), ('c', "`b`"), ('t', " c")])
        );
        assert_eq!(
            kinds("``a`b`` \\`c`", Dialect::None),
            own(&[('c', "``a`b``"), ('t', " \\`c`")])
        );
        assert_eq!(
            kinds("a `b\n\nc` d", Dialect::None),
            own(&[('t', "a `b\n\nc` d")])
        );
        assert_eq!(
            kinds("x\n```rs\ny\n````\nz", Dialect::None),
            own(&[('t', "x\n"), ('c', "```rs\ny\n````\n"), ('t', "z")])
        );
        assert_eq!(
            kinds("> - ~~~\n>   y\n>   ~~~\nz", Dialect::None),
            own(&[('c', "> - ~~~\n>   y\n>   ~~~\n"), ('t', "z")])
        );
        assert_eq!(
            kinds("```\nopen", Dialect::None),
            own(&[('c', "```\nopen")])
        );
        assert_eq!(kinds("", Dialect::None), own(&[]));
    }

    #[test]
    fn tags_are_found_outside_code_only() {
        assert_eq!(
            kinds("`{{< a >}}` {{< b x=`y` >}}", Dialect::Hugo),
            own(&[('c', "`{{< a >}}`"), ('t', " "), ('x', "b")])
        );
        assert_eq!(
            kinds("{% raw %}{{ a }}{% endraw %}", Dialect::Liquid),
            own(&[('x', "raw"), ('v', "{{ a }}"), ('x', "raw")])
        );
        assert_eq!(
            kinds("{%\n  highlight\n  ruby\n%}x", Dialect::Liquid),
            own(&[('x', "highlight"), ('t', "x")])
        );
        assert_eq!(
            kinds("{{ f(a=1) }} {{closure}} {% end %}", Dialect::Zola),
            own(&[('x', "f"), ('t', " {{closure}} "), ('x', "end")])
        );
        assert_eq!(kinds("{{< open", Dialect::Hugo), own(&[('t', "{{< open")]));
    }

    #[test]
    fn hostile_bodies_stay_linear() {
        for unit in ["{{<", "{% raw %}", "`a``", "{{", "{%", "``` ", "> ", "[!["] {
            let text = unit.repeat(200_000 / unit.len());
            for dialect in [Dialect::Hugo, Dialect::Liquid, Dialect::Zola] {
                let pieces = scan(&text, dialect);
                let length: usize = pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(at) | Piece::Code(at) | Piece::Verbatim(at) => at.len(),
                        Piece::Tag(tag) => tag.at.len(),
                    })
                    .sum();
                assert_eq!(length, text.len(), "{unit}");
            }
        }
    }
}
