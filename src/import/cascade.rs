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
        self.built_folders.extend(
            config
                .all("include")
                .flat_map(Value::texts)
                .map(str::to_owned),
        );
        for collections in config.all("collections") {
            let Value::Map(collections) = collections else {
                continue;
            };
            let is_built = |value: &Value| matches!(value, Value::Map(fields) if fields.flag("output") == Some(true));
            let names = collections
                .entries
                .iter()
                .filter(|(_, value)| is_built(value))
                .map(|(name, _)| format!("_{name}"));
            self.built_folders.extend(names);
        }
        let locked = config
            .table("encrypt")
            .into_iter()
            .flat_map(|encrypt| encrypt.all("tags"));
        for list in locked {
            let Value::List(tags) = list else { continue };
            let name = |tag: &Value| match tag {
                Value::Map(tag) => tag.text(&["name"]).map(str::to_owned),
                other => other.as_text().map(str::to_owned),
            };
            self.locked_tags.extend(tags.iter().filter_map(name));
        }
    }

    pub(super) fn hugo_settings(&mut self, config: &Table) {
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
            // `:default` and `:filename` stand for names and places that are known.
            let named = |list: &str| {
                let texts = names
                    .entries
                    .iter()
                    .filter(|(name, _)| is_spelled(name, list))
                    .flat_map(|(_, value)| value.texts());
                texts
                    .filter(|text| !text.starts_with(':'))
                    .map(super::settings::letters)
                    .collect::<Vec<_>>()
            };
            self.dates = DateNames {
                starts: named("publishdate"),
                ends: named("expirydate"),
            };
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
        let maps: Vec<&Table> = match cascade {
            Value::Map(fields) => vec![fields],
            Value::List(items) => items
                .iter()
                .filter_map(|item| {
                    if let Value::Map(fields) = item {
                        Some(fields)
                    } else {
                        None
                    }
                })
                .collect(),
            Value::Null | Value::Text(_) => return,
        };
        for fields in maps {
            let target = fields.all("target").find_map(|target| {
                if let Value::Map(target) = target {
                    Some(target)
                } else {
                    None
                }
            });
            let kind = target
                .and_then(|target| target.text(&["kind"]))
                .map(str::to_ascii_lowercase);
            if kind.is_some_and(|kind| !kind.contains("page") && !kind.contains('*')) {
                continue;
            }
            self.inherited.push(Inherited {
                folder: folder.to_owned(),
                language: language
                    .or_else(|| target.and_then(|target| target.text(&["lang"])))
                    .map(str::to_owned),
                // A pattern that cannot be read holds for all: too little is public then, not too much.
                path: target
                    .and_then(|target| target.text(&["path"]))
                    .and_then(glob::whole),
                fields: without(fields, &["target"]),
                origin: format!(" (set in {origin})"),
                firm: false,
            });
        }
    }

    pub(super) fn jekyll_defaults(&mut self, defaults: &Value, origin: &str) {
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
            let unread = Table {
                entries: vec![("draft".to_owned(), Value::Text("true".to_owned()))],
            };
            let origin = format!(" (as long as {path} cannot be read)");
            self.inherited.push(Inherited {
                folder,
                language,
                path: None,
                fields: unread,
                origin,
                firm: true,
            });
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
}
