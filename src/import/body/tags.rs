//! Replaces shortcodes, Liquid tags and Zola calls. What stands between a pair is never nested into another call:
//! an opening and a closing tag each leave their own piece of text, so depth costs no stack.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::args::Args;
use super::dialect::{Dialect, Form, Tag};
use super::known::Made;
use super::pieces::Piece;
use super::{known, pieces};
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
    let mut writer = Writer {
        text,
        dialect,
        linking,
        warnings,
        out: String::with_capacity(text.len()),
        pairs: pairs(&pieces, dialect),
        endings: HashMap::new(),
    };
    writer.write(&pieces);
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

impl<'a> Writer<'a, '_> {
    fn write(&mut self, pieces: &[Piece]) {
        let text = self.text;
        let mut index = 0;
        while let Some(piece) = pieces.get(index) {
            match piece {
                Piece::Text(at) | Piece::Verbatim(at) => self.out.push_str(&text[at.clone()]),
                Piece::Code(at) => self.code(&text[at.clone()]),
                Piece::Tag(tag) => {
                    if let Some(Piece::Verbatim(inner)) = pieces.get(index + 1)
                        && self.verbatim(tag, &text[inner.clone()])
                    {
                        index += 2;
                    } else {
                        self.tag(index, tag);
                    }
                }
            }
            index += 1;
        }
    }

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

    pub(super) fn arguments(&self, tag: &Tag) -> &'a str {
        self.text[tag.args.clone()]
            .trim()
            .trim_end_matches('-')
            .trim()
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
        let inside = self.text[tag.args.clone()].trim_matches('-').trim();
        if let Some(path) = below_own_address(inside) {
            self.warnings
                .add("the site's own address was taken out of a link");
            self.out.push_str(path);
        } else {
            self.warnings.add(format!(
                "{:?} is a value of the old site and was left in the text as it is",
                quoted(raw)
            ));
            self.out.push_str(raw);
        }
    }

    fn open(&mut self, index: usize, tag: &Tag, raw: &str) {
        let args = Args::parse(self.arguments(tag));
        let shown = shown(tag, self.dialect);
        if let Some(&closer) = self.pairs.get(&index) {
            return self.open_pair(closer, &shown, &args);
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

    /// What a pair encloses stays; a caption is written where it ends.
    fn open_pair(&mut self, closer: usize, shown: &str, args: &Args) {
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
    }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^site\.(?:url|baseurl|github\.url)(?:\s*\|\s*(?:append|prepend):\s*site\.(?:url|baseurl))*$")
        .expect("a fixed pattern")
});
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^(?:"([^"{}]*)"|'([^'{}]*)')\s*\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:baseurl|url))(?:\s*\|\s*prepend:\s*site\.(?:baseurl|url))*$"#)
        .expect("a fixed pattern")
});

/// What of the address that an expression gives comes after the site's own.
fn below_own_address(expression: &str) -> Option<&str> {
    if ADDRESS.is_match(expression) {
        return Some("");
    }
    let found = PATH.captures(expression)?;
    let path = found.get(1).or_else(|| found.get(2));
    Some(path.map_or("", |path| path.as_str()))
}

fn shown(tag: &Tag, dialect: Dialect) -> String {
    match (dialect, tag.form) {
        (Dialect::Hugo | Dialect::None, _) => format!("the shortcode {{{{< {} >}}}}", tag.name),
        (Dialect::Zola, Form::Output) => format!("the shortcode {{{{ {}() }}}}", tag.name),
        (Dialect::Zola, _) => format!("the shortcode {{% {}() %}}", tag.name),
        (Dialect::Liquid, _) => format!("the tag {{% {} %}}", tag.name),
    }
}
