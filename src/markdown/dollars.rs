//! Which dollar signs begin and end formulas: GitHub's rule, which is stricter than comrak's.
//!
//! For comrak any `$` that touches the letter behind it begins a formula, so that `$HOME/$USER` is one. Here a formula
//! begins only where no word ends (`US$5`) and ends only where none begins (`/$USER`), and the next `$` has to be its end.
//! The signs that are no more than dollars are replaced by a sign that the text does not hold while comrak reads it, and
//! come back in its tree.

use std::borrow::Cow;

use comrak::nodes::{Node, NodeValue};

use super::plain_dollars::plain_dollars;

/// Domino tiles: symbols as `$` is one, so that emphasis beside them is read alike, and hardly ever written.
pub(super) const COVERS: std::ops::RangeInclusive<char> = '\u{1F030}'..='\u{1F093}';

/// A source whose plain dollars comrak does not see.
pub(super) struct Covered<'a> {
    pub(super) source: Cow<'a, str>,
    cover: Option<char>,
}

/// Covers the dollars of `source` that belong to no formula.
pub(super) fn cover(source: &str) -> Covered<'_> {
    let plain = if source.contains('$') {
        plain_dollars(source)
    } else {
        Vec::new()
    };
    let cover = COVERS
        .filter(|_| !plain.is_empty())
        .find(|cover| !source.contains(*cover));
    let source = match cover {
        Some(sign) => Cow::Owned(with_signs_at(source, &plain, sign)),
        None => Cow::Borrowed(source),
    };
    Covered { source, cover }
}

/// The source with the sign in place of the dollars that stand there.
fn with_signs_at(source: &str, places: &[usize], sign: char) -> String {
    let mut covered = String::with_capacity(source.len() + 3 * places.len());
    let mut from = 0;
    for at in places {
        covered.push_str(&source[from..*at]);
        covered.push(sign);
        from = at + 1;
    }
    covered.push_str(&source[from..]);
    covered
}

impl Covered<'_> {
    /// Puts the dollars back, wherever comrak has put their covers.
    pub(super) fn uncover<'a>(&self, root: Node<'a>) {
        let Some(cover) = self.cover else { return };
        let restore = |text: &mut String| {
            if text.contains(cover) {
                *text = text.replace(cover, "$");
            }
        };
        for node in root.descendants() {
            match node.data_mut().value {
                NodeValue::Text(ref mut text) if text.contains(cover) => restore(text.to_mut()),
                NodeValue::Code(ref mut code) => restore(&mut code.literal),
                NodeValue::Math(ref mut math) => restore(&mut math.literal),
                NodeValue::HtmlInline(ref mut html) => restore(html),
                NodeValue::HtmlBlock(ref mut block) => restore(&mut block.literal),
                NodeValue::CodeBlock(ref mut block) => {
                    restore(&mut block.info);
                    restore(&mut block.literal);
                }
                NodeValue::Link(ref mut link) | NodeValue::Image(ref mut link) => {
                    restore(&mut link.url);
                    restore(&mut link.title);
                }
                NodeValue::Alert(ref mut alert) => {
                    if let Some(title) = &mut alert.title {
                        restore(title);
                    }
                }
                _ => {}
            }
        }
    }
}
