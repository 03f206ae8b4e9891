//! Where the dollars of a text stand that belong to no formula.

use std::collections::HashMap;

/// Where the dollars are that neither begin nor end a formula.
pub(super) fn plain_dollars(source: &str) -> Vec<usize> {
    let (mut plain, mut begin, mut at) = (Vec::new(), 0, 0);
    let mut ends_here = false;
    for line in source.split_inclusive('\n') {
        if at > begin && (ends_here || begins_block(line)) {
            Scan::of(source, begin, at).run(&mut plain);
            begin = at;
        }
        ends_here = is_heading(unquoted(line));
        at += line.len();
    }
    Scan::of(source, begin, at).run(&mut plain);
    plain
}

fn unquoted(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '>'])
}

/// Whether a line begins a block: no formula reaches over that border.
fn begins_block(line: &str) -> bool {
    let line = unquoted(line);
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = after_number.len() < line.len()
        && (after_number.starts_with(". ") || after_number.starts_with(") "));
    line.trim().is_empty()
        || is_number
        || is_heading(line)
        || ["```", "~~~", "- ", "* ", "+ "]
            .iter()
            .any(|begin| line.starts_with(begin))
}

fn is_heading(line: &str) -> bool {
    line.trim_start_matches('#').starts_with([' ', '\t', '\n'])
        && (1..=6).contains(&line.bytes().take_while(|b| *b == b'#').count())
}

/// One block, walked as comrak walks it: what is escaped or code is passed over.
struct Scan<'a> {
    text: &'a str,
    /// Where the block stands in the source.
    offset: usize,
    at: usize,
    /// Where the last run of so many backticks begins: whether a run can still be closed.
    last_ticks: HashMap<usize, usize>,
    no_code_formula: bool,
}

impl<'a> Scan<'a> {
    fn of(source: &'a str, begin: usize, end: usize) -> Self {
        let text = &source[begin..end];
        let mut scan = Self {
            text,
            offset: begin,
            at: 0,
            last_ticks: HashMap::new(),
            no_code_formula: false,
        };
        let mut at = 0;
        while let Some(found) = text[at..].find('`') {
            let length = scan.run_at(at + found, b'`');
            scan.last_ticks.insert(length, at + found);
            at += found + length;
        }
        scan
    }

    fn run(mut self, plain: &mut Vec<usize>) {
        if !self.text.contains('$') {
            return;
        }
        while let Some(found) = self.text[self.at..].find(['\\', '`', '$']) {
            self.at += found;
            match self.text.as_bytes()[self.at] {
                b'\\' => {
                    self.at += 1 + self.text[self.at + 1..]
                        .chars()
                        .next()
                        .map_or(0, char::len_utf8)
                }
                b'`' => self.code(),
                _ => self.dollars(plain),
            }
        }
    }

    fn run_at(&self, at: usize, sign: u8) -> usize {
        self.text.as_bytes()[at..]
            .iter()
            .take_while(|b| **b == sign)
            .count()
    }

    fn code(&mut self) {
        let length = self.run_at(self.at, b'`');
        let begin = self.at;
        self.at += length;
        if self
            .last_ticks
            .get(&length)
            .is_none_or(|last| *last <= begin)
        {
            return;
        }
        let mut at = self.at;
        while let Some(found) = self.text[at..].find('`') {
            let closing = self.run_at(at + found, b'`');
            at += found + closing;
            if closing == length {
                self.at = at;
                return;
            }
        }
    }

    fn dollars(&mut self, plain: &mut Vec<usize>) {
        let begin = self.at;
        let length = self.run_at(begin, b'$');
        let end = if length == 1 && self.text[begin + 1..].starts_with('`') {
            self.code_formula_end()
        } else if length <= 2 && self.may_begin(length) {
            self.formula_end(length)
        } else {
            None
        };
        if end.is_none() {
            plain.extend((begin..begin + length).map(|at| self.offset + at));
        }
        self.at = end.unwrap_or(begin + length);
    }

    /// The form that is never a price: a dollar, a backtick, the formula, a backtick, a dollar.
    fn code_formula_end(&mut self) -> Option<usize> {
        if self.no_code_formula {
            return None;
        }
        let from = self.at + 2;
        let end = self.text[from..].find("`$").map(|found| from + found + 2);
        self.no_code_formula = end.is_none();
        end
    }

    /// Not where a word or a bracket ends, as in `US$5` and `${a}${b}`.
    fn may_begin(&self, length: usize) -> bool {
        let before = self.text[..self.at].chars().next_back();
        let after = self.text[self.at + length..].chars().next();
        before.is_none_or(|c| !is_word(c) && !matches!(c, ')' | ']' | '}'))
            && (length == 2 || after.is_some_and(|c| !c.is_whitespace()))
    }

    /// The next dollars have to end the formula: `$HOME and $x$` is a variable and a formula.
    fn formula_end(&self, length: usize) -> Option<usize> {
        let from = self.at + length;
        let mut at = from;
        loop {
            at += self.text[at..].find('$')?;
            let found = self.run_at(at, b'$');
            let inner = &self.text[from..at];
            if length == 1 && inner.ends_with('\\') || length == 2 && found == 1 {
                at += 1;
                continue;
            }
            let fits = found == length && may_end(&self.text[at + found..]);
            let is_inline = !inner.ends_with(char::is_whitespace) && !is_code(inner);
            return (fits && (length == 2 || is_inline)).then_some(at + found);
        }
    }
}

/// Not where a word or a bracket begins, as in `/$USER` and `:$(pwd)`. A footnote may follow a formula.
fn may_end(after: &str) -> bool {
    let Some(next) = after.chars().next() else {
        return true;
    };
    !is_word(next)
        && !matches!(next, '(' | '{' | '`' | '#' | '@' | '^')
        && (next != '[' || after.starts_with("[^"))
}

/// Straight quotes and backticks belong to programs, as in `$("a").text("$")`; a formula that holds them has commands too.
fn is_code(inner: &str) -> bool {
    (inner.contains(['"', '`']) || inner.starts_with("('")) && !inner.contains('\\')
}

/// Latin letters and all digits. Other scripts put formulas beside words without a blank, and name no variables.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_numeric() || matches!(c, '\u{c0}'..='\u{24f}')
}
