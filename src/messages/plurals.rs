//! Plural rules of languages: which words go with a number.

use std::sync::LazyLock;

use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

use super::language::language;
use super::table::LANGUAGES;

/// The plural rules of a language, and those of English for messages that it lacks.
pub(in crate::messages) struct Rules {
    own: Option<PluralRules>,
    english: Option<PluralRules>,
}

pub(in crate::messages) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(language()));

impl Rules {
    pub(in crate::messages) fn of(code: &str) -> Rules {
        Rules {
            own: rules(code),
            english: rules(LANGUAGES[0].code),
        }
    }

    /// As Fluent's selectors name it.
    pub(in crate::messages) fn category(&self, number: i64, in_english: bool) -> &'static str {
        let rules = if in_english { &self.english } else { &self.own };
        let category = rules.as_ref().and_then(|rules| rules.select(number).ok());
        match category.unwrap_or(PluralCategory::OTHER) {
            PluralCategory::ZERO => "zero",
            PluralCategory::ONE => "one",
            PluralCategory::TWO => "two",
            PluralCategory::FEW => "few",
            PluralCategory::MANY => "many",
            PluralCategory::OTHER => "other",
        }
    }
}

fn rules(code: &str) -> Option<PluralRules> {
    let code = code.parse::<unic_langid::LanguageIdentifier>().ok()?;
    // Rules are for languages; a region changes none but Portuguese.
    let primary = unic_langid::LanguageIdentifier::from_parts(code.language, None, None, &[]);
    PluralRules::create(code, PluralRuleType::CARDINAL)
        .or_else(|_| PluralRules::create(primary, PluralRuleType::CARDINAL))
        .ok()
}
