//! Messages as they stand in a page, escaped.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;

use super::language::chosen;
use super::link::Link;
use super::message::Message;
use super::plurals::RULES;
use super::selectors::each;
use super::table::Piece;
use super::values::Fill;

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

impl Fill for Markup {
    fn write_html(&self, out: &mut String) -> fmt::Result {
        out.write_str(&self.0)
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
pub(in crate::messages) fn fixed(id: usize) -> Markup {
    match chosen().html[id] {
        [Piece::Text(text)] => Markup(Cow::Borrowed(text)),
        _ => Markup(Cow::Borrowed("")),
    }
}

pub(in crate::messages) fn fill(id: usize, values: &[&dyn Fill], link: Option<&Link>) -> Markup {
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

#[cfg(test)]
mod tests {
    use super::super::{catalogues, link};
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
}
