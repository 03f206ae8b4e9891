//! What sections and the site's own settings say about many documents at once: Hugo's cascades, Jekyll's defaults,
//! Zola's draft sections, folders and files that a generator leaves out, tags with a password.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use regex::Regex;

use super::file_name;
use super::generator::Generator;
use super::inherited::{Inherited, left_to};
use super::layer::Layer;
use super::moment::Zone;
use super::site::Site;
use super::value::Table;
use super::visibility::{Decision, Expired, Reason, Visibility};
use crate::import::settings::DateNames;

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
    pub(super) kind: Generator,
    /// Where the folder lies below the settings file, such as `content/`; mostly empty.
    base: String,
    content_root: String,
    pub(super) inherited: Vec<Inherited>,
    pub(super) left_out: Vec<Regex>,
    /// Folders that hold an `index.md`: what else is in them belongs to that page.
    bundles: BTreeSet<String>,
    /// Folders with an underscore that the generator builds all the same.
    pub(super) built_folders: Vec<String>,
    pub(super) locked_tags: Vec<String>,
    /// Languages that are switched off.
    pub(super) off_languages: Vec<String>,
    /// Further names of the dates from when and until when a page is shown.
    pub(super) dates: DateNames,
    zone: Zone,
    /// A post needs a date in its name; known only where Jekyll's own settings are there.
    needs_dated_names: bool,
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
            bundles: bundles(site.kind, paths),
            built_folders: vec!["_posts".into(), "_drafts".into()],
            locked_tags: Vec::new(),
            off_languages: Vec::new(),
            dates: DateNames::default(),
            zone: site.zone,
            needs_dated_names: site.kind == Generator::Jekyll && site.config_file.is_some(),
        };
        let name = site.config_file.as_deref();
        rules.settings(&site.config, name.unwrap_or("the site’s settings"));
        rules
    }

    /// The decision by everything that is known of a document: its own settings win over inherited ones.
    pub(super) fn decide(&self, path: &str, language: Option<&str>, fields: &[&Table]) -> Decision {
        let mut decision = Decision::default();
        for table in fields {
            self.layer(table, String::new()).read(&mut decision);
        }
        let holds = |inherited: &&Inherited| inherited.holds(&self.base, path, language);
        for inherited in self.inherited.iter().filter(holds) {
            let left = left_to(inherited, fields);
            self.layer(&left, inherited.origin.clone())
                .read(&mut decision);
        }
        self.place(path, &mut decision);
        if let Some(language) = language.filter(|own| self.is_off(own)) {
            let why = format!("the settings of the old site switch its language off ({language})");
            decision.hide(Visibility::Draft, Reason::NotBuilt, why);
        }
        decision
    }

    fn is_off(&self, language: &str) -> bool {
        self.off_languages
            .iter()
            .any(|off| off.eq_ignore_ascii_case(language))
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

    /// What the place of a file says: folders that are not built, parts of bundles, settings that leave it out.
    fn place(&self, path: &str, decision: &mut Decision) {
        let whole = format!("{}{path}", self.base);
        let inside = path.strip_prefix(&self.content_root).unwrap_or(path);
        let mut leave_out = |why: String| decision.hide(Visibility::Draft, Reason::NotBuilt, why);
        if self
            .left_out
            .iter()
            .any(|pattern| pattern.is_match(&whole) || pattern.is_match(inside))
        {
            leave_out("the settings of the old site leave it out".to_owned());
        }
        let mut folders = path.split('/').collect::<Vec<_>>();
        let file = folders.pop().unwrap_or_default();
        let reasons = [
            self.not_built_by_name(&folders, file),
            self.not_built_without_date(&folders, file),
            self.part_of_a_bundle(path),
        ];
        reasons.into_iter().flatten().for_each(leave_out);
    }

    fn not_built_by_name(&self, folders: &[&str], file: &str) -> Option<String> {
        if !matches!(self.kind, Generator::Jekyll | Generator::Hexo) {
            return None;
        }
        let is_skipped = |name: &&&str| {
            name.starts_with(['_', '#']) && !self.built_folders.iter().any(|built| built == **name)
        };
        if let Some(name) = folders.iter().find(is_skipped) {
            return Some(format!("the folder {name} is not built by its generator"));
        }
        (file.starts_with(['_', '#']) || file.ends_with('~'))
            .then(|| "a file of such a name is not built by its generator".to_owned())
    }

    fn not_built_without_date(&self, folders: &[&str], file: &str) -> Option<String> {
        (self.needs_dated_names
            && folders.contains(&"_posts")
            && super::dates::from_file_name(file_name::stem(file)).is_none())
        .then(|| "a post without a date in its name is not built by its generator".to_owned())
    }

    fn part_of_a_bundle(&self, path: &str) -> Option<String> {
        let is_part = file_name::own_name(path) == file_name::stem(path);
        let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
        let folder = above.find(|folder| is_part && self.bundles.contains(*folder))?;
        Some(format!(
            "it belongs to the page bundle {folder}, and its generator makes no page of it"
        ))
    }
}

/// Folders that are one page with its files, which Hugo has.
fn bundles(kind: Generator, paths: &[String]) -> BTreeSet<String> {
    let is_bundle = |path: &&String| {
        kind == Generator::Hugo
            && file_name::is_markdown(path)
            && file_name::own_name(path) != file_name::stem(path)
    };
    paths
        .iter()
        .filter(is_bundle)
        .filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned()))
        .collect()
}
