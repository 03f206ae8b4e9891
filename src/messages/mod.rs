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
//! (for screen readers) and one `<a>`, whose address the template gives by [`html::link()`]; those that have a tag exist for
//! pages only. A name may run in another direction than the sentence: where a page shows it, it belongs into `<bdi>`, not between
//! Fluent's isolating characters, which would be part of titles, addresses and copies.
//!
//! **Language.** It is chosen once for the process, by `interface_language`, and not by a request: public pages are the same
//! bytes for all. What a language lacks is shown in English, message by message and with English plurals. Another language
//! is a folder of files: the build finds it, and stops where its files name a key or variable that English has not.
//!
//! **Scripts** of pages (`static/js`) name a message as `"ftl:layout-write"`. The build makes a copy of each script for each
//! language, with the words in these places (`build/scripts.rs`); variables and plurals are filled in by
//! `static/js/shared/words.js`.
//!
//! One kind of words is not here: what stands in stored HTML (the labels of footnotes, the titles of alerts) is English for
//! every site, since that HTML must not depend on the process that rendered it.
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

mod language;
mod link;
mod markup;
mod message;
mod plurals;
mod selectors;
mod table;
mod values;

/// A function for each message.
mod catalogues {
    use super::markup::{fill, fixed};
    use super::{Fill, Link, Markup, Message, Value};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

pub use catalogues::{html, text};
pub use language::{choose, in_chosen_language, language, languages};
pub use link::{Link, link};
pub use markup::{Markup, time};
pub use message::{Label, Message};
pub use values::{Fill, Kept, Value};
