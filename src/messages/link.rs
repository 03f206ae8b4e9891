//! The one tag of a message whose address the page gives.

use std::fmt;

use askama::filters::{Escaper, Html};

/// The beginning of the link of a message.
pub struct Link(pub(in crate::messages) String);

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
