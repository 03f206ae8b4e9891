//! Colours code: Sublime's grammars, but only the dozen classes that a stylesheet can use. syntect's own HTML has one
//! span per scope and is ten times as long.

mod budget;
mod expression;
mod grammar;
mod memory;
#[cfg(test)]
mod memory_tests;
mod parser;
mod plain;
#[cfg(test)]
mod plain_tests;
mod scopes;
mod search;
#[cfg(test)]
mod tests;
mod translation;
mod weights;

use std::sync::LazyLock;

use syntect::parsing::{Scope, ScopeStack};
use syntect::util::LinesWithEndings;

pub(super) use budget::Budget;
use budget::{GaveUp, Meter};
use grammar::{GRAMMARS, Grammar};
use parser::Parser;

use super::tags::escape_into;

const LINE_LIMIT_BYTES: usize = 2_000;
const BLOCK_LIMIT_BYTES: usize = 64 * 1024;
const BLOCK_LIMIT_LINES: usize = 2_000;

/// The classes that coloured code uses, with what each one marks. Everything else (operators,
/// brackets, plain names) has no span.
pub fn highlight_classes() -> &'static [(&'static str, &'static str)] {
    &[
        ("hl-c", "comment"),
        ("hl-s", "string"),
        ("hl-e", "escape or placeholder inside a string"),
        ("hl-n", "number"),
        ("hl-l", "built-in constant: true, null, nil"),
        ("hl-k", "keyword"),
        ("hl-f", "function name"),
        ("hl-t", "type name"),
        ("hl-g", "tag name in HTML and XML, heading in markup"),
        ("hl-a", "attribute name, key"),
        ("hl-v", "parameter, built-in variable"),
        ("hl-i", "added line in a diff"),
        ("hl-d", "removed line in a diff"),
    ]
}

/// Escaped code with spans; `None` if the language is unknown, a limit is passed or the grammar
/// fails, and the caller shows the code without colours.
pub(super) fn highlight(code: &str, language: &str, budget: &mut Budget) -> Option<String> {
    if code.len() > BLOCK_LIMIT_BYTES.min(budget.bytes) || code.lines().count() > BLOCK_LIMIT_LINES
    {
        return None;
    }
    let name = grammar_name(language)?;
    budget
        .spend(|meter| {
            let grammar = meter.uncounted(|| GRAMMARS.find(&name)).ok_or(GaveUp)?;
            colour(code, grammar, meter)
        })
        .inspect(|_| budget.bytes -= code.len())
}

fn colour(code: &str, grammar: &Grammar, meter: &mut Meter) -> Result<String, GaveUp> {
    let mut parser = meter
        .uncounted(|| Parser::new(&GRAMMARS, grammar))
        .ok_or(GaveUp)?;
    let mut stack = ScopeStack::new();
    let mut spans = Spans::default();
    for line in LinesWithEndings::from(code) {
        if line.len() > LINE_LIMIT_BYTES {
            spans.push(line, None);
        } else {
            colour_line(line, &mut parser, &mut stack, &mut spans, meter)?;
        }
    }
    Ok(spans.finish())
}

/// The name or extension of a grammar that a language goes by; `None` for plain text.
fn grammar_name(language: &str) -> Option<String> {
    let language = language.to_ascii_lowercase();
    let name = match language.as_str() {
        "" | "text" | "txt" | "plain" | "plaintext" | "none" => return None,
        "shell" | "console" | "shellsession" | "zsh" => "bash",
        "golang" => "go",
        "jsonc" | "json5" => "json",
        "docker" => "dockerfile",
        "csharp" => "cs",
        "cplusplus" => "cpp",
        "postgres" | "postgresql" | "mysql" | "sqlite" => "sql",
        other => other,
    };
    Some(name.to_owned())
}

fn colour_line(
    line: &str,
    parser: &mut Parser<'_>,
    stack: &mut ScopeStack,
    spans: &mut Spans,
    meter: &mut Meter,
) -> Result<(), GaveUp> {
    let mut at = 0;
    for (position, operation) in parser.line(line, meter)? {
        meter.check()?;
        if position > at {
            spans.push(line.get(at..position).ok_or(GaveUp)?, class(stack));
            at = position;
        }
        stack.apply(&operation).map_err(|_| GaveUp)?;
    }
    spans.push(line.get(at..).ok_or(GaveUp)?, class(stack));
    Ok(())
}

/// The class of the innermost scope that has one.
fn class(stack: &ScopeStack) -> Option<&'static str> {
    stack.as_slice().iter().rev().find_map(|scope| {
        CLASSES
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope))
            .map(|(_, class)| *class)
    })?
}

/// Looked through in order: the more special prefix has to stand first. `None` stops the search,
/// so that code inside a string (interpolation) is not coloured as string.
static CLASSES: LazyLock<Vec<(Scope, Option<&'static str>)>> = LazyLock::new(|| {
    [
        ("comment", Some("hl-c")),
        ("constant.character.escape", Some("hl-e")),
        ("constant.other.placeholder", Some("hl-e")),
        ("constant.numeric", Some("hl-n")),
        ("constant.language", Some("hl-l")),
        ("string", Some("hl-s")),
        ("keyword.operator.word", Some("hl-k")),
        ("keyword.operator", None),
        ("keyword", Some("hl-k")),
        ("storage", Some("hl-k")),
        ("entity.name.function", Some("hl-f")),
        ("support.function", Some("hl-f")),
        ("variable.function", Some("hl-f")),
        ("support.macro", Some("hl-f")),
        ("entity.name.macro", Some("hl-f")),
        ("entity.name.tag", Some("hl-g")),
        ("entity.name.section", Some("hl-g")),
        ("markup.heading", Some("hl-g")),
        ("entity.name", Some("hl-t")),
        ("entity.other.inherited-class", Some("hl-t")),
        ("support.type", Some("hl-t")),
        ("support.class", Some("hl-t")),
        ("entity.other.attribute-name", Some("hl-a")),
        ("variable.parameter", Some("hl-v")),
        ("variable.language", Some("hl-v")),
        ("markup.inserted", Some("hl-i")),
        ("markup.deleted", Some("hl-d")),
        ("meta.interpolation", None),
        ("meta.template.expression", None),
        ("meta.embedded", None),
        ("source", None),
    ]
    .into_iter()
    .filter_map(|(prefix, class)| Some((Scope::new(prefix).ok()?, class)))
    .collect()
});

/// Joins neighbours of one class into one span.
#[derive(Debug, Default)]
struct Spans {
    out: String,
    open: Option<&'static str>,
}

impl Spans {
    fn push(&mut self, text: &str, class: Option<&'static str>) {
        if text.is_empty() {
            return;
        }
        // White space has no colour: leaving it in the open span saves two tags per word.
        if class != self.open && !text.trim().is_empty() {
            self.close();
            if let Some(class) = class {
                self.out.push_str("<span class=\"");
                self.out.push_str(class);
                self.out.push_str("\">");
            }
            self.open = class;
        }
        escape_into(&mut self.out, text);
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.out.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.out
    }
}
