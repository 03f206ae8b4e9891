//! Text between constructs and code.

use super::dialect::Dialect;
use super::pieces::{self, Piece};

/// Applies `change` to what is not code.
pub(in crate::import) fn in_text(body: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(body.len());
    for piece in pieces::scan(body, Dialect::None) {
        match piece {
            Piece::Text(at) => out.push_str(&change(&body[at])),
            Piece::Code(at) | Piece::Verbatim(at) => out.push_str(&body[at]),
            Piece::Tag(tag) => out.push_str(&body[tag.at]),
        }
    }
    out
}
