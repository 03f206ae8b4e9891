//! Takes control characters out of the texts of an old site.

use crate::web::form::without_text_controls;

/// Without control characters, also those that turn text around: escapes of YAML, TOML and JSON can write any, and the
/// database takes no NUL.
pub fn without_controls(text: &str) -> String {
    without_text_controls(text)
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_taken_out() {
        assert_eq!(without_controls(" a\0b\u{85}\u{7}\u{202e}\n"), "ab");
    }
}
