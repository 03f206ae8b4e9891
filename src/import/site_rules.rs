//! What the settings of a site say of its files.

use regex::Regex;

use super::generator::Generator;
use super::glob;
use super::rules::Rules;
use super::settings::DateNames;
use super::value::{Table, Value, is_spelled};

impl Rules {
    pub(super) fn settings(&mut self, config: &Table, name: &str) {
        for cascade in config.all("cascade") {
            self.cascade(cascade, "", None, name);
        }
        for defaults in config.all("defaults") {
            self.jekyll_defaults(defaults, name);
        }
        let globs = lists_of_left_out(self.kind)
            .iter()
            .flat_map(|list| config.all(list))
            .flat_map(Value::texts);
        self.left_out.extend(globs.filter_map(glob::below));
        if self.kind == Generator::Hugo {
            self.hugo_settings(config);
        }
        self.read_built_folders(config);
        self.read_locked_tags(config);
    }

    fn read_built_folders(&mut self, config: &Table) {
        self.built_folders.extend(
            config
                .all("include")
                .flat_map(Value::texts)
                .map(str::to_owned),
        );
        let is_built = |value: &Value| matches!(value, Value::Map(fields) if fields.flag("output") == Some(true));
        for collections in config.all("collections") {
            let Value::Map(collections) = collections else {
                continue;
            };
            let names = collections
                .entries
                .iter()
                .filter(|(_, value)| is_built(value))
                .map(|(name, _)| format!("_{name}"));
            self.built_folders.extend(names);
        }
    }

    fn read_locked_tags(&mut self, config: &Table) {
        let locked = config
            .table("encrypt")
            .into_iter()
            .flat_map(|encrypt| encrypt.all("tags"));
        let name = |tag: &Value| match tag {
            Value::Map(tag) => tag.text(&["name"]).map(str::to_owned),
            other => other.as_text().map(str::to_owned),
        };
        for list in locked {
            let Value::List(tags) = list else { continue };
            self.locked_tags.extend(tags.iter().filter_map(name));
        }
    }

    fn hugo_settings(&mut self, config: &Table) {
        let patterns = config.all("ignorefiles").flat_map(Value::texts);
        self.left_out
            .extend(patterns.filter_map(|pattern| Regex::new(pattern).ok()));
        self.off_languages.extend(
            config
                .all("disablelanguages")
                .flat_map(Value::texts)
                .map(str::to_owned),
        );
        self.off_languages.extend(disabled_languages(config));
        if let Some(names) = config.table("frontmatter") {
            self.dates = date_names(names);
        }
    }
}

/// The settings under which each generator lists what it makes no page of.
fn lists_of_left_out(kind: Generator) -> &'static [&'static str] {
    match kind {
        Generator::Jekyll => &["exclude"],
        Generator::Hexo => &["exclude", "ignore", "skiprender"],
        Generator::Zola => &["ignoredcontent"],
        Generator::Hugo | Generator::Plain => &[],
    }
}

fn disabled_languages(config: &Table) -> impl Iterator<Item = String> {
    let languages = config
        .table("languages")
        .map(|languages| languages.entries.as_slice())
        .unwrap_or_default();
    let is_off = |value: &Value| matches!(value, Value::Map(fields) if fields.flag("disabled") == Some(true));
    languages
        .iter()
        .filter(move |(_, value)| is_off(value))
        .map(|(name, _)| name.clone())
}

/// `:default` and `:filename` stand for names and places that are known.
fn date_names(names: &Table) -> DateNames {
    let named = |list: &str| {
        let texts = names
            .entries
            .iter()
            .filter(|(name, _)| is_spelled(name, list))
            .flat_map(|(_, value)| value.texts());
        texts
            .filter(|text| !text.starts_with(':'))
            .map(super::setting_values::letters)
            .collect::<Vec<_>>()
    };
    DateNames {
        starts: named("publishdate"),
        ends: named("expirydate"),
    }
}
