//! Compiles the catalogues of `locales/` into tables and functions: what is wrong with a catalogue stops the build and names
//! file and key. `src/messages` says how they are used. `tests/integration/messages.rs` reads catalogues with this file too.
//!
//! Of [Fluent](https://projectfluent.org) they use text, variables, literals in quotes and selectors on a variable. Terms,
//! functions and attributes are refused: no catalogue needs them, and each would be one more thing that a page waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// The language that is complete; what another one lacks is shown in it.
pub const COMPLETE: &str = "en";

/// What a message can hold beside words. A tag has no attributes and ends in the sentence in which it begins.
const TAGS: &[(&str, &str, &str)] = &[
    ("b", "<b>", "</b>"),
    ("bdi", "<bdi>", "</bdi>"),
    ("i", "<i>", "</i>"),
    ("code", "<code>", "</code>"),
    // Read out and not seen: what a button is about.
    ("sr", "<span class=\"sr\">", "</span>"),
];
/// The tag whose address the page gives.
const LINK: &str = "a";

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Text(String),
    Value(String),
    /// Name, and whether it begins here.
    Tag(String, bool),
    Select {
        value: String,
        variants: Vec<(String, Vec<Piece>)>,
        default: Vec<Piece>,
    },
}

/// Messages by key, with the variables that each names.
pub type Catalogue = BTreeMap<String, Vec<Piece>>;

/// Reads one file; `name` is that of the file without its end, with which every key begins.
///
/// # Errors
///
/// A sentence with the key that is wrong.
pub fn parse(name: &str, source: &str) -> Result<Catalogue, String> {
    let resource = fluent_syntax::parser::parse(source)
        .map_err(|(_, faults)| format!("{name}.ftl: {}", faults[0]))?;
    let mut found = Catalogue::new();
    for entry in resource.body {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            Entry::Term(term) => return Err(format!("{name}.ftl: a term, {}", term.id.name)),
            Entry::Junk { content } => return Err(format!("{name}.ftl: {content}")),
        };
        let key = message.id.name.to_owned();
        let at = |what: String| format!("{name}.ftl: {key}: {what}");
        if !key.starts_with(&format!("{name}-")) {
            return Err(at("does not begin with the name of its file".into()));
        }
        if key
            .chars()
            .any(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-'))
        {
            return Err(at("a key has small letters, digits and hyphens".into()));
        }
        let value = message.value.filter(|_| message.attributes.is_empty());
        let value = value.ok_or_else(|| at("has no value, or attributes".into()))?;
        let pieces = pieces(&value).map_err(at)?;
        if let Some(name) = variables(&pieces)
            .into_iter()
            .find(|name| name == "link" || name.contains(|c| !matches!(c, 'a'..='z' | '_')))
        {
            return Err(at(format!(
                "${name}: a variable has small letters and _, and is not “link”"
            )));
        }
        if found.insert(key.clone(), pieces).is_some() {
            return Err(format!("{name}.ftl: {key}: is there twice"));
        }
    }
    Ok(found)
}

fn pieces(pattern: &Pattern<&str>) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => found.extend(words_and_tags(value)?),
            PatternElement::Placeable { expression } => found.push(placeable(expression)?),
        }
    }
    let mut open: Vec<&str> = Vec::new();
    for piece in &found {
        match piece {
            Piece::Tag(name, true) => open.push(name),
            Piece::Tag(name, false) if open.pop() != Some(name) => {
                return Err(format!("</{name}> ends what did not begin"));
            }
            _ => {}
        }
    }
    match open.pop() {
        Some(name) => Err(format!("<{name}> does not end")),
        None => Ok(joined(found)),
    }
}

/// One text where several stand side by side.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (found.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => found.push(piece),
        }
    }
    found
}

fn words_and_tags(text: &str) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map(|end| at + end);
        let inside = &rest[at + 1..end.ok_or_else(|| format!("“<” without “>”: {text}"))?];
        let (name, begins) = match inside.strip_prefix('/') {
            Some(name) => (name, false),
            None => (inside, true),
        };
        if name != LINK && !TAGS.iter().any(|(known, ..)| *known == name) {
            return Err(format!(
                "<{inside}> is none of the tags that messages can have"
            ));
        }
        found.push(Piece::Text(rest[..at].to_owned()));
        found.push(Piece::Tag(name.to_owned(), begins));
        rest = &rest[at + inside.len() + 2..];
    }
    found.push(Piece::Text(rest.to_owned()));
    found.retain(|piece| *piece != Piece::Text(String::new()));
    Ok(found)
}

fn placeable(expression: &Expression<&str>) -> Result<Piece, String> {
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            Ok(Piece::Value(id.name.to_owned()))
        }
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            let text = fluent_syntax::unicode::unescape_unicode_to_string(value);
            Ok(Piece::Text(text.into_owned()))
        }
        Expression::Select {
            selector: InlineExpression::VariableReference { id },
            variants,
        } => {
            let (mut others, mut default) = (Vec::new(), Vec::new());
            for variant in variants {
                use fluent_syntax::ast::VariantKey::{Identifier, NumberLiteral};
                let (Identifier { name } | NumberLiteral { value: name }) = variant.key;
                match variant.default {
                    true => default = pieces(&variant.value)?,
                    false => others.push((name.to_owned(), pieces(&variant.value)?)),
                }
            }
            Ok(Piece::Select {
                value: id.name.to_owned(),
                variants: others,
                default,
            })
        }
        _ => Err("only variables, literals in quotes and selectors on a variable".into()),
    }
}

/// The variables of a message in the order of the alphabet, which is that of the arguments of its function: another wording
/// does not change it.
pub fn variables(pieces: &[Piece]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(pieces, &mut |piece| {
        if let Piece::Value(name) | Piece::Select { value: name, .. } = piece {
            found.insert(name.clone());
        }
    });
    found
}

fn tags(pieces: &[Piece]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(pieces, &mut |piece| {
        if let Piece::Tag(name, _) = piece {
            found.insert(name.clone());
        }
    });
    found
}

fn visit(pieces: &[Piece], look: &mut impl FnMut(&Piece)) {
    for piece in pieces {
        look(piece);
        if let Piece::Select {
            variants, default, ..
        } = piece
        {
            for (_, pieces) in variants {
                visit(pieces, look);
            }
            visit(default, look);
        }
    }
}

/// What a translation must not have: keys, variables and tags that the complete catalogue has not. And it keeps the link, by
/// which people go on.
///
/// # Errors
///
/// A sentence with the key that is wrong.
pub fn compare(complete: &Catalogue, other: &Catalogue) -> Result<(), String> {
    for (key, pieces) in other {
        let Some(model) = complete.get(key) else {
            return Err(format!("{key}: there is no such message in {COMPLETE}"));
        };
        if let Some(name) = variables(pieces).difference(&variables(model)).next() {
            return Err(format!("{key}: ${name} is no variable of it in {COMPLETE}"));
        }
        let (own, model) = (tags(pieces), tags(model));
        if let Some(name) = own.difference(&model).next() {
            return Err(format!("{key}: <{name}> is no tag of it in {COMPLETE}"));
        }
        if model.contains(LINK) && !own.contains(LINK) {
            return Err(format!("{key}: its <{LINK}> is lost"));
        }
    }
    Ok(())
}

/// The catalogue of one language: all files of its folder.
pub fn read(folder: &Path) -> Catalogue {
    let mut found = Catalogue::new();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|file| file.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|end| end == "ftl"))
        .collect();
    files.sort();
    for path in files {
        let source =
            fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path
            .file_stem()
            .expect("files have names")
            .to_string_lossy();
        match parse(&name, &source) {
            Ok(messages) => found.extend(messages),
            Err(fault) => panic!("{}/{fault}", folder.display()),
        }
    }
    found
}

/// Rust for all catalogues below `locales`.
#[derive(Debug)]
pub struct Generated {
    /// The words of each language.
    pub tables: String,
    /// A function for each message.
    pub functions: String,
}

/// Compiles all catalogues below `locales`.
pub fn generate(locales: &Path) -> Generated {
    let complete = read(&locales.join(COMPLETE));
    Generated {
        tables: tables(locales, &complete),
        functions: functions(&complete),
    }
}

/// Folders of languages, the complete one first.
pub fn codes(locales: &Path) -> Vec<String> {
    let mut codes: Vec<String> = fs::read_dir(locales)
        .unwrap_or_else(|e| panic!("{}: {e}", locales.display()))
        .map(|entry| entry.expect("a readable folder"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    codes.sort_by_key(|code| (code != COMPLETE, code.clone()));
    // As the `lang` of pages has it.
    if let Some(code) = codes
        .iter()
        .find(|code| code.contains(|c: char| c != '-' && !c.is_ascii_alphanumeric()))
    {
        panic!(
            "{}/{code}: a folder is named like de or pt-BR",
            locales.display()
        );
    }
    codes
}

fn tables(locales: &Path, complete: &Catalogue) -> String {
    let mut source = String::from("pub static LANGUAGES: &[Language] = &[\n");
    for code in codes(locales) {
        let own = read(&locales.join(&code));
        if let Err(fault) = compare(complete, &own) {
            panic!("{}/{code}/{fault}", locales.display());
        }
        let messages = || complete.iter().map(|(key, model)| (own.get(key), model));
        let table = |html: bool| {
            messages()
                .map(|(own, model)| {
                    let message = Shape {
                        names: variables(model),
                        html,
                        in_english: own.is_none(),
                    };
                    message.rust(own.unwrap_or(model))
                })
                .collect::<Vec<_>>()
                .join(",\n")
        };
        writeln!(
            source,
            "Language {{ code: {code:?}, text: &[{}], html: &[{}] }},",
            table(false),
            table(true)
        )
        .expect("writing to a string");
    }
    source.push_str("];\n");
    source
}

fn functions(complete: &Catalogue) -> String {
    let functions = |html: bool| {
        complete
            .iter()
            .enumerate()
            .filter(|(_, (_, pieces))| html || tags(pieces).is_empty())
            .map(|(id, (key, pieces))| function(id, key, pieces, html))
            .collect::<String>()
    };
    format!(
        "/// Messages as plain text, each with its words in the complete language.\npub mod text {{ use super::{{Message, Value}};\n{}}}\n/// Messages as they stand in a page.\npub mod html {{ pub use super::super::link; use super::{{Fill, Link, Markup, fill, fixed}};\n{}}}\n\
         #[cfg(test)] pub const MESSAGES: &[(&str, usize)] = &[{}];\n",
        functions(false),
        functions(true),
        complete
            .iter()
            .map(|(key, pieces)| format!("({key:?}, {}), ", variables(pieces).len()))
            .collect::<String>()
    )
}

fn function(id: usize, key: &str, pieces: &[Piece], html: bool) -> String {
    let name = key.replace('-', "_");
    let values: Vec<String> = variables(pieces).into_iter().collect();
    let has_link = tags(pieces).contains(LINK);
    let kind = if html { "Fill" } else { "Value" };
    let mut arguments: Vec<String> = values
        .iter()
        .map(|name| format!("{name}: impl {kind}"))
        .collect();
    if has_link {
        arguments.push("link: Link".into());
    }
    let arguments = arguments.join(", ");
    let shown = |shape: &str| {
        values
            .iter()
            .map(|v| shape.replace('_', v))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let body = match (html, values.is_empty() && tags(pieces).is_empty()) {
        (true, true) => format!("fixed({id})"),
        (true, false) => {
            let link = if has_link { "Some(&link)" } else { "None" };
            format!("fill({id}, &[{}], {link})", shown("&_"))
        }
        (false, _) => format!("Message::new({id}, vec![{}])", shown("_.keep()")),
    };
    let result = if html { "Markup" } else { "Message" };
    format!(
        "#[doc = {:?}] pub fn {name}({arguments}) -> {result} {{ {body} }}\n",
        format!("`{}`", shape(pieces))
    )
}

/// A message as it stands in the catalogue, for the docs of its function.
fn shape(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.replace(['`', '\n'], " "),
            Piece::Value(name) => format!("{{ ${name} }}"),
            Piece::Tag(name, true) => format!("<{name}>"),
            Piece::Tag(name, false) => format!("</{name}>"),
            Piece::Select { default, .. } => shape(default),
        })
        .collect()
}

/// What the pieces of a message become.
struct Shape {
    /// Of the variables, in the order of the arguments.
    names: BTreeSet<String>,
    /// For pages; otherwise plain text.
    html: bool,
    /// The language lacks the message.
    in_english: bool,
}

impl Shape {
    /// The pieces as a Rust expression.
    fn rust(&self, pieces: &[Piece]) -> String {
        let html = self.html;
        let place = |name: &String| {
            self.names
                .iter()
                .position(|known| known == name)
                .expect("compared")
        };
        // Text and tags side by side are one text in a page.
        let mut found: Vec<Piece> = Vec::new();
        for piece in pieces {
            found.push(match piece {
                Piece::Tag(name, begins) if html => match TAGS.iter().find(|(tag, ..)| tag == name)
                {
                    Some((_, open, close)) => {
                        Piece::Text((if *begins { open } else { close }).to_string())
                    }
                    None if *begins => piece.clone(),
                    None => Piece::Text("</a>".into()),
                },
                Piece::Text(text) if html => Piece::Text(escaped(text)),
                piece => piece.clone(),
            });
        }
        let parts: Vec<String> = joined(found)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => format!("Piece::Text({text:?})"),
                Piece::Value(name) => format!("Piece::Value({})", place(name)),
                Piece::Tag(..) => "Piece::Link".into(),
                Piece::Select {
                    value,
                    variants,
                    default,
                } => format!(
                    "Piece::Select {{ value: {}, variants: &[{}], default: {}, in_english: {} }}",
                    place(value),
                    variants
                        .iter()
                        .map(|(key, pieces)| match key.parse::<i64>() {
                            Ok(number) =>
                                format!("(Key::Number({number}), {}), ", self.rust(pieces)),
                            Err(_) => format!("(Key::Word({key:?}), {}), ", self.rust(pieces)),
                        })
                        .collect::<String>(),
                    self.rust(default),
                    self.in_english
                ),
            })
            .collect();
        format!("&[{}]", parts.join(", "))
    }
}

/// The words of a message as they stand in a page, also in an attribute with double quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
