//! Colours code: syntect's grammars, but only the dozen classes that a stylesheet can use.
//! syntect's own HTML has one span per scope and is ten times as long.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::limits::Deadline;
use super::tags::escape_into;

const LINE_LIMIT_BYTES: usize = 2_000;
const BLOCK_LIMIT_BYTES: usize = 64 * 1024;
const BLOCK_LIMIT_LINES: usize = 2_000;
/// Over all blocks of one text; a megabyte of code in small blocks would take seconds.
const TEXT_LIMIT_BYTES: usize = 128 * 1024;

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

/// How much of one text may still be coloured.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(TEXT_LIMIT_BYTES)
    }
}

/// Escaped code with spans; `None` if the language is unknown, a limit is passed or the grammar
/// fails, and the caller shows the code without colours.
pub(super) fn highlight(code: &str, language: &str, budget: &mut Budget, deadline: Deadline) -> Option<String> {
    if code.len() > BLOCK_LIMIT_BYTES.min(budget.0) || code.lines().count() > BLOCK_LIMIT_LINES {
        return None;
    }
    let syntax = find_syntax(language)?;
    budget.0 -= code.len();
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut spans = Spans::default();
    for line in LinesWithEndings::from(code) {
        if deadline.is_over() {
            return None;
        }
        if line.len() > LINE_LIMIT_BYTES {
            spans.push(line, None);
            continue;
        }
        colour_line(line, &mut state, &mut stack, &mut spans)?;
    }
    Some(spans.finish())
}

fn find_syntax(language: &str) -> Option<&'static SyntaxReference> {
    let name = match language.to_ascii_lowercase().as_str() {
        "" | "text" | "txt" | "plain" | "plaintext" | "none" => return None,
        "shell" | "console" | "shellsession" | "zsh" => "bash".to_owned(),
        "golang" => "go".to_owned(),
        "jsonc" | "json5" => "json".to_owned(),
        "docker" => "dockerfile".to_owned(),
        "csharp" => "cs".to_owned(),
        "cplusplus" => "cpp".to_owned(),
        "postgres" | "postgresql" | "mysql" | "sqlite" => "sql".to_owned(),
        other => other.to_owned(),
    };
    SYNTAXES.find_syntax_by_token(&name)
}

// A grammar is compiled when it is first used, which that one save pays for. Compiling the sixteen common
// ones at start took 90 MB of every idle site instead.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

fn colour_line(line: &str, state: &mut ParseState, stack: &mut ScopeStack, spans: &mut Spans) -> Option<()> {
    let operations = state.parse_line(line, &SYNTAXES).ok()?;
    let mut at = 0;
    for (position, operation) in &operations {
        if *position > at {
            spans.push(line.get(at..*position)?, class(stack));
            at = *position;
        }
        stack.apply(operation).ok()?;
    }
    spans.push(line.get(at..)?, class(stack));
    Some(())
}

/// The class of the innermost scope that has one.
fn class(stack: &ScopeStack) -> Option<&'static str> {
    stack
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| CLASSES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, class)| *class))?
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

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(code: &str, language: &str) -> Option<String> {
        highlight(code, language, &mut Budget::default(), Deadline::start())
    }

    #[test]
    fn rust_gets_short_classes() {
        let html = coloured("fn main() { let x = \"a\\n<\"; } // end\n", "rust").unwrap();
        assert!(html.contains("<span class=\"hl-k\">fn </span><span class=\"hl-f\">main</span>"), "{html}");
        assert!(html.contains("<span class=\"hl-e\">\\n</span>"), "{html}");
        assert!(html.contains("&lt;"), "{html}");
        assert!(html.contains("<span class=\"hl-c\">// end\n</span>"), "{html}");
    }

    #[test]
    fn every_class_in_use_is_listed() {
        let listed: Vec<_> = highlight_classes().iter().map(|(class, _)| *class).collect();
        for class in CLASSES.iter().filter_map(|(_, class)| *class) {
            assert!(listed.contains(&class), "{class}");
        }
        assert_eq!(CLASSES.len(), 31);
    }

    #[test]
    fn common_names_of_languages_are_known() {
        for language in [
            "rs",
            "Rust",
            "js",
            "tsx",
            "py",
            "python",
            "shell",
            "c++",
            "yml",
            "toml",
            "html",
            "sql",
            "dockerfile",
            "diff",
            "go",
            "kotlin",
            "swift",
            "nix",
            "zig",
        ] {
            assert!(find_syntax(language).is_some(), "{language}");
        }
        assert!(find_syntax("text").is_none());
        assert!(find_syntax("no-such-language").is_none());
    }

    #[test]
    fn limits_leave_code_plain() {
        assert!(coloured(&"x\n".repeat(2_001), "rust").is_none());
        assert!(coloured(&"x".repeat(65 * 1024), "rust").is_none());
        let long = format!("let a = {};\nlet b = 1;\n", "1+".repeat(1_500));
        let html = coloured(&long, "rust").unwrap();
        assert!(html.starts_with("let a = 1+1"), "{}", &html[..40]);
        assert!(html.contains("<span class=\"hl-k\">let"), "the short line is coloured");
        let mut budget = Budget(10);
        assert!(highlight("let a = 1;\n", "rust", &mut budget, Deadline::start()).is_none());
    }

    #[test]
    fn text_without_spans_is_the_code() {
        let spans = regex::Regex::new("</?span[^>]*>").unwrap();
        for language in ["rust", "python", "html", "js", "bash", "php"] {
            let code = "<?php if (a && b) { `x ${y}` } \"\"\" # 'é\n\t<b a='c'>\n";
            let html = coloured(code, language).unwrap();
            let text = spans.replace_all(&html, "");
            assert_eq!(crate::markdown::tags::decode(&text), code, "{language}");
        }
    }
}
