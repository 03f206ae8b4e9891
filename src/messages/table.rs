//! The catalogues as they are in the program: tables that `build/messages.rs` writes.

/// All messages of one language, by id.
pub(in crate::messages) struct Language {
    pub(in crate::messages) code: &'static str,
    pub(in crate::messages) text: &'static [&'static [Piece]],
    /// The same words as they stand in a page.
    pub(in crate::messages) html: &'static [&'static [Piece]],
}

/// Part of a message.
pub(in crate::messages) enum Piece {
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
pub(in crate::messages) enum Key {
    Number(i64),
    Word(&'static str),
}

include!(concat!(env!("OUT_DIR"), "/message_tables.rs"));
