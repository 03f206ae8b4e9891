//! What sections and the site's own settings say about many documents at once: Hugo's cascades, Jekyll's defaults,
//! Zola's draft sections, folders and files that a generator leaves out, tags with a password.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use regex::Regex;

use super::dates::Zone;
use super::site::{Generator, Site};
use super::value::{Table, Value, is_spelled};
use super::visibility::{Decision, Expired, Layer, Reason, Visibility};
use super::{glob, scan};

/// How a folder is read, besides its content.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What counts as now, for dates in the future and in the past.
    pub now: DateTime<Utc>,
    pub expired: Expired,
}

#[derive(Debug)]
pub(super) struct Rules {
    reading: Reading,
    kind: Generator,
    /// Where the folder lies below the settings file, such as `content/`; mostly empty.
    base: String,
    content_root: String,
    inherited: Vec<Inherited>,
    left_out: Vec<Regex>,
    /// Folders that hold an `index.md`: what else is in them belongs to that page.
    bundles: BTreeSet<String>,
    /// Folders with an underscore that the generator builds all the same.
    built_folders: Vec<String>,
    locked_tags: Vec<String>,
    /// Languages that are switched off.
    off_languages: Vec<String>,
    /// Further names of the dates from when and until when a page is shown.
    dates: DateNames,
    zone: Zone,
    /// A post needs a date in its name; known only where Jekyll's own settings are there.
    needs_dated_names: bool,
}

#[derive(Debug, Default)]
pub(super) struct DateNames {
    pub(super) starts: Vec<String>,
    pub(super) ends: Vec<String>,
}

/// Settings for all documents below a folder.
#[derive(Debug)]
struct Inherited {
    folder: String,
    language: Option<String>,
    /// Of the address on the old site.
    path: Option<Regex>,
    fields: Table,
    origin: String,
    /// Whether a document below cannot say otherwise.
    firm: bool,
}

impl Rules {
    pub(super) fn new(reading: Reading, site: &Site, paths: &[String]) -> Self {
        let mut rules = Rules {
            reading,
            kind: site.kind,
            base: site.base.clone(),
            content_root: site.content_root.clone(),
            inherited: Vec::new(),
            left_out: Vec::new(),
            bundles: BTreeSet::new(),
            built_folders: vec!["_posts".into(), "_drafts".into()],
            locked_tags: Vec::new(),
            off_languages: Vec::new(),
            dates: DateNames::default(),
            zone: site.zone,
            needs_dated_names: site.kind == Generator::Jekyll && site.config_file.is_some(),
        };
        if site.kind == Generator::Hugo {
            let is_bundle = |path: &&String| {
                scan::is_markdown(path) && scan::own_name(path) != scan::stem(path)
            };
            rules.bundles = paths
                .iter()
                .filter(is_bundle)
                .filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned()))
                .collect();
        }
        rules.settings(
            &site.config,
            site.config_file.as_deref().unwrap_or("the site’s settings"),
        );
        rules
    }

    fn settings(&mut self, config: &Table, name: &str) {
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
    fn cascade(&mut self, cascade: &Value, folder: &str, language: Option<&str>, origin: &str) {
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
        let language = scan::stem(path)
            .rsplit_once('.')
            .and_then(|(_, ending)| super::site::language_tag(ending))
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

    /// The decision by everything that is known of a document: its own settings win over inherited ones.
    pub(super) fn decide(&self, path: &str, language: Option<&str>, fields: &[&Table]) -> Decision {
        let mut decision = Decision::default();
        for table in fields {
            self.layer(table, String::new()).read(&mut decision);
        }
        for inherited in self
            .inherited
            .iter()
            .filter(|inherited| self.holds(inherited, path, language))
        {
            let own = fields
                .iter()
                .flat_map(|table| &table.entries)
                .filter(|_| !inherited.firm);
            let left = without_keys(&inherited.fields, own.map(|(name, _)| name.as_str()));
            self.layer(&left, inherited.origin.clone())
                .read(&mut decision);
        }
        self.place(path, &mut decision);
        if let Some(language) = language.filter(|own| {
            self.off_languages
                .iter()
                .any(|off| off.eq_ignore_ascii_case(own))
        }) {
            let why = format!("the settings of the old site switch its language off ({language})");
            decision.hide(Visibility::Draft, Reason::NotBuilt, why);
        }
        decision
    }

    fn layer<'a>(&'a self, fields: &'a Table, origin: String) -> Layer<'a> {
        let Reading { now, expired } = self.reading;
        let dates = &self.dates;
        Layer {
            fields,
            origin,
            now,
            expired,
            dates,
            zone: self.zone,
            is_hexo: self.kind == Generator::Hexo,
            is_hugo: self.kind == Generator::Hugo,
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.reading.now
    }

    /// A tag that opens only with a password on the old site.
    pub(super) fn is_locked(&self, tag: &str) -> bool {
        self.locked_tags.iter().any(|locked| locked == tag)
    }

    fn holds(&self, inherited: &Inherited, path: &str, language: Option<&str>) -> bool {
        path.starts_with(&inherited.folder)
            && inherited
                .language
                .as_deref()
                .is_none_or(|wanted| language.is_none_or(|own| own.eq_ignore_ascii_case(wanted)))
            && inherited.path.as_ref().is_none_or(|pattern| {
                let whole = format!("{}{path}", self.base);
                let inside = whole.strip_prefix("content/").unwrap_or(&whole);
                let address = inside
                    .rsplit_once('.')
                    .map_or(inside, |(address, _)| address);
                let address = address.strip_suffix("/index").unwrap_or(address);
                pattern.is_match(&whole)
                    || pattern.is_match(&format!("/{}", address.to_ascii_lowercase()))
            })
    }

    /// What the place of a file says: folders that are not built, parts of bundles, settings that leave it out.
    fn place(&self, path: &str, decision: &mut Decision) {
        let whole = format!("{}{path}", self.base);
        let inside = path.strip_prefix(&self.content_root).unwrap_or(path);
        if self
            .left_out
            .iter()
            .any(|pattern| pattern.is_match(&whole) || pattern.is_match(inside))
        {
            decision.hide(
                Visibility::Draft,
                Reason::NotBuilt,
                "the settings of the old site leave it out",
            );
        }
        let mut folders = path.split('/').collect::<Vec<_>>();
        let file = folders.pop().unwrap_or_default();
        if matches!(self.kind, Generator::Jekyll | Generator::Hexo) {
            let is_skipped = |name: &&&str| {
                name.starts_with(['_', '#'])
                    && !self.built_folders.iter().any(|built| built == **name)
            };
            if let Some(name) = folders.iter().find(is_skipped) {
                decision.hide(
                    Visibility::Draft,
                    Reason::NotBuilt,
                    format!("the folder {name} is not built by its generator"),
                );
            } else if file.starts_with(['_', '#']) || file.ends_with('~') {
                decision.hide(
                    Visibility::Draft,
                    Reason::NotBuilt,
                    "a file of such a name is not built by its generator",
                );
            }
        }
        if self.needs_dated_names
            && folders.contains(&"_posts")
            && super::dates::from_file_name(scan::stem(file)).is_none()
        {
            decision.hide(
                Visibility::Draft,
                Reason::NotBuilt,
                "a post without a date in its name is not built by its generator",
            );
        }
        let is_part = scan::own_name(path) == scan::stem(path);
        let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some(folder) = above.find(|folder| is_part && self.bundles.contains(*folder)) {
            let why = format!(
                "it belongs to the page bundle {folder}, and its generator makes no page of it"
            );
            decision.hide(Visibility::Draft, Reason::NotBuilt, why);
        }
    }
}

fn without(table: &Table, names: &[&str]) -> Table {
    let kept = |(key, _): &&(String, Value)| !names.iter().any(|name| is_spelled(key, name));
    Table {
        entries: table.entries.iter().filter(kept).cloned().collect(),
    }
}

/// Without what the keys of a document set anew.
fn without_keys<'a>(table: &Table, keys: impl Iterator<Item = &'a str>) -> Table {
    let letters: Vec<String> = keys.map(super::settings::letters).collect();
    without(
        table,
        &letters.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}
