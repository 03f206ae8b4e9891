//! What fills the variables of messages: texts and whole numbers.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use askama::filters::{Escaper, Html};

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

/// A value that a [`super::Message`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Shown as it is, and compared by value and plural.
    Number(i64),
    /// Plain text.
    Text(String),
}
