//! Who may see a document: what the generator would not have shown is not public here either.
//!
//! Each rule is a list of the names under which generators, their plugins and themes know a setting. A setting that
//! cannot be understood hides the document: the other mistake cannot be taken back.

use chrono::{DateTime, Utc};

use super::dates::Zone;
use super::rules::DateNames;
use super::settings::{
    ACCESS, Answer, ENDS, FLAGS, Flag, PASSWORDS, SCHEDULED, STARTS, STATUS, TEMPLATE, answer,
    is_never, is_public, letters, lower, meaning, moment, says, shown,
};
use super::value::{Table, Value};
use super::warnings::Warnings;

/// From most to least visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    Public,
    /// Public to those who know its address; in no list.
    Unlisted,
    Draft,
}

/// Why a document is not public, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Draft,
    Scheduled,
    Expired,
    Private,
    NotBuilt,
    Hidden,
    Unreadable,
}

impl Reason {
    /// For the summary: "12 " and this.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Draft => "marked as drafts",
            Self::Scheduled => "dated in the future",
            Self::Expired => "past their expiry date",
            Self::Private => "private or behind a password",
            Self::NotBuilt => "not built by their generator",
            Self::Hidden => "hidden from lists or search engines",
            Self::Unreadable => "with a setting that could not be understood",
        }
    }
}

/// What becomes of a document whose expiry date has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expired {
    Keep,
    Unlisted,
    #[default]
    Draft,
}

/// What was found, the gravest first when [`Decision::finish`]ed.
#[derive(Debug, Default)]
pub(super) struct Decision {
    found: Vec<(Visibility, Reason, String)>,
    pub(super) has_expired: bool,
}

impl Decision {
    pub(super) fn hide(&mut self, visibility: Visibility, reason: Reason, why: impl Into<String>) {
        self.found.push((visibility, reason, why.into()));
    }

    /// The decision, and a note for each thing that led to it.
    pub(super) fn finish(self, warnings: &mut Warnings) -> (Visibility, Option<Reason>) {
        let strictest = self
            .found
            .iter()
            .map(|(visibility, ..)| *visibility)
            .max()
            .unwrap_or(Visibility::Public);
        let place = match strictest {
            Visibility::Draft => "it is a draft here",
            Visibility::Unlisted => "it is unlisted here",
            Visibility::Public => "it is public here all the same",
        };
        let decisive = self
            .found
            .iter()
            .find(|(visibility, ..)| *visibility == strictest)
            .map(|(_, reason, _)| *reason);
        for (_, _, why) in self.found {
            warnings.add(format!("{why}: {place}"));
        }
        (strictest, decisive)
    }
}

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

    fn hide(&self, decision: &mut Decision, visibility: Visibility, reason: Reason, why: &str) {
        decision.hide(visibility, reason, format!("{why}{}", self.origin));
    }

    fn not_understood(
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
        let is_template = TEMPLATE.contains(&name);
        let counts = |text: &&str| {
            !is_template
                || [
                    "draft",
                    "drafts",
                    "private",
                    "hidden",
                    "unlisted",
                    "protected",
                ]
                .contains(text)
        };
        let texts: Vec<String> = value.texts().into_iter().map(letters).collect();
        if let Some((visibility, reason)) = texts
            .iter()
            .map(String::as_str)
            .filter(counts)
            .find_map(meaning)
        {
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

    fn robots(&self, table: &Table, decision: &mut Decision) {
        let is_hidden = |text: &str| {
            text.split([',', ' ', ';']).any(|word| {
                matches!(
                    word.trim().to_ascii_lowercase().as_str(),
                    "noindex" | "none"
                )
            })
        };
        for value in table.all("robots").chain(table.all("googlebot")) {
            let in_table = |value: &Value| matches!(value, Value::Map(robots) if says(robots, "index", false) || says(robots, "noindex", true));
            if value.texts().into_iter().any(is_hidden) || in_table(value) {
                self.hide(
                    decision,
                    Visibility::Unlisted,
                    Reason::Hidden,
                    "it asks search engines to leave it out",
                );
            }
        }
        for value in table.all("sitemap") {
            let Value::Map(sitemap) = value else { continue };
            if ["disable", "exclude", "ignore", "noindex"]
                .iter()
                .any(|name| says(sitemap, name, true))
            {
                self.hide(
                    decision,
                    Visibility::Unlisted,
                    Reason::Hidden,
                    "it is left out of the old site’s map",
                );
            }
        }
    }

    fn dates(&self, table: &Table, decision: &mut Decision) {
        let starts = STARTS
            .into_iter()
            .chain(self.dates.starts.iter().map(String::as_str));
        for (place, name) in starts.enumerate() {
            for value in table.all(name) {
                match moment(value, self.zone) {
                    Some(at) if at > self.now => {
                        let why =
                            format!("its {name} lies in the future ({})", at.format("%Y-%m-%d"));
                        self.hide(decision, Visibility::Draft, Reason::Scheduled, &why);
                    }
                    None if place < 3
                        && std::ptr::eq(table, self.fields)
                        && answer(value) != Answer::None =>
                    {
                        self.not_understood(decision, Visibility::Draft, name, value);
                    }
                    _ => {}
                }
            }
        }
        for name in ENDS
            .into_iter()
            .chain(self.dates.ends.iter().map(String::as_str))
        {
            for value in table.all(name) {
                match moment(value, self.zone) {
                    Some(at) if at <= self.now => self.expired(
                        decision,
                        &format!("it expired on {}", at.format("%Y-%m-%d")),
                    ),
                    None if !matches!(answer(value), Answer::None | Answer::No)
                        && !is_never(value) =>
                    {
                        self.not_understood(decision, Visibility::Draft, name, value);
                    }
                    _ => {}
                }
            }
        }
        if says(table, "expired", true) || says(table, "isexpired", true) {
            self.expired(decision, "it has expired");
        }
    }

    fn expired(&self, decision: &mut Decision, why: &str) {
        decision.has_expired = true;
        let visibility = match self.expired {
            Expired::Keep => Visibility::Public,
            Expired::Unlisted => Visibility::Unlisted,
            Expired::Draft => Visibility::Draft,
        };
        self.hide(decision, visibility, Reason::Expired, why);
    }

    /// Hugo's table of what is made of a page at all.
    fn build(&self, decision: &mut Decision) {
        for value in self.fields.all("build") {
            let Value::Map(build) = value else { continue };
            for rendered in build.all("render") {
                match (answer(rendered), lower(rendered).as_str()) {
                    (Answer::Yes | Answer::None, _) | (_, "always") => {}
                    (Answer::No, _) | (_, "never" | "link") => {
                        self.hide(
                            decision,
                            Visibility::Draft,
                            Reason::NotBuilt,
                            "its generator makes no page of it (build.render)",
                        );
                    }
                    _ => self.not_understood(decision, Visibility::Draft, "build.render", rendered),
                }
            }
            for listed in build.all("list") {
                if answer(listed) == Answer::No
                    || matches!(lower(listed).as_str(), "never" | "local")
                {
                    self.hide(
                        decision,
                        Visibility::Unlisted,
                        Reason::Hidden,
                        "its generator lists it nowhere (build.list)",
                    );
                }
            }
        }
    }

    /// Hugo's kinds of output. None: no page.
    fn outputs(&self, decision: &mut Decision) {
        for value in self.fields.all("outputs") {
            let Value::List(kinds) = value else { continue };
            let is_page = value
                .texts()
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case("html"));
            if kinds.is_empty() || (self.is_hugo && !is_page) {
                self.hide(
                    decision,
                    Visibility::Draft,
                    Reason::NotBuilt,
                    "its generator makes no page of it (outputs)",
                );
            }
        }
    }
}
