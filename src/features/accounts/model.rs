//! Handles of accounts, and the rules they obey.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::MixedScript;
use uuid::Uuid;

use super::email::Email;
use super::key::key_of;
use super::reserved_words::looks_reserved;
use crate::access::Role;
use crate::features::site::SignUpRole;
use crate::messages::{Message, text};
use crate::web::form::is_default_ignorable;

/// Key of a picture; a new picture has a new one.
pub type AvatarId = Uuid;

impl From<SignUpRole> for Role {
    fn from(role: SignUpRole) -> Role {
        match role {
            SignUpRole::Reader => Role::Reader,
            SignUpRole::Contributor => Role::Contributor,
            SignUpRole::Author => Role::Author,
        }
    }
}

/// A handle, by the profile UsernameCaseMapped of RFC 8265 and narrower: letters with their marks, digits, `-` and `_` of
/// one script, 2 to 30 characters. Case is kept for showing. Its [`Username::key`] is what must be unique: names that look
/// alike share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Username, Message> {
        let name = composed(text.trim());
        if !(2..=30).contains(&name.chars().count()) {
            return Err(text::accounts_username_length());
        }
        if !name.chars().eq(name.nfkc()) {
            return Err(text::accounts_username_look_alikes());
        }
        check_characters(&name)?;
        if !name.as_str().is_single_script() {
            return Err(text::accounts_username_scripts());
        }
        if key_of(&name).is_empty() {
            return Err(text::accounts_username_invisible());
        }
        if looks_reserved(&name) {
            return Err(text::accounts_username_reserved());
        }
        Ok(Username(name))
    }

    /// One that an account has already: it stays good whatever the rules are by now.
    pub(super) fn kept(name: &str) -> Username {
        Username(name.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Case-folded confusable skeleton.
    pub fn key(&self) -> String {
        key_of(&self.0)
    }
}

/// In the form in which handles are stored. What is longer than anything that can be typed for one is not looked at.
fn composed(text: &str) -> String {
    if text.len() > Email::MOST_BYTES {
        String::new()
    } else {
        width_mapped(text).nfc().collect()
    }
}

/// Full-width and half-width forms as the letters that they are.
fn width_mapped(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|c| {
        let wide = ('\u{ff00}'..='\u{ffef}').contains(&c);
        std::iter::once(c)
            .nfkc()
            .filter(move |_| wide)
            .chain((!wide).then_some(c))
    })
}

/// At most so many marks on one letter: scripts need two or three, towers of them cover the lines above.
const MOST_MARKS: usize = 3;

fn check_characters(name: &str) -> Result<(), Message> {
    let is_letter = |c: char| c.is_alphanumeric() && !is_default_ignorable(c) && !is_old_jamo(c);
    let is_mark = |c: char| is_combining_mark(c) && !is_default_ignorable(c);
    let mut marks = MOST_MARKS;
    for c in name.chars() {
        marks = match c {
            c if is_letter(c) => 0,
            c if is_mark(c) && marks < MOST_MARKS => marks + 1,
            '-' | '_' => MOST_MARKS,
            _ => return Err(text::accounts_username_characters()),
        };
    }
    check_ends(name)?;
    check_direction(name)
}

fn check_ends(name: &str) -> Result<(), Message> {
    let ends = |c: Option<char>| c.is_some_and(|c| c != '-' && c != '_');
    if !ends(name.chars().next()) || !ends(name.chars().last()) {
        return Err(text::accounts_username_ends());
    }
    Ok(())
}

/// A name that runs from right to left begins so, and has digits of one kind.
fn check_direction(name: &str) -> Result<(), Message> {
    let (western, arabic) = (
        name.chars().any(|c| c.is_ascii_digit()),
        name.chars().any(is_arabic_digit),
    );
    let right_to_left = name.chars().any(is_right_to_left);
    if right_to_left && (western && arabic || !name.chars().next().is_some_and(is_right_to_left)) {
        return Err(text::accounts_username_direction());
    }
    Ok(())
}

/// Parts of Korean syllables that do not compose, which RFC 8264 leaves out.
fn is_old_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}')
}

fn is_arabic_digit(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

/// Letters whose neighbours change place where such a name begins with something else (RFC 5893).
fn is_right_to_left(c: char) -> bool {
    let script =
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    script && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_of_one_script() {
        for name in [
            "ann",
            "Ann-Marie",
            "o_o2",
            "Алексей",
            "张伟明",
            "user2026",
            "بسام",
            "सूर्य",
            "नमस्ते-२",
            "ひらがな漢字カナ",
            "ａｎｎ",
            "cafe\u{301}",
            "สมชาย",
            "ali",
            "ian",
            "m3",
            "בסדר_1",
        ] {
            assert!(
                Username::parse(name).is_ok(),
                "{name}: {:?}",
                Username::parse(name)
            );
        }
    }

    #[test]
    fn refuses_reserved_mixed_and_invisible_names() {
        for name in [
            "",
            "a",
            "admin",
            "ADMIN",
            "аdmin",
            "ａｄｍｉｎ",
            "a b",
            "ann\u{200b}a",
            "раypal",
            "-ann",
            "a/b",
            "a.b",
            "@ann",
            "settings",
            "masthead",
            &"x".repeat(31),
            "ADM1N",
            "adm1n",
            "ADMlN",
            "aII",
            "HEIp",
            "IegaI",
            "MAlL",
            "OFFlClAl",
            "ТОР",
            "R00T",
            "r0ot",
            "a1l",
            "SETTlNGS",
            "\u{115f}\u{1160}",
            "\u{3164}\u{3164}",
            "\u{ffa0}ann",
            "ann\u{fe0f}",
            "ann\u{34f}n",
            "a\u{200d}b",
            "\u{301}\u{301}",
            "\u{301}ann",
            "an-\u{94d}n",
            &format!("a{}", "\u{301}".repeat(5)),
            "\u{1100}\u{1100}",
            "1بسام",
            "بسام1٢",
            "a²",
            "x".repeat(70_000).as_str(),
        ] {
            assert!(Username::parse(name).is_err(), "{name:?}");
        }
    }
}
