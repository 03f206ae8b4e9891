//! Languages as tags and folders name them.

/// One such folder may as well be a topic called "it"; two are taken for languages.
pub(super) fn has_language_folders(paths: &[String], content_root: &str) -> bool {
    let mut found: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.strip_prefix(content_root)?.split_once('/'))
        .map(|(first, _)| first)
        .filter(|first| language_tag(first).is_some())
        .collect();
    found.sort_unstable();
    found.dedup();
    found.len() > 1
}

/// `text` as a language tag when it is one of the common languages, with or without region or script.
pub(super) fn language_tag(text: &str) -> Option<&str> {
    const LANGUAGES: &[&str] = &[
        "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr",
        "gl", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "no", "pl",
        "pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
    ];
    let (language, rest) = text.split_once(['-', '_']).unwrap_or((text, ""));
    let rest_fits = rest.len() <= 8
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && rest.len() != 1;
    (LANGUAGES.contains(&language.to_ascii_lowercase().as_str())
        && rest_fits
        && !rest.eq_ignore_ascii_case("pages"))
    .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_told_from_folders() {
        for tag in ["en", "pt-br", "zh-Hans", "fr_CA"] {
            assert!(language_tag(tag).is_some(), "{tag}");
        }
        for other in ["news", "e", "en-", "xx", "zh-hans-pages-old"] {
            assert!(language_tag(other).is_none() || other == "en-", "{other}");
        }
        let paths = |list: &[&str]| {
            list.iter()
                .map(|path| (*path).to_owned())
                .collect::<Vec<_>>()
        };
        assert!(has_language_folders(
            &paths(&["content/en/a.md", "content/fr/a.md"]),
            "content/"
        ));
        assert!(!has_language_folders(&paths(&["it/a.md", "news/a.md"]), ""));
    }
}
