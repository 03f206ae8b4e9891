//! Colours, and what is left plain.

use std::time::Duration;

use syntect::parsing::ParseState;

use super::*;

fn coloured(code: &str, language: &str) -> Option<String> {
    highlight(code, language, &mut Budget::of_post())
}

#[test]
fn rust_gets_short_classes() {
    let html = coloured("fn main() { let x = \"a\\n<\"; } // end\n", "rust").unwrap();
    assert!(
        html.contains("<span class=\"hl-k\">fn </span><span class=\"hl-f\">main</span>"),
        "{html}"
    );
    assert!(html.contains("<span class=\"hl-e\">\\n</span>"), "{html}");
    assert!(html.contains("&lt;"), "{html}");
    assert!(
        html.contains("<span class=\"hl-c\">// end\n</span>"),
        "{html}"
    );
}

#[test]
fn every_class_in_use_is_listed() {
    let listed: Vec<_> = highlight_classes()
        .iter()
        .map(|(class, _)| *class)
        .collect();
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
        assert!(
            grammar_name(language)
                .and_then(|name| GRAMMARS.find(&name))
                .is_some(),
            "{language}"
        );
    }
    assert!(grammar_name("text").is_none());
    assert!(GRAMMARS.find("no-such-language").is_none());
}

#[test]
fn limits_leave_code_plain() {
    assert!(coloured(&"x\n".repeat(2_001), "rust").is_none());
    assert!(coloured(&"x".repeat(65 * 1024), "rust").is_none());
    let long = format!("let a = {};\nlet b = 1;\n", "1+".repeat(1_500));
    let html = coloured(&long, "rust").unwrap();
    assert!(html.starts_with("let a = 1+1"), "{}", &html[..40]);
    assert!(
        html.contains("<span class=\"hl-k\">let"),
        "the short line is coloured"
    );
    let mut budget = Budget {
        bytes: 10,
        ..Budget::of_post()
    };
    assert!(highlight("let a = 1;\n", "rust", &mut budget).is_none());
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

/// Lines that took seconds when only the time between two lines was looked at.
const SLOW: &[(&str, &str, &str)] = &[
    ("scss", "", " "),
    ("cpp", "a = ", "a::"),
    ("cs", "a(", "_a"),
    ("cs", "a ", "a("),
    ("tsx", "", "("),
    ("d", "a ", "a='"),
    ("php source", "", "(a"),
    ("scala", "class A ", "@"),
    ("haskell", "", "a::"),
];

fn line_of(prefix: &str, part: &str) -> String {
    format!(
        "{prefix}{}\n",
        part.repeat((LINE_LIMIT_BYTES - prefix.len() - 1) / part.len())
    )
}

#[test]
fn a_line_is_given_up_in_the_middle() {
    // A letter that is not ASCII: the expressions themselves are searched for, with steps back.
    for (language, prefix, part) in [("d", "a ", "a='"), ("php source", "é", "(a")] {
        let mut budget = Budget::with_cpu(Duration::from_millis(5));
        assert_eq!(
            highlight(&line_of(prefix, part), language, &mut budget),
            None,
            "{language}"
        );
        assert_eq!(
            highlight("let a = 1;\n", "rust", &mut budget),
            None,
            "nothing is left for the next block"
        );
    }
}

#[test]
fn slow_lines_cost_a_text_its_colours_at_most() {
    for (language, prefix, part) in SLOW {
        let line = line_of(prefix, part);
        let html = crate::markdown::comment(&format!("```{language}\n{line}```\n\n*said*"))
            .unwrap()
            .html;
        assert!(html.contains("<em>said</em>"), "{language}");
    }
}

#[test]
fn compiling_a_grammar_costs_a_text_nothing() {
    // Any grammar takes longer to compile than this; an empty line of it does not take longer to read.
    for grammar in GRAMMARS.iter().take(40) {
        let mut budget = Budget::with_cpu(Duration::from_millis(20));
        assert!(
            highlight("\n", &grammar.name, &mut budget).is_some(),
            "{}",
            grammar.name
        );
    }
}

/// Our parser against syntect's, for every grammar in `make prove`: compiling all of them twice takes a minute.
#[test]
fn prove_scopes_are_those_of_syntect() {
    let bundled = two_face::syntax::extra_newlines();
    let samples = [
        include_str!("parser.rs").lines().take(60).collect::<Vec<_>>().join("\n"),
        "<?php if ($a && b) { `x ${y}` } \"\"\" # 'é\n\t<b a='c'>\n<<<EOT\n$x\nEOT;\n".to_owned(),
        "cat <<'END' | x\n$a `b`\nEND\nr#\"a\"#; [[x]] {{y}} %q(z) --[==[ a ]==]\n".to_owned(),
        "class A < B\n  def f(x = 1, *y): # c\n    return \"#{x}\" /* d */ // e\n\nkey: [1, 'two', true]\n".to_owned(),
        "# Head\n\n```rust\nfn a() {}\n```\n\n- *x* `y` [z](w)\n\n---\n".to_owned(),
        ".a > b:hover { color: #fff; margin: -1.5em } @media (x) { $y: z; }\n".to_owned(),
    ];
    let all = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    for (theirs, ours) in bundled
        .syntaxes()
        .iter()
        .zip(GRAMMARS.iter())
        .step_by(if all { 1 } else { 16 })
    {
        assert_eq!(theirs.name, ours.name);
        for sample in &samples {
            let mut reference = ParseState::new(theirs);
            let mut parser = Parser::new(&GRAMMARS, ours).unwrap();
            for line in LinesWithEndings::from(sample) {
                let expected = reference.parse_line(line, &bundled).unwrap();
                let found = Budget::of_post().spend(|meter| parser.line(line, meter));
                assert_eq!(found.as_ref(), Some(&expected), "{}: {line}", ours.name);
            }
        }
    }
}
