//! The text of a comment: checked as typed, then rendered.

use crate::markdown::{self, Rendered, Typography};
use crate::messages::{Message, text};
use crate::web::form::is_visible;
use crate::web::{Error, FormErrors, rendering};

/// The longest comment that a person can type, in characters. Imported ones may have as many bytes as
/// [`markdown::COMMENT_LIMIT_BYTES`].
pub const MAX_CHARS: usize = 10_000;

/// A comment form as it travels: every character of the longest text can be four bytes, three times that
/// when percent-encoded.
pub const FORM_LIMIT: usize = 160 * 1024;

/// A text that may be stored, with its rendering.
pub struct Checked {
    pub markdown: String,
    pub html: String,
    pub typography: Typography,
}

/// Checks and renders what was typed. `None`: the fault stands beside the field `markdown`.
pub async fn check(
    typed: &str,
    typography: &Typography,
    faults: &mut FormErrors,
) -> Result<Option<Checked>, Error> {
    let Some(markdown) = faults.take("markdown", parse(typed)) else {
        return Ok(None);
    };
    let Some(rendered) = faults.take("markdown", render(&markdown, typography).await?) else {
        return Ok(None);
    };
    if !rendering::is_visible(&rendered) {
        faults.add("markdown", text::comments_nothing_visible());
        return Ok(None);
    }
    Ok(Some(Checked {
        markdown,
        html: rendered.html,
        typography: rendered.typography,
    }))
}

fn parse(typed: &str) -> Result<String, Message> {
    let text = markdown::normalise(typed).map_err(|e| e.message())?;
    let count = text.chars().count();
    if !is_visible(&text) {
        return Err(text::comments_empty());
    }
    if count > MAX_CHARS {
        return Err(text::comments_too_long(count, MAX_CHARS));
    }
    Ok(text)
}

/// Renders the Markdown of a comment. The inner error is a sentence for its author.
pub async fn render(
    source: &str,
    typography: &Typography,
) -> Result<Result<Rendered, Message>, Error> {
    let rendered = rendering::comment(source, typography).await?;
    Ok(rendered.map_err(|e| e.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_neither_empty_nor_endless() {
        for nothing in [" \r\n\t", "\u{200b}", "\u{2060}\n\u{3164}"] {
            assert!(parse(nothing).unwrap_err().to_string().contains("empty"));
        }
        assert_eq!(parse("a\r\nb").unwrap(), "a\nb");
        assert!(parse(&"字".repeat(MAX_CHARS)).is_ok());
        assert!(
            parse(&"a".repeat(MAX_CHARS + 1))
                .unwrap_err()
                .to_string()
                .contains("10001")
        );
    }

    // The longest text fits into the form and into the column.
    const _: () =
        assert!(MAX_CHARS * 4 * 3 < FORM_LIMIT && MAX_CHARS * 4 <= markdown::COMMENT_LIMIT_BYTES);
}
