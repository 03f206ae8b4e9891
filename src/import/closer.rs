//! Where a block of front matter ends.

use super::notation::Notation;
use super::opening::is_blank;
use super::value::ParseError;

/// The block and the body; the first line opens the block.
pub(super) fn closed<'a>(
    text: &'a str,
    closers: &[char],
    notation: Notation,
) -> Result<(&'a str, &'a str), ParseError> {
    let (_, after_first) = cut_line(text);
    find_closer(after_first, closers, notation == Notation::Yaml)
        .or_else(|| find_indented_closer(after_first, closers))
        .ok_or_else(|| {
            let closer = closers[0].to_string().repeat(3);
            ParseError::at(
                1,
                format!("the front matter that opens here is never closed by a line {closer}"),
            )
        })
}

/// The block above the closing line, and what follows: Hugo takes what stands behind the sign for text.
pub(super) fn find_closer<'a>(
    text: &'a str,
    closers: &[char],
    yaml_end: bool,
) -> Option<(&'a str, &'a str)> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        let block = &text[..text.len() - rest.len()];
        if yaml_end && line.trim_end_matches(is_blank) == "..." {
            return Some((block, after));
        }
        if let Some(behind) = closers.iter().find_map(|sign| behind_closer(line, *sign)) {
            let body = if behind.trim_matches(is_blank).is_empty() {
                after
            } else {
                &rest[line.len() - behind.len()..]
            };
            return Some((block, body));
        }
        rest = after;
    }
    None
}

/// What follows three or more of the sign on a line that begins with them.
fn behind_closer(line: &str, sign: char) -> Option<&str> {
    let behind = line.trim_start_matches(sign);
    (line.len() - behind.len() >= 3).then_some(behind)
}

fn find_indented_closer<'a>(text: &'a str, closers: &[char]) -> Option<(&'a str, &'a str)> {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        let sign = line.trim_matches(is_blank);
        if sign.len() >= 3
            && closers
                .iter()
                .any(|closer| sign.chars().all(|c| c == *closer))
        {
            return Some((&text[..text.len() - rest.len()], after));
        }
        rest = after;
    }
    None
}

pub(super) fn cut_line(text: &str) -> (&str, &str) {
    match text.find('\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}
