//! What the settings of a site say of all files below a folder.

use regex::Regex;

use super::file_name;
use super::generator::Generator;
use super::glob;
use super::rules::{Inherited, Rules, without};
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
        let lists = match self.kind {
            Generator::Jekyll => &["exclude"][..],
            Generator::Hexo => &["exclude", "ignore", "skiprender"],
            Generator::Zola => &["ignoredcontent"],
            Generator::Hugo | Generator::Plain => &[],
        };
        let globs = lists
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
        let languages = config
            .table("languages")
            .map(|languages| languages.entries.as_slice())
            .unwrap_or_default();
        let is_off = |value: &Value| matches!(value, Value::Map(fields) if fields.flag("disabled") == Some(true));
        self.off_languages.extend(
            languages
                .iter()
                .filter(|(_, value)| is_off(value))
                .map(|(name, _)| name.clone()),
        );
        if let Some(names) = config.table("frontmatter") {
            self.dates = date_names(names);
        }
    }

    /// One map, or a list of maps that may name the paths that they are for.
    pub(super) fn cascade(
        &mut self,
        cascade: &Value,
        folder: &str,
        language: Option<&str>,
        origin: &str,
    ) {
        for fields in maps(cascade) {
            let target = fields.all("target").find_map(as_map);
            let of_target = |name: &str| target.and_then(|target| target.text(&[name]));
            let kind = of_target("kind").map(str::to_ascii_lowercase);
            if kind.is_some_and(|kind| !kind.contains("page") && !kind.contains('*')) {
                continue;
            }
            self.inherited.push(Inherited {
                folder: folder.to_owned(),
                language: language.or_else(|| of_target("lang")).map(str::to_owned),
                // A pattern that cannot be read holds for all: too little is public then, not too much.
                path: of_target("path").and_then(glob::whole),
                fields: without(fields, &["target"]),
                origin: format!(" (set in {origin})"),
                firm: false,
            });
        }
    }

    fn jekyll_defaults(&mut self, defaults: &Value, origin: &str) {
        let Value::List(items) = defaults else { return };
        for item in items {
            let Value::Map(item) = item else { continue };
            let Some(values) = item.table("values") else {
                continue;
            };
            let scope = item.table("scope");
            let path = scope
                .and_then(|scope| scope.text(&["path"]))
                .unwrap_or_default();
            let kind = scope
                .and_then(|scope| scope.text(&["type"]))
                .unwrap_or_default();
            let of_kind = match kind {
                "" | "pages" => String::new(),
                kind => format!("_{kind}/"),
            };
            self.inherited.push(Inherited {
                folder: String::new(),
                language: None,
                path: glob::for_jekyll(path, &of_kind),
                fields: values.clone(),
                origin: format!(" (set in {origin})"),
                firm: false,
            });
        }
    }

    /// Reads the list page of a folder: `None` where its settings could not be read.
    pub(super) fn section(&mut self, path: &str, fields: Option<&Table>) {
        let folder = path
            .rsplit_once('/')
            .map_or(String::new(), |(folders, _)| format!("{folders}/"));
        let language = file_name::stem(path)
            .rsplit_once('.')
            .and_then(|(_, ending)| super::language::language_tag(ending))
            .map(str::to_owned);
        let Some(fields) = fields else {
            let entries = vec![("draft".to_owned(), Value::Text("true".to_owned()))];
            let origin = format!(" (as long as {path} cannot be read)");
            self.inherit_firmly(folder, language, entries, origin);
            return;
        };
        for cascade in fields.all("cascade") {
            self.cascade(cascade, &folder, language.as_deref(), path);
        }
        // Zola passes a draft section over with all that is in it; Hugo shows no way there.
        let entries: Vec<_> = fields
            .entries
            .iter()
            .filter(|(name, _)| is_spelled(name, "draft"))
            .cloned()
            .collect();
        if !entries.is_empty() {
            let origin = format!(" (set in {path})");
            self.inherit_firmly(folder, language, entries, origin);
        }
    }

    fn inherit_firmly(
        &mut self,
        folder: String,
        language: Option<String>,
        entries: Vec<(String, Value)>,
        origin: String,
    ) {
        self.inherited.push(Inherited {
            folder,
            language,
            path: None,
            fields: Table { entries },
            origin,
            firm: true,
        });
    }
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

fn maps(value: &Value) -> Vec<&Table> {
    match value {
        Value::Map(fields) => vec![fields],
        Value::List(items) => items.iter().filter_map(as_map).collect(),
        Value::Null | Value::Text(_) => Vec::new(),
    }
}

fn as_map(value: &Value) -> Option<&Table> {
    match value {
        Value::Map(fields) => Some(fields),
        _ => None,
    }
}
