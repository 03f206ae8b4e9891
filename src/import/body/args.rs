//! The arguments of shortcodes and tags, and safe Markdown made from them.

/// `name="x"`, `name: "x"`, `name=x` and bare values, in any mixture.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Args {
    named: Vec<(String, String)>,
    plain: Vec<String>,
}

impl Args {
    pub(super) fn parse(text: &str) -> Self {
        let mut args = Self::default();
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() {
                return args;
            }
            rest = match name(rest) {
                Some((name, written)) => {
                    let (value, after) = value(written);
                    args.named.push((name.to_ascii_lowercase(), value));
                    after
                }
                None => {
                    let (value, after) = value(rest);
                    args.plain.push(value);
                    after
                }
            };
        }
    }

    /// The first of `names` that has text.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|wanted| {
            let (_, value) = self.named.iter().find(|(name, _)| name == wanted)?;
            Some(value.trim()).filter(|value| !value.is_empty())
        })
    }

    pub(super) fn at(&self, index: usize) -> Option<&str> {
        self.plain
            .get(index)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn plain(&self) -> &[String] {
        &self.plain
    }
}

/// The name that an argument begins with, and what stands behind its sign: `=`, or `:` before a quoted value.
fn name(text: &str) -> Option<(&str, &str)> {
    if text.starts_with(is_quote) {
        return None;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | ','))
        .unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let after = after.trim_start();
    let is_name = !name.is_empty()
        && (after.starts_with('=')
            || (after.starts_with(':') && after[1..].trim_start().starts_with(is_quote)));
    is_name.then(|| (name, after[1..].trim_start()))
}

/// The value at the start of the text, and what follows it.
fn value(text: &str) -> (String, &str) {
    match text.chars().next().filter(|c| is_quote(*c)) {
        Some(quote) => quoted(text, quote),
        None => bare(text),
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”')
}

fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut value = String::new();
    let mut signs = text.char_indices().skip(1);
    while let Some((index, sign)) = signs.next() {
        match sign {
            '\\' if quote == '"' => match signs.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => value.push('\\'),
            },
            _ if closes(sign, quote) => return (value, &text[index + sign.len_utf8()..]),
            _ => value.push(sign),
        }
    }
    (value, "")
}

fn closes(sign: char, quote: char) -> bool {
    if matches!(quote, '“' | '”') {
        matches!(sign, '“' | '”')
    } else {
        sign == quote
    }
}

/// Up to a blank, or to a comma with a blank behind it, so that an address may hold commas. Takes at least one sign.
fn bare(text: &str) -> (String, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    (word.trim_end_matches(',').to_owned(), after)
}

/// An address as a link's destination: what would end it early is percent-encoded.
pub(in crate::import) fn destination(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for sign in address.trim().chars() {
        match sign {
            ' ' => out.push_str("%20"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            sign if sign.is_whitespace() || sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

/// Text for between square brackets.
pub(super) fn label(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

pub(super) fn link(text: &str, address: &str) -> String {
    format!("[{}]({})", label(text), destination(address))
}

pub(super) fn image(address: &str, alt: &str, title: Option<&str>) -> String {
    let title = title.map_or_else(String::new, |title| {
        let one_line = title.split_whitespace().collect::<Vec<_>>().join(" ");
        format!(
            " \"{}\"",
            one_line.replace('\\', "\\\\").replace('"', "\\\"")
        )
    });
    format!("![{}]({}{})", label(alt), destination(address), title)
}

/// Text as a fenced code block whose fence is longer than any run of back-quotes in it.
pub(super) fn fenced(language: &str, inner: &str) -> String {
    let longest = inner.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let language: String = language
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '+' | '-' | '#' | '_' | '.'))
        .collect();
    format!(
        "\n{fence}{language}\n{}\n{fence}\n",
        inner.trim_matches(['\r', '\n'])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_each_form_are_read() {
        let args =
            Args::parse(r#"a="one \"two\"" B='x' c: "y" d=4, https://example.org/a,b "last""#);
        assert_eq!(args.get(&["a"]), Some("one \"two\""));
        assert_eq!(args.get(&["b"]), Some("x"));
        assert_eq!(args.get(&["none", "c"]), Some("y"));
        assert_eq!(args.get(&["d"]), Some("4"));
        assert_eq!(args.plain(), ["https://example.org/a,b", "last"]);
        assert_eq!(Args::parse("\"open").plain(), ["open"]);
        assert_eq!(Args::parse("= : ,=").plain(), ["=", ":", "="]);
    }

    #[test]
    fn made_markdown_cannot_be_broken_out_of() {
        assert_eq!(link("a]b", "x (y)"), "[a\\]b](x%20%28y%29)");
        assert_eq!(
            image("p.png", "a\nb", Some("say \"x\"")),
            "![a b](p.png \"say \\\"x\\\"\")"
        );
        assert_eq!(
            fenced("rust", "\nlet a = \"```\";\n"),
            "\n````rust\nlet a = \"```\";\n````\n"
        );
    }
}
