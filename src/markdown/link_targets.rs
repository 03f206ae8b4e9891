//! Where links within a text lead: to headings and elements, whose ids have a prefix in the document.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::attributes::USER_ID_PREFIX;
use super::tags::{self, Piece};

pub(super) struct LinkTargets<'a> {
    /// From ids of headings without prefix to the ones in the document.
    headings: &'a HashMap<String, String>,
    user_ids: HashSet<String>,
}

impl<'a> LinkTargets<'a> {
    pub(super) fn of(clean: &str, headings: &'a HashMap<String, String>) -> Self {
        Self {
            headings,
            user_ids: user_ids(clean),
        }
    }

    /// The id that an address such as `#title` means.
    pub(super) fn find(&self, href: &str) -> Option<String> {
        let fragment = href
            .strip_prefix('#')
            .filter(|fragment| !fragment.is_empty())?;
        let name = tags::percent_decode(fragment)?;
        let heading = self
            .headings
            .get(&name)
            .or_else(|| self.headings.get(&name.to_lowercase()));
        if let Some(id) = heading {
            return Some(id.clone());
        }
        let user = format!("{USER_ID_PREFIX}{name}");
        self.user_ids.contains(&user).then_some(user)
    }
}

/// The ids that raw HTML brought in, for links to them.
fn user_ids(clean: &str) -> HashSet<String> {
    if !clean.contains(" id=\"user-") {
        return HashSet::new();
    }
    tags::pieces(clean)
        .filter_map(|piece| match piece {
            Piece::Tag(tag) => tags::attribute(tag, "id").map(Cow::into_owned),
            Piece::Text(_) => None,
        })
        .collect()
}
