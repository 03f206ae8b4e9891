//! Front matter of any generator: no file panics or hangs.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(file) = std::str::from_utf8(data) {
        masthead::import::read_front_matter(file);
    }
});
