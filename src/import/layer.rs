//! What one set of fields says of who may see a document, and when.

use chrono::{DateTime, Utc};

use super::moment::Zone;
use super::setting_values::{Answer, answer, is_public, letters, lower, moment, shown};
use super::settings::{
    ACCESS, DateNames, FLAGS, Flag, PASSWORDS, SCHEDULED, STATUS, TEMPLATE, meaning,
};
use super::value::{Table, Value};
use super::visibility::{Decision, Expired, Reason, Visibility};

/// Settings of one place: the document's own, or what a section or the site's settings say for many.
pub(super) struct Layer<'a> {
    pub(super) fields: &'a Table,
    /// For notes, such as ` (set in content/_index.md)`.
    pub(super) origin: String,
    pub(super) now: DateTime<Utc>,
    pub(super) expired: Expired,
    pub(super) dates: &'a DateNames,
    pub(super) zone: Zone,
    pub(super) is_hexo: bool,
    pub(super) is_hugo: bool,
}

/// Names of templates that tell of who may read; any other is only a look.
const HIDING_TEMPLATES: [&str; 6] = [
    "draft",
    "drafts",
    "private",
    "hidden",
    "unlisted",
    "protected",
];

impl Layer<'_> {
    pub(super) fn read(&self, decision: &mut Decision) {
        for table in self.tables() {
            FLAGS
                .iter()
                .chain([&SCHEDULED])
                .for_each(|flag| self.flag(table, flag, decision));
            self.words(table, decision);
            self.password(table, decision);
            self.robots(table, decision);
            self.sitemap(table, decision);
            self.dates(table, decision);
        }
        self.build(decision);
        self.outputs(decision);
    }

    /// Themes keep their settings in tables of their own.
    fn tables(&self) -> impl Iterator<Item = &Table> {
        let nested = ["params", "extra", "seo", "meta", "metadata", "hexo", "post"];
        let within = nested
            .into_iter()
            .flat_map(|name| self.fields.all(name))
            .filter_map(|value| match value {
                Value::Map(table) => Some(table),
                _ => None,
            });
        std::iter::once(self.fields).chain(within)
    }

    pub(super) fn hide(
        &self,
        decision: &mut Decision,
        visibility: Visibility,
        reason: Reason,
        why: &str,
    ) {
        decision.hide(visibility, reason, format!("{why}{}", self.origin));
    }

    pub(super) fn not_understood(
        &self,
        decision: &mut Decision,
        visibility: Visibility,
        name: &str,
        value: &Value,
    ) {
        let why = format!("its setting {name} ({}) was not understood", shown(value));
        self.hide(decision, visibility, Reason::Unreadable, &why);
    }

    fn flag(&self, table: &Table, flag: &Flag, decision: &mut Decision) {
        for (name, value) in flag
            .names
            .iter()
            .flat_map(|name| table.all(name).map(move |value| (*name, value)))
        {
            match answer(value) {
                Answer::Yes if flag.when => {
                    self.told(decision, flag.visibility, flag.reason, name, value)
                }
                // `index: 0` is a place in an order.
                Answer::No if !flag.when && (flag.strict || lower(value) != "0") => {
                    self.told(decision, flag.visibility, flag.reason, name, value);
                }
                Answer::Unclear
                    if flag.strict && (flag.when || moment(value, self.zone).is_none()) =>
                {
                    self.not_understood(decision, flag.visibility, name, value);
                }
                _ => {}
            }
        }
    }

    fn told(
        &self,
        decision: &mut Decision,
        visibility: Visibility,
        reason: Reason,
        name: &str,
        value: &Value,
    ) {
        let place = if self.origin.is_empty() {
            "its front matter says"
        } else {
            "the site says"
        };
        self.hide(
            decision,
            visibility,
            reason,
            &format!("{place} {name}: {}", shown(value)),
        );
    }

    fn words(&self, table: &Table, decision: &mut Decision) {
        for name in STATUS.into_iter().chain(ACCESS).chain(TEMPLATE) {
            for value in table.all(name) {
                self.word(name, value, decision);
            }
        }
    }

    fn word(&self, name: &str, value: &Value, decision: &mut Decision) {
        let texts: Vec<String> = value.texts().into_iter().map(letters).collect();
        let mut words = texts.iter().map(String::as_str);
        let found = if TEMPLATE.contains(&name) {
            words
                .filter(|word| HIDING_TEMPLATES.contains(word))
                .find_map(meaning)
        } else {
            words.find_map(meaning)
        };
        if let Some((visibility, reason)) = found {
            self.told(decision, visibility, reason, name, value);
        } else if name == "layout" && self.is_hexo && answer(value) == Answer::No {
            self.told(decision, Visibility::Draft, Reason::NotBuilt, name, value);
        } else if matches!(name, "visibility" | "privacy") && !is_public(value)
            || ACCESS.contains(&name) && matches!(value, Value::Map(_))
        {
            self.not_understood(decision, Visibility::Draft, name, value);
        }
    }

    fn password(&self, table: &Table, decision: &mut Decision) {
        let given = PASSWORDS.iter().flat_map(|name| table.all(name));
        if given
            .filter(|value| !matches!(answer(value), Answer::None | Answer::No))
            .count()
            > 0
        {
            self.hide(
                decision,
                Visibility::Draft,
                Reason::Private,
                "it has a password",
            );
        }
    }
}
