//! A message: words that are shown later.

use std::fmt;

use super::language::chosen;
use super::plurals::RULES;
use super::selectors::each;
use super::table::{LANGUAGES, Piece};
use super::values::{Fill, Kept, Value};

/// Words that are shown later: the id of a message and what it is filled with. Its [`fmt::Display`] is plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    id: usize,
    values: Vec<Kept>,
}

/// A message without variables, for tables of labels.
pub type Label = fn() -> Message;

impl Message {
    pub(in crate::messages) fn new(id: usize, values: Vec<Kept>) -> Message {
        Message { id, values }
    }

    /// The words of a message that has no variables, where a reference is wanted.
    pub fn words(&self) -> &'static str {
        match chosen().text[self.id] {
            [Piece::Text(text)] => text,
            _ => "",
        }
    }

    /// For operators, whatever the language of pages: logs, the results of commands, and what is stored for them.
    pub fn in_english(&self) -> String {
        let mut words = String::new();
        // Writing to a string does not fail.
        let _ = self.write(LANGUAGES[0].text, &mut words);
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
