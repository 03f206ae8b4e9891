//! What is said of the page that would be made: whether there is one, in lists and for search engines.

use super::layer::Layer;
use super::setting_values::{Answer, answer, lower, says};
use super::value::{Table, Value};
use super::visibility::{Decision, Reason, Visibility};

impl Layer<'_> {
    pub(super) fn robots(&self, table: &Table, decision: &mut Decision) {
        for value in table.all("robots").chain(table.all("googlebot")) {
            if forbids_index(value) {
                self.hide(
                    decision,
                    Visibility::Unlisted,
                    Reason::Hidden,
                    "it asks search engines to leave it out",
                );
            }
        }
    }

    pub(super) fn sitemap(&self, table: &Table, decision: &mut Decision) {
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

    /// Hugo's table of what is made of a page at all.
    pub(super) fn build(&self, decision: &mut Decision) {
        for value in self.fields.all("build") {
            let Value::Map(build) = value else { continue };
            for rendered in build.all("render") {
                self.rendered(rendered, decision);
            }
            for listed in build.all("list") {
                self.listed(listed, decision);
            }
        }
    }

    fn rendered(&self, value: &Value, decision: &mut Decision) {
        match (answer(value), lower(value).as_str()) {
            (Answer::Yes | Answer::None, _) | (_, "always") => {}
            (Answer::No, _) | (_, "never" | "link") => {
                self.hide(
                    decision,
                    Visibility::Draft,
                    Reason::NotBuilt,
                    "its generator makes no page of it (build.render)",
                );
            }
            _ => self.not_understood(decision, Visibility::Draft, "build.render", value),
        }
    }

    fn listed(&self, value: &Value, decision: &mut Decision) {
        if answer(value) == Answer::No || matches!(lower(value).as_str(), "never" | "local") {
            self.hide(
                decision,
                Visibility::Unlisted,
                Reason::Hidden,
                "its generator lists it nowhere (build.list)",
            );
        }
    }

    /// Hugo's kinds of output. None: no page.
    pub(super) fn outputs(&self, decision: &mut Decision) {
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

fn forbids_index(value: &Value) -> bool {
    let is_hidden = |text: &str| {
        text.split([',', ' ', ';']).any(|word| {
            matches!(
                word.trim().to_ascii_lowercase().as_str(),
                "noindex" | "none"
            )
        })
    };
    let in_table = |value: &Value| matches!(value, Value::Map(robots) if says(robots, "index", false) || says(robots, "noindex", true));
    value.texts().into_iter().any(is_hidden) || in_table(value)
}
