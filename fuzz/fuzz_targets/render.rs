//! Posts and comments: no text panics, hangs or leaves the sanitiser's fixed point. The first byte chooses.

#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead::markdown::{clean, comment, post};

fuzz_target!(|data: &[u8]| {
    let Some((kind, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match kind % 3 {
        0 => drop(post(text)),
        1 => drop(comment(text)),
        _ => {
            let Ok(once) = clean(text) else { return };
            assert_eq!(clean(&once).as_deref(), Ok(once.as_str()));
        }
    }
});
