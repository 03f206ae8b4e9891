//! Posts and comments: no text panics, hangs or leaves the sanitiser's fixed point. The first byte chooses.

#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead::markdown::{Typography, clean, comment_in, post_in};

fuzz_target!(|data: &[u8]| {
    let Some((kind, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match kind % 3 {
        0 => drop(post_in(text, &typography(*kind))),
        1 => drop(comment_in(text, &typography(*kind))),
        _ => {
            let Ok(once) = clean(text) else { return };
            assert_eq!(clean(&once).as_deref(), Ok(once.as_str()));
        }
    }
});

/// Each kind of quotes and spaces, and none.
fn typography(kind: u8) -> Typography {
    let languages = ["", "en", "de", "fr", "fr-CH", "ru", "sv", "pl"];
    Typography::of(languages[usize::from(kind / 3) % languages.len()])
}
