//! Tags whose contents are not searched: code, quotations and comments.

use super::args;
use super::args::Args;
use super::dialect::Tag;
use super::tags::Writer;

impl<'a> Writer<'a, '_> {
    /// The whole of a pair whose contents are not searched. False when the tags are to be treated one by one.
    pub(super) fn verbatim(&mut self, tag: &Tag, inner: &str) -> bool {
        let arguments = self.arguments(tag);
        let args = Args::parse(arguments);
        let made = match tag.name.as_str() {
            "raw" => inner.to_owned(),
            "comment" => {
                self.warnings.add("a template comment was removed");
                String::new()
            }
            "highlight" | "codeblock" | "code" => self.code_block(&tag.name, &args, inner),
            "blockquote" | "quote" | "pullquote" => {
                self.warnings
                    .add(format!("the tag {} became a quotation", tag.name));
                quotation(inner, arguments)
            }
            _ => return false,
        };
        self.out.push_str(&made);
        true
    }

    fn code_block(&mut self, name: &str, args: &Args, inner: &str) -> String {
        let plain = args.plain();
        let language = args
            .get(&["lang"])
            .or_else(|| plain.iter().find_map(|word| word.strip_prefix("lang:")))
            .or_else(|| args.at(0).filter(|_| name == "highlight"))
            .unwrap_or_default();
        let is_title = |word: &String| !word.contains(':') || word.contains("://");
        let without = if name != "highlight" && plain.iter().any(is_title) {
            ", its caption and address were left out"
        } else {
            ""
        };
        self.warnings.add(format!(
            "the tag {name} became a fenced code block{without}"
        ));
        args::fenced(language, inner)
    }
}

fn quotation(inner: &str, source: &str) -> String {
    let mut out = String::from("\n");
    for line in inner.trim_matches(['\r', '\n']).lines() {
        out.push_str("> ");
        out.push_str(line);
        out.push('\n');
    }
    if !source.is_empty() {
        out.push_str(">\n> — ");
        out.push_str(&source.split_whitespace().collect::<Vec<_>>().join(" "));
        out.push('\n');
    }
    out
}
