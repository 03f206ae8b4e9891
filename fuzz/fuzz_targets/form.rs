//! Bodies of forms: read or refused with a sentence, and what is read is text without NUL.

#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead::web::form;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Sample {
    title: String,
    markdown: String,
    tag: Vec<String>,
    count: Option<i32>,
}

fuzz_target!(|data: &[u8]| {
    let Ok(read) = form::parse::<Sample>(data) else { return };
    let texts = [&read.title, &read.markdown].into_iter().chain(&read.tag);
    assert!(texts.clone().all(|text| !text.contains('\0')));
    let _ = read.count;
    for text in texts {
        let _ = form::line("It", text, 100);
        let _ = form::short_text("It", text, 1000);
        let _ = form::web_address("It", text, 500);
        let _ = form::language_code(text);
    }
});
