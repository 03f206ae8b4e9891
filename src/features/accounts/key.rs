//! The key of a handle: what two handles have in common that must not both be taken. It is stored, so a change of it would part
//! accounts from the keys under which they are found.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// The key of any text in the place of a handle, also one that could not be registered.
pub fn key_of(name: &str) -> String {
    // Every page asks for a name's tag, and nearly every name is ASCII: folding that takes tables of Unicode
    // goes by character there, so the answers fit in a table of our own.
    static ASCII: LazyLock<[String; 128]> =
        LazyLock::new(|| std::array::from_fn(|c| folded(&char::from(c as u8).to_string())));
    match name.is_ascii() {
        true => name
            .bytes()
            .map(|c| ASCII[usize::from(c)].as_str())
            .collect(),
        false => folded(name),
    }
}

fn folded(name: &str) -> String {
    let lower: String = name.nfkc().collect::<String>().to_lowercase();
    // Folding again: a skeleton may hold capitals (the skeleton of “0” is “O”).
    skeleton(&lower).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_share_a_key() {
        assert_eq!(key_of("paypal"), key_of("PayPal"));
        assert_eq!(key_of("paypal"), key_of("pаypаl"));
        assert_eq!(key_of("ann0"), key_of("annO"));
        assert_ne!(key_of("ann"), key_of("anna"));
    }

    #[test]
    fn the_table_for_ascii_says_what_folding_says() {
        for (a, b) in (0..128u8).flat_map(|a| (0..128u8).map(move |b| (a, b))) {
            let name: String = [a, b].map(char::from).iter().collect();
            assert_eq!(key_of(&name), folded(&name), "{name:?}");
        }
    }
}
