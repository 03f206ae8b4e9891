//! From when until when a document is shown.

use super::layer::Layer;
use super::setting_values::{Answer, answer, is_never, moment, says};
use super::settings::{ENDS, STARTS};
use super::value::Table;
use super::visibility::{Decision, Expired, Reason, Visibility};

impl Layer<'_> {
    pub(super) fn dates(&self, table: &Table, decision: &mut Decision) {
        self.starts(table, decision);
        self.ends(table, decision);
        if says(table, "expired", true) || says(table, "isexpired", true) {
            self.expired(decision, "it has expired");
        }
    }

    fn starts(&self, table: &Table, decision: &mut Decision) {
        let starts = names(&STARTS, &self.dates.starts);
        let is_own = std::ptr::eq(table, self.fields);
        for (place, name) in starts.enumerate() {
            for value in table.all(name) {
                match moment(value, self.zone) {
                    Some(at) if at > self.now => {
                        let why =
                            format!("its {name} lies in the future ({})", at.format("%Y-%m-%d"));
                        self.hide(decision, Visibility::Draft, Reason::Scheduled, &why);
                    }
                    None if place < 3 && is_own && answer(value) != Answer::None => {
                        self.not_understood(decision, Visibility::Draft, name, value);
                    }
                    _ => {}
                }
            }
        }
    }

    fn ends(&self, table: &Table, decision: &mut Decision) {
        for name in names(&ENDS, &self.dates.ends) {
            for value in table.all(name) {
                let is_none =
                    || matches!(answer(value), Answer::None | Answer::No) || is_never(value);
                match moment(value, self.zone) {
                    Some(at) if at <= self.now => {
                        let why = format!("it expired on {}", at.format("%Y-%m-%d"));
                        self.expired(decision, &why);
                    }
                    None if !is_none() => {
                        self.not_understood(decision, Visibility::Draft, name, value);
                    }
                    _ => {}
                }
            }
        }
    }

    pub(super) fn expired(&self, decision: &mut Decision, why: &str) {
        decision.has_expired = true;
        let visibility = match self.expired {
            Expired::Keep => Visibility::Public,
            Expired::Unlisted => Visibility::Unlisted,
            Expired::Draft => Visibility::Draft,
        };
        self.hide(decision, visibility, Reason::Expired, why);
    }
}

/// Those that are known to all, then those that the site's settings name.
fn names<'a>(known: &'a [&'a str], further: &'a [String]) -> impl Iterator<Item = &'a str> {
    let further = further.iter().map(String::as_str);
    known.iter().copied().chain(further)
}
