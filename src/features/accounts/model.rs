//! Names and addresses of accounts, and the rules they obey.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::MixedScript;
use uuid::Uuid;

use super::key::key_of;
use super::look_alike::{self, Drawing};
use crate::access::Role;
use crate::features::site::SignUpRole;
use crate::messages::{Message, text};
use crate::web::form::is_default_ignorable;
use crate::web::route_words::route_words;

/// Key of a picture; a new picture has a new one.
pub type AvatarId = Uuid;

impl From<SignUpRole> for Role {
    fn from(role: SignUpRole) -> Role {
        match role {
            SignUpRole::Reader => Role::Reader,
            SignUpRole::Author => Role::Author,
        }
    }
}

/// Words that are the site's own or may become so, besides those of its routes: a name must neither pass for staff nor stand in the
/// place of a page.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "account",
    "accounts",
    "administrator",
    "all",
    "anonymous",
    "api",
    "app",
    "archive",
    "author",
    "authors",
    "blog",
    "comment",
    "contact",
    "deleted",
    "demo",
    "everyone",
    "favicon",
    "feeds",
    "following",
    "help",
    "here",
    "home",
    "hostmaster",
    "imprint",
    "inbox",
    "info",
    "jobs",
    "legal",
    "mail",
    "masthead",
    "media",
    "metrics",
    "mod",
    "moderation",
    "moderations",
    "moderator",
    "news",
    "newsletter",
    "nobody",
    "noreply",
    "null",
    "official",
    "owner",
    "page",
    "pages",
    "post",
    "postmaster",
    "posts",
    "privacy",
    "register",
    "reset",
    "root",
    "saved",
    "search",
    "security",
    "signin",
    "signout",
    "staff",
    "static",
    "stats",
    "status",
    "support",
    "sysadmin",
    "system",
    "tag",
    "tags",
    "team",
    "terms",
    "top",
    "undefined",
    "user",
    "users",
    "webmaster",
    "well-known",
    "worker",
    "www",
];

/// A handle, by the profile UsernameCaseMapped of RFC 8265 and narrower: letters with their marks, digits, `-` and `_` of
/// one script, 2 to 30 characters. Case is kept for showing. Its [`Username::key`] is what must be unique: names that look
/// alike share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Username, Message> {
        let text = text.trim();
        let name: String = if text.len() > Email::MOST_BYTES {
            String::new()
        } else {
            width_mapped(text).nfc().collect()
        };
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
    let ends = |c: Option<char>| c.is_some_and(|c| c != '-' && c != '_');
    if !ends(name.chars().next()) || !ends(name.chars().last()) {
        return Err(text::accounts_username_ends());
    }
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

/// Whether it can be taken for one of the site's own words: `ADM1N`, `R00T`, `ADMlN`.
fn looks_reserved(name: &str) -> bool {
    static WORDS: LazyLock<HashMap<String, Vec<Drawing>>> =
        LazyLock::new(|| look_alike::by_class(route_words().chain(RESERVED.iter().copied())));
    look_alike::passes_for(name, &WORDS)
}

/// A mail address, loosely checked: one `@`, a domain with a dot or `localhost`, no blanks.
#[derive(Clone, Debug)]
pub struct Email(String);

impl Email {
    pub const MOST_BYTES: usize = 254;

    pub fn parse(text: &str) -> Result<Email, Message> {
        let text = text.trim();
        let fault = || Err(text::accounts_email_incomplete());
        if text.len() > Email::MOST_BYTES {
            return Err(text::accounts_email_too_long(Email::MOST_BYTES));
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return fault();
        };
        let clean = |s: &str| {
            s.chars().all(|c| {
                !c.is_whitespace()
                    && !c.is_control()
                    && !is_default_ignorable(c)
                    && !"<>()[],;:\\\"@".contains(c)
            })
        };
        let domain_ok = domain == "localhost"
            || (domain.contains('.') && domain.split('.').all(|label| !label.is_empty()));
        if local.is_empty() || local.len() > 64 || !clean(local) || !clean(domain) || !domain_ok {
            return fault();
        }
        Ok(Email(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
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

    #[test]
    fn addresses() {
        for good in [
            "ann@example.org",
            "a+b@sub.example.org",
            "root@localhost",
            "ü@bücher.example",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@example",
            "a b@example.org",
            "a@b@example.org",
            "<a@b.c>",
            "a@b..c",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
