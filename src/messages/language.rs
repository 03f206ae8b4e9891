//! The language of this process, chosen once at its start.

use std::sync::OnceLock;

use super::table::{LANGUAGES, Language};

static CHOSEN: OnceLock<&'static Language> = OnceLock::new();

pub(in crate::messages) fn chosen() -> &'static Language {
    CHOSEN.get().unwrap_or(&&LANGUAGES[0])
}

/// Languages that have a folder, English first.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.code)
}

/// Sets the language of this process, at its start; one that has no folder leaves it English.
pub fn choose(code: &str) {
    let found = LANGUAGES.iter().find(|language| language.code == code);
    if let Some(language) = found {
        // A second choice in one process is one of tests.
        let _ = CHOSEN.set(language);
    }
}

/// The code of the language that messages are in.
pub fn language() -> &'static str {
    chosen().code
}
