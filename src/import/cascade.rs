//! What a section, or a site for one of its folders, says of all documents below.

use regex::Regex;

use super::file_name;
use super::glob;
use super::inherited::{Inherited, without};
use super::rules::Rules;
use super::value::{Table, Value, is_spelled};

impl Rules {
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

    pub(super) fn jekyll_defaults(&mut self, defaults: &Value, origin: &str) {
        let Value::List(items) = defaults else { return };
        for item in items {
            let Value::Map(item) = item else { continue };
            let Some(values) = item.table("values") else {
                continue;
            };
            self.inherited.push(Inherited {
                folder: String::new(),
                language: None,
                path: scope(item),
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
        let language = language_of_name(path);
        let Some(fields) = fields else {
            let entries = vec![("draft".to_owned(), Value::Text("true".to_owned()))];
            let origin = format!(" (as long as {path} cannot be read)");
            return self.inherit_firmly(folder, language, entries, origin);
        };
        for cascade in fields.all("cascade") {
            self.cascade(cascade, &folder, language.as_deref(), path);
        }
        let entries = draft_settings(fields);
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

/// The paths that one of Jekyll's defaults is for.
fn scope(defaults: &Table) -> Option<Regex> {
    let scope = defaults.table("scope");
    let of_scope = |name: &str| scope.and_then(|scope| scope.text(&[name]));
    let of_kind = match of_scope("type").unwrap_or_default() {
        "" | "pages" => String::new(),
        kind => format!("_{kind}/"),
    };
    glob::for_jekyll(of_scope("path").unwrap_or_default(), &of_kind)
}

fn language_of_name(path: &str) -> Option<String> {
    let (_, ending) = file_name::stem(path).rsplit_once('.')?;
    super::language::language_tag(ending).map(str::to_owned)
}

/// Zola passes a draft section over with all that is in it; Hugo shows no way there.
fn draft_settings(fields: &Table) -> Vec<(String, Value)> {
    fields
        .entries
        .iter()
        .filter(|(name, _)| is_spelled(name, "draft"))
        .cloned()
        .collect()
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
