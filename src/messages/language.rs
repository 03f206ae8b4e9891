//! The language of this process, chosen once at its start.

use std::sync::OnceLock;

use super::table::{LANGUAGES, Language};

/// The place of the language in the table.
static CHOSEN: OnceLock<usize> = OnceLock::new();

fn place() -> usize {
    CHOSEN.get().copied().unwrap_or_default()
}

pub(in crate::messages) fn chosen() -> &'static Language {
    &LANGUAGES[place()]
}

/// Of things that exist once for each language, in the order of the build, that of the chosen language.
pub fn in_chosen_language<T: ?Sized>(each: &[&'static T]) -> &'static T {
    each[place()]
}

/// Languages that have a folder, English first.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.code)
}

/// Sets the language of this process, at its start; one that has no folder leaves it English.
pub fn choose(code: &str) {
    let found = LANGUAGES.iter().position(|language| language.code == code);
    if let Some(place) = found {
        // A second choice in one process is one of tests.
        let _ = CHOSEN.set(place);
    }
}

/// The code of the language that messages are in.
pub fn language() -> &'static str {
    chosen().code
}
