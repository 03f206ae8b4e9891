//! The words that pages, forms and JSON have from us: message catalogues in `locales/`, one folder for each language, one
//! [Fluent](https://projectfluent.org) file for each feature.
//!
//! **Use.** A message `comments-reply-to = Reply to { $name }` becomes, when the program is built, two functions, with the
//! variables as arguments in the order of the alphabet. In Rust, `text::comments_reply_to(name)` is a [`Message`]: the id and
//! what it is filled with, words only where they are shown. In templates, whose `views.rs` has
//! `use crate::messages::html as t`, `{{ t::comments_reply_to(name) }}` is a [`Markup`]. So a key that does not exist, and
//! an argument too many, do not compile; that every key is used is a test's.
//!
//! **Escaping.** A [`Message`] is plain text, which a template escapes like any other. A [`Markup`] goes into the page as it
//! is: the words are ours, and what fills them is escaped here. Messages have no HTML but `<b>`, `<bdi>`, `<i>`, `<code>`, `<sr>`
//! (for screen readers) and one `<a>`, whose address the template gives by [`html::link`]; those that have a tag exist for
//! pages only. A name may run in another direction than the sentence: where a page shows it, it belongs into `<bdi>`, not between
//! Fluent's isolating characters, which would be part of titles, addresses and copies.
//!
//! **Language.** It is chosen once for the process, by `interface_language`, and not by a request: public pages are the same
//! bytes for all. What a language lacks is shown in English, message by message and with English plurals. Another language
//! is a folder of files: the build finds it, and stops where its files name a key or variable that English has not.
//!
//! Two kinds of words are not here. The scripts of pages (`static/js`: the menu of an account, the states of the editor) have
//! theirs in English in their source. And what stands in stored HTML (the labels of footnotes, the titles of alerts) is English
//! for every site, since that HTML must not depend on the process that rendered it.
//!
//! **Cost.** The catalogues are compiled into tables when the program is built (`build/messages.rs`), with Fluent's parser;
//! what is left to a page is to copy pieces of text: 3 ns for a message without variables, 67 ns with one, 104 ns with a plural.
//! Fluent's own bundle, which finds a message by the hash of its key and walks a syntax tree, takes 32, 324 and 786 ns on the
//! same machine, and a page of two hundred comments has a thousand messages.
//!
//! Log lines, metrics and what commands print (`masthead doctor` and the others) are for operators and stay English, in code:
//! they are searched for. An error of which people get the message gives operators [`Message::in_english`]: so it is displayed,
//! and stored.

#![warn(missing_docs)]

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::{LazyLock, OnceLock};

use askama::filters::{Escaper, Html, HtmlSafe};
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

mod catalogues {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

pub use catalogues::{html, text};

/// All messages of one language, by id.
struct Language {
    code: &'static str,
    text: &'static [&'static [Piece]],
    /// The same words as they stand in a page.
    html: &'static [&'static [Piece]],
}

/// Part of a message.
enum Piece {
    Text(&'static str),
    /// What the argument of this place is.
    Value(usize),
    /// The tag that the page gave.
    Link,
    Select {
        value: usize,
        variants: &'static [(Key, &'static [Piece])],
        default: &'static [Piece],
        /// The language lacks the message: its words, and so its plurals, are English.
        in_english: bool,
    },
}

/// What an argument is compared with. A word is the plural category of a number.
enum Key {
    Number(i64),
    Word(&'static str),
}

static CHOSEN: OnceLock<&'static Language> = OnceLock::new();

fn chosen() -> &'static Language {
    CHOSEN.get().unwrap_or(&&catalogues::LANGUAGES[0])
}

/// Languages that have a folder, English first.
pub fn languages() -> impl Iterator<Item = &'static str> {
    catalogues::LANGUAGES.iter().map(|language| language.code)
}

/// Sets the language of this process, at its start; one that has no folder leaves it English.
pub fn choose(code: &str) {
    let found = catalogues::LANGUAGES
        .iter()
        .find(|language| language.code == code);
    if let Some(language) = found {
        // A second choice in one process is one of tests.
        let _ = CHOSEN.set(language);
    }
}

/// The code of the language that messages are in.
pub fn language() -> &'static str {
    chosen().code
}

/// The plural rules of a language, and those of English for messages that it lacks.
struct Rules {
    own: Option<PluralRules>,
    english: Option<PluralRules>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(language()));

impl Rules {
    fn of(code: &str) -> Rules {
        Rules {
            own: rules(code),
            english: rules(catalogues::LANGUAGES[0].code),
        }
    }

    /// As Fluent's selectors name it.
    fn category(&self, number: i64, in_english: bool) -> &'static str {
        let rules = if in_english { &self.english } else { &self.own };
        let category = rules.as_ref().and_then(|rules| rules.select(number).ok());
        match category.unwrap_or(PluralCategory::OTHER) {
            PluralCategory::ZERO => "zero",
            PluralCategory::ONE => "one",
            PluralCategory::TWO => "two",
            PluralCategory::FEW => "few",
            PluralCategory::MANY => "many",
            PluralCategory::OTHER => "other",
        }
    }
}

fn rules(code: &str) -> Option<PluralRules> {
    let code = code.parse::<unic_langid::LanguageIdentifier>().ok()?;
    // Rules are for languages; a region changes none but Portuguese.
    let primary = unic_langid::LanguageIdentifier::from_parts(code.language, None, None, &[]);
    PluralRules::create(code, PluralRuleType::CARDINAL)
        .or_else(|_| PluralRules::create(primary, PluralRuleType::CARDINAL))
        .ok()
}

/// What fills the variable of a message that a page shows.
pub trait Fill {
    /// Escaped.
    fn write_html(&self, out: &mut String) -> fmt::Result;

    /// What selectors compare by value and plural.
    fn number(&self) -> Option<i64> {
        None
    }

    /// What selectors compare otherwise.
    fn word(&self) -> &str {
        ""
    }
}

/// What fills the variable of a message that is kept: text or a whole number.
pub trait Value {
    /// A copy that lasts until the message is shown.
    fn keep(&self) -> Kept;
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Value for $number {
            fn keep(&self) -> Kept {
                Kept::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }

        impl Fill for $number {
            fn write_html(&self, out: &mut String) -> fmt::Result {
                write!(out, "{self}")
            }

            fn number(&self) -> Option<i64> {
                i64::try_from(*self).ok()
            }
        }
    )+};
}
numbers!(u8, i16, u16, i32, u32, i64, u64, usize);

impl Value for str {
    fn keep(&self) -> Kept {
        Kept::Text(self.to_owned())
    }
}

impl Fill for str {
    fn write_html(&self, out: &mut String) -> fmt::Result {
        Html.write_escaped_str(out, self)
    }

    fn word(&self) -> &str {
        self
    }
}

macro_rules! texts {
    ($($text:ty),+) => {$(
        impl Value for $text {
            fn keep(&self) -> Kept {
                Kept::Text(self.to_string())
            }
        }

        impl Fill for $text {
            fn write_html(&self, out: &mut String) -> fmt::Result {
                str::write_html(self, out)
            }

            fn word(&self) -> &str {
                self
            }
        }
    )+};
}
texts!(String, Cow<'_, str>);

impl<T: Value + ?Sized> Value for &T {
    fn keep(&self) -> Kept {
        T::keep(self)
    }
}

impl<T: Fill + ?Sized> Fill for &T {
    fn write_html(&self, out: &mut String) -> fmt::Result {
        T::write_html(self, out)
    }

    fn number(&self) -> Option<i64> {
        T::number(self)
    }

    fn word(&self) -> &str {
        T::word(self)
    }
}

impl Value for Message {
    fn keep(&self) -> Kept {
        Kept::Text(self.to_string())
    }
}

impl Fill for Message {
    fn write_html(&self, out: &mut String) -> fmt::Result {
        self.to_string().write_html(out)
    }
}

impl Fill for Markup {
    fn write_html(&self, out: &mut String) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A value that a [`Message`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Shown as it is, and compared by value and plural.
    Number(i64),
    /// Plain text.
    Text(String),
}

/// Words that are shown later: the id of a message and what it is filled with. Its [`fmt::Display`] is plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    id: usize,
    values: Vec<Kept>,
}

/// A message without variables, for tables of labels.
pub type Label = fn() -> Message;

impl Message {
    fn new(id: usize, values: Vec<Kept>) -> Message {
        Message { id, values }
    }

    /// The words of a message that has no variables, where a reference is wanted.
    pub fn words(&self) -> &'static str {
        match chosen().text[self.id] {
            [Piece::Text(text)] => text,
            _ => "",
        }
    }
}

impl Message {
    /// For operators, whatever the language of pages: logs, the results of commands, and what is stored for them.
    pub fn in_english(&self) -> String {
        let mut words = String::new();
        // Writing to a string does not fail.
        let _ = self.write(catalogues::LANGUAGES[0].text, &mut words);
        words
    }

    fn write(&self, texts: &[&'static [Piece]], out: &mut dyn fmt::Write) -> fmt::Result {
        let compared = |place: usize| match &self.values[place] {
            Kept::Number(number) => (Some(*number), ""),
            Kept::Text(text) => (None, text.as_str()),
        };
        each(
            texts[self.id],
            &RULES,
            &compared,
            &mut |piece| match piece {
                Piece::Text(text) => out.write_str(text),
                Piece::Value(place) => match &self.values[*place] {
                    Kept::Number(number) => write!(out, "{number}"),
                    Kept::Text(text) => out.write_str(text),
                },
                Piece::Link | Piece::Select { .. } => Ok(()),
            },
        )
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(chosen().text, f)
    }
}

impl From<Message> for String {
    fn from(message: Message) -> String {
        message.to_string()
    }
}

impl serde::Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// HTML that holds nothing of a user but escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(Cow<'static, str>);

impl Markup {
    /// Nothing of it would be seen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

impl askama::FastWritable for Markup {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

/// The beginning of the link of a message.
pub struct Link(String);

/// A link to this address.
pub fn link(address: impl fmt::Display) -> Link {
    let mut tag = String::from("<a href=\"");
    // Writing to a string does not fail.
    let _ = Html.write_escaped_str(&mut tag, &address.to_string());
    tag.push_str("\">");
    Link(tag)
}

impl Link {
    /// For links between others, which a style sheet tells from text.
    #[must_use]
    pub fn of_class(self, class: &'static str) -> Link {
        Link(self.0.replacen("<a", &format!("<a class=\"{class}\""), 1))
    }

    /// Opens a tab of its own, which learns nothing of this one.
    #[must_use]
    pub fn in_new_tab(mut self) -> Link {
        self.0.pop();
        self.0.push_str(" target=\"_blank\" rel=\"noopener\">");
        self
    }
}

/// A point in time: `machine` is for programs, `shown` for people.
pub fn time(class: &str, machine: &str, shown: &Message) -> Markup {
    let mut tag = String::from("<time");
    for (name, value) in [("class", class), ("datetime", machine)] {
        if !value.is_empty() {
            // Writing to a string does not fail.
            let _ = write!(tag, " {name}=\"");
            let _ = value.write_html(&mut tag);
            tag.push('"');
        }
    }
    tag.push('>');
    let _ = shown.write_html(&mut tag);
    tag.push_str("</time>");
    Markup(Cow::Owned(tag))
}

/// The message as it stands in the catalogue.
fn fixed(id: usize) -> Markup {
    match chosen().html[id] {
        [Piece::Text(text)] => Markup(Cow::Borrowed(text)),
        _ => Markup(Cow::Borrowed("")),
    }
}

fn fill(id: usize, values: &[&dyn Fill], link: Option<&Link>) -> Markup {
    let mut html = String::with_capacity(96);
    let compared = |place: usize| (values[place].number(), values[place].word());
    // Writing to a string does not fail.
    let _ = each(chosen().html[id], &RULES, &compared, &mut |piece| {
        match piece {
            Piece::Text(text) => html.push_str(text),
            Piece::Value(place) => values[*place].write_html(&mut html)?,
            Piece::Link => html.push_str(link.map_or("<a>", |link| &link.0)),
            Piece::Select { .. } => {}
        }
        Ok(())
    });
    Markup(Cow::Owned(html))
}

/// Goes through the pieces, in the variants that `compared` leads to.
fn each<'a>(
    pieces: &'static [Piece],
    rules: &Rules,
    compared: &impl Fn(usize) -> (Option<i64>, &'a str),
    write: &mut impl FnMut(&Piece) -> fmt::Result,
) -> fmt::Result {
    for piece in pieces {
        let Piece::Select {
            value,
            variants,
            default,
            in_english,
        } = piece
        else {
            write(piece)?;
            continue;
        };
        let (number, word) = compared(*value);
        let exact = |key: &Key| matches!(key, Key::Number(own) if Some(*own) == number);
        let alike = |key: &Key| {
            matches!((key, number), (Key::Word(own), Some(number)) if *own == rules.category(number, *in_english))
                || matches!((key, number), (Key::Word(own), None) if *own == word)
        };
        let variant = variants
            .iter()
            .find(|(key, _)| exact(key))
            .or_else(|| variants.iter().find(|(key, _)| alike(key)))
            .map_or(*default, |(_, pieces)| *pieces);
        each(variant, rules, compared, write)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: &str = "<script>\"'&";

    #[derive(Clone)]
    struct Hostile(Option<i64>);

    impl Fill for Hostile {
        fn write_html(&self, out: &mut String) -> fmt::Result {
            ATTACK.write_html(out)
        }

        fn number(&self) -> Option<i64> {
            self.0
        }

        fn word(&self) -> &str {
            ATTACK
        }
    }

    /// Whatever message it is, and whatever variant: a name with HTML in it is text.
    #[test]
    fn what_fills_a_message_is_escaped_in_pages() {
        let mut filled = 0;
        for (id, (key, variables)) in catalogues::MESSAGES.iter().enumerate() {
            let tag = link(ATTACK);
            // Numbers lead into each variant; a variable that only chooses one takes a number in any case.
            for number in [None, Some(0), Some(1), Some(2)] {
                let values = vec![Hostile(number); *variables];
                let values: Vec<&dyn Fill> = values.iter().map(|value| value as _).collect();
                let html = fill(id, &values, Some(&tag)).to_string();
                assert!(!html.contains("<script"), "{key}: {html}");
                assert!(!html.contains("\"'&\""), "{key}: {html}");
                filled += usize::from(html.contains("&#60;script&#62;"));
            }
        }
        assert!(filled > 20, "{filled}");
    }

    #[test]
    fn every_message_has_words() {
        for (id, (key, variables)) in catalogues::MESSAGES.iter().enumerate() {
            if *variables == 0 {
                assert!(!fill(id, &[], None).is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn numbers_choose_their_words() {
        const fn pieces(in_english: bool) -> [Piece; 1] {
            [Piece::Select {
                value: 0,
                variants: &[
                    (Key::Word("one"), &[Piece::Text("one")]),
                    (Key::Number(0), &[Piece::Text("none")]),
                    (Key::Word("often"), &[Piece::Text("a word")]),
                ],
                default: &[Piece::Text("many")],
                in_english,
            }]
        }
        static OWN: &[Piece] = &pieces(false);
        static ENGLISH: &[Piece] = &pieces(true);
        let chosen = |rules: &str, pieces, number, word: &'static str| {
            let mut found = String::new();
            each(
                pieces,
                &Rules::of(rules),
                &|_| (number, word),
                &mut |piece| {
                    if let Piece::Text(text) = piece {
                        found.push_str(text);
                    }
                    Ok(())
                },
            )
            .unwrap();
            found
        };
        let words = |number, word| chosen("en", OWN, number, word);
        assert_eq!(
            [
                words(Some(0), ""),
                words(Some(1), ""),
                words(Some(21), ""),
                words(None, "often"),
                words(None, "one more")
            ],
            ["none", "one", "many", "a word", "many"]
        );
        // "21 отзыв" has the form of one, and "21 replies" has not, where English fills in for a message that is missing.
        assert_eq!(chosen("ru", OWN, Some(21), ""), "one");
        assert_eq!(chosen("ru", ENGLISH, Some(21), ""), "many");
        assert_eq!(chosen("ja", OWN, Some(1), ""), "many");
        assert_eq!(chosen("ja", ENGLISH, Some(1), ""), "one");
    }
}
