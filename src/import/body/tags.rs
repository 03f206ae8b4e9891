//! Replaces shortcodes, Liquid tags and Zola calls. What stands between a pair is never nested into another call:
//! an opening and a closing tag each leave their own piece of text, so depth costs no stack.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::args::Args;
use super::dialect::{Dialect, Form, Tag};
use super::known::Made;
use super::pieces::Piece;
use super::{args, known, pieces};
use crate::import::pages::Linking;
use crate::import::warnings::{Warnings, quoted};

pub(super) struct Writer<'a, 'n> {
    pub(super) text: &'a str,
    pub(super) dialect: Dialect,
    pub(super) linking: &'a Linking<'a>,
    pub(super) warnings: &'n mut Warnings,
    pub(super) out: String,
    /// For each opening tag by its place in the pieces: the place of its closing tag.
    pairs: HashMap<usize, usize>,
    /// What the closing tag at a place leaves behind.
    endings: HashMap<usize, String>,
}

pub(super) fn replace(
    text: &str,
    dialect: Dialect,
    linking: &Linking<'_>,
    warnings: &mut Warnings,
) -> String {
    let pieces = pieces::scan(text, dialect);
    let pairs = pairs(&pieces, dialect);
    let mut writer = Writer {
        text,
        dialect,
        linking,
        warnings,
        out: String::with_capacity(text.len()),
        pairs,
        endings: HashMap::new(),
    };
    let mut index = 0;
    while let Some(piece) = pieces.get(index) {
        match piece {
            Piece::Text(at) | Piece::Verbatim(at) => writer.out.push_str(&text[at.clone()]),
            Piece::Code(at) => writer.code(&text[at.clone()]),
            Piece::Tag(tag) => {
                if let Some(Piece::Verbatim(inner)) = pieces.get(index + 1)
                    && writer.verbatim(tag, &text[inner.clone()])
                {
                    index += 2;
                } else {
                    writer.tag(index, tag);
                }
            }
        }
        index += 1;
    }
    writer.out
}

/// Liquid closes with `endname`, Hugo with `/name`, Zola with `end` for whatever is open.
fn pairs(pieces: &[Piece], dialect: Dialect) -> HashMap<usize, usize> {
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut pairs = HashMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Tag(tag) = piece else { continue };
        let name = if dialect == Dialect::Zola {
            ""
        } else {
            tag.name.as_str()
        };
        match tag.form {
            Form::Open => open.entry(name).or_default().push(index),
            Form::Close => {
                if let Some(opener) = open.get_mut(name).and_then(Vec::pop) {
                    pairs.insert(opener, index);
                }
            }
            Form::Output | Form::Escaped => {}
        }
    }
    pairs
}

impl Writer<'_, '_> {
    /// Generators run their tags in code too, so there `raw` marks and escapes are only the writer's precaution.
    fn code(&mut self, code: &str) {
        static RAW: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\{%-?\s*(?:end)?raw\s*-?%\}").expect("a fixed pattern"));
        static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(\{\{[<%])/\*(.*?)\*/([>%]\}\})").expect("a fixed pattern")
        });
        match self.dialect {
            Dialect::Liquid => self.out.push_str(&RAW.replace_all(code, "")),
            Dialect::Hugo => self.out.push_str(&ESCAPE.replace_all(code, "$1$2$3")),
            Dialect::Zola | Dialect::None => self.out.push_str(code),
        }
    }

    /// The whole of a pair whose contents are not searched. False when the tags are to be treated one by one.
    fn verbatim(&mut self, tag: &Tag, inner: &str) -> bool {
        let arguments = self.text[tag.args.clone()]
            .trim()
            .trim_end_matches('-')
            .trim();
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

    fn tag(&mut self, index: usize, tag: &Tag) {
        let raw = &self.text[tag.at.clone()];
        match (tag.form, self.dialect) {
            (Form::Escaped, _) => self
                .out
                .push_str(&raw.replacen("/*", "", 1).replacen("*/", "", 1)),
            (Form::Close, _) => {
                let ending = self.endings.remove(&index).unwrap_or_default();
                self.out.push_str(&ending);
            }
            (Form::Output, Dialect::Liquid) => self.output(tag, raw),
            _ if self.is_page_reference(tag) => self.page_reference(tag),
            _ => self.open(index, tag, raw),
        }
    }

    /// `{{ … }}` in Liquid: the site's own address falls away, since paths lead to this site now.
    fn output(&mut self, tag: &Tag, raw: &str) {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^site\.(?:url|baseurl|github\.url)(?:\s*\|\s*(?:append|prepend):\s*site\.(?:url|baseurl))*$")
                .expect("a fixed pattern")
        });
        static PATH: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"^(?:"([^"{}]*)"|'([^'{}]*)')\s*\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:baseurl|url))(?:\s*\|\s*prepend:\s*site\.(?:baseurl|url))*$"#)
                .expect("a fixed pattern")
        });
        let inside = self.text[tag.args.clone()].trim_matches('-').trim();
        if ADDRESS.is_match(inside) {
            self.warnings
                .add("the site's own address was taken out of a link");
        } else if let Some(path) = PATH.captures(inside) {
            self.warnings
                .add("the site's own address was taken out of a link");
            self.out.push_str(
                path.get(1)
                    .or_else(|| path.get(2))
                    .map_or("", |path| path.as_str()),
            );
        } else {
            self.warnings.add(format!(
                "{:?} is a value of the old site and was left in the text as it is",
                quoted(raw)
            ));
            self.out.push_str(raw);
        }
    }

    fn open(&mut self, index: usize, tag: &Tag, raw: &str) {
        let arguments = self.text[tag.args.clone()]
            .trim()
            .trim_end_matches('-')
            .trim();
        let args = Args::parse(arguments);
        let shown = shown(tag, self.dialect);
        if let Some(&closer) = self.pairs.get(&index) {
            let ending = match args.get(&["caption"]) {
                Some(caption) => format!("\n{caption}\n"),
                None => String::new(),
            };
            self.warnings.add(if ending.is_empty() {
                format!("{shown} was removed, what it enclosed was kept")
            } else {
                format!("{shown} was removed, what it enclosed and its caption were kept")
            });
            self.endings.insert(closer, ending);
            return;
        }
        let is_include = self.dialect == Dialect::Liquid && tag.name.starts_with("include");
        let name = if is_include {
            args.at(0).unwrap_or_default()
        } else {
            tag.name.as_str()
        };
        match known::make(name, &args) {
            Made::Markdown(markdown, became) => {
                self.warnings.add(format!("{shown} {became}"));
                self.out.push_str(&markdown);
            }
            Made::Nothing => self.warnings.add(format!(
                "{:?} was removed: it has no counterpart here",
                quoted(raw)
            )),
        }
    }
}

fn shown(tag: &Tag, dialect: Dialect) -> String {
    match (dialect, tag.form) {
        (Dialect::Hugo | Dialect::None, _) => format!("the shortcode {{{{< {} >}}}}", tag.name),
        (Dialect::Zola, Form::Output) => format!("the shortcode {{{{ {}() }}}}", tag.name),
        (Dialect::Zola, _) => format!("the shortcode {{% {}() %}}", tag.name),
        (Dialect::Liquid, _) => format!("the tag {{% {} %}}", tag.name),
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
