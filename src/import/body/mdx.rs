//! MDX: components give way to what they enclose, imports and comments go. Expressions in ordinary elements stay.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::args::Args;
use super::known;
use super::known::Made;
use super::prose::in_text;
use crate::import::warnings::Warnings;

/// How far the end of a component's opening tag may be from its start, in bytes.
const TAG_LIMIT: usize = 4 * 1024;

/// A component at the start of a line outside code. Names all in capitals are HTML of the old days.
pub(super) fn is_likely(body: &str) -> bool {
    static COMPONENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^<[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(?:\s|/?>)").expect("a fixed pattern")
    });
    let mut found = false;
    in_text(body, |part| {
        found |= COMPONENT.is_match(part);
        String::new()
    });
    found
}

static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^(?:import\s+(?:[^'"\n]+\s+from\s+)?['"][^'"\n]+['"];?|export\s+(?:const|let|default|function)\b[^\n]*)[ \t]*\r?\n?"#)
        .expect("a fixed pattern")
});
static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[ \t]*\{/\*[^*]*\*/\}").expect("a fixed pattern"));

pub(super) fn replace(body: &str, warnings: &mut Warnings) -> String {
    // Opened in one stretch of text, closed in another: code between them parts the stretches.
    let mut opened: HashSet<String> = HashSet::new();
    in_text(body, |part| {
        let imports = IMPORT.find_iter(part).count();
        if imports > 0 {
            warnings.add("an import or export line of MDX was removed");
        }
        let part = IMPORT.replace_all(part, "");
        if COMMENT.is_match(&part) {
            warnings.add("comments of MDX were removed");
        }
        components(&COMMENT.replace_all(&part, ""), &mut opened, warnings)
    })
}

fn components(text: &str, opened: &mut HashSet<String>, warnings: &mut Warnings) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^[ ]{0,3}<([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(?:\.[A-Za-z]+)?)|</([A-Z][A-Za-z0-9.]*)\s*>")
            .expect("a fixed pattern")
    });
    let mut out = String::with_capacity(text.len());
    let mut position = 0;
    while let Some(found) = TAG.captures_at(text, position) {
        let whole = found.get_match();
        out.push_str(&text[position..whole.start()]);
        position = whole.end();
        if let Some(name) = found.get(2) {
            if !opened.contains(name.as_str()) {
                out.push_str(whole.as_str());
            }
            continue;
        }
        let name = &found[1];
        match tag_end(text, position) {
            Some(end) => {
                let arguments = text[position..end].trim_end_matches(['>', '/']);
                component(
                    name,
                    arguments,
                    text[..end].ends_with("/>"),
                    &mut out,
                    warnings,
                );
                opened.insert(name.to_owned());
                position = end;
            }
            None => out.push_str(whole.as_str()),
        }
    }
    out.push_str(&text[position..]);
    out
}

fn component(
    name: &str,
    arguments: &str,
    is_single: bool,
    out: &mut String,
    warnings: &mut Warnings,
) {
    let args = Args::parse(arguments);
    let named = args.get(&["title", "url", "href", "src"]).is_some();
    match known::make(name, &args) {
        Made::Markdown(markdown, became) if is_single || named => {
            warnings.add(format!("the component <{name}> {became}"));
            out.push_str(&markdown);
        }
        _ if is_single => warnings.add(format!(
            "the component <{name}> was removed: it has no counterpart here"
        )),
        _ => warnings.add(format!(
            "the component <{name}> was removed, what it enclosed was kept"
        )),
    }
}

/// Behind the `>` that ends the tag, passing over quoted values and braces.
fn tag_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut braces = 0_usize;
    for (index, byte) in bytes.iter().enumerate().skip(start).take(TAG_LIMIT) {
        match (quote, byte) {
            (Some(open), byte) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'{') => braces += 1,
            (None, b'}') => braces = braces.saturating_sub(1),
            (None, b'>') if braces == 0 => return Some(index + 1),
            (None, b'<') if braces == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(body: &str) -> String {
        replace(body, &mut Warnings::default())
    }

    #[test]
    fn components_give_way_to_their_contents() {
        for (body, want) in [
            ("import A from './a';\nText", "Text"),
            ("<Intro>\n\nHi\n\n</Intro>\n", "\n\nHi\n\n\n"),
            ("## Head {/*head*/}\n", "## Head\n"),
            (
                "<Note>\n\n```js\nimport A from 'a'\n<B/>\n```\n\n</Note>",
                "\n\n```js\nimport A from 'a'\n<B/>\n```\n\n",
            ),
            (
                "<Card title=\"T\" url=\"https://e.org\">\nx\n</Card>",
                "[T](https://e.org)\nx\n",
            ),
            ("<Thing a={{ b: '>' }} />after", "after"),
            ("a Vec<String> and <Odd", "a Vec<String> and <Odd"),
            (
                "<div className=\"x\">y</div>",
                "<div className=\"x\">y</div>",
            ),
            ("</Other>", "</Other>"),
        ] {
            assert_eq!(run(body), want, "{body:?}");
        }
    }

    #[test]
    fn only_real_components_make_a_file_mdx() {
        assert!(is_likely("x\n<Intro>\n"));
        assert!(!is_likely(
            "<P>old</P>\n<IMG SRC=x>\n`<Intro>`\n```\n<Intro>\n```\n"
        ));
    }
}
