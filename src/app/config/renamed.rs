//! Refuses settings under names that they had before.

use super::error::ConfigError;
use super::key::{Key, RenamedKey};
use super::keys;

/// A setting under the name that it had before: what it should do would not be done.
pub(super) fn refuse<'a>(
    mut given: impl Iterator<Item = &'a str>,
    old_name: impl Fn(&RenamedKey) -> &'static str,
    name: impl Fn(&Key) -> &'static str,
    place: impl Fn(&str) -> String,
) -> Result<(), ConfigError> {
    let old = |given: &str| keys::RENAMED.iter().find(|old| old_name(old) == given);
    let Some(old) = given.find_map(old) else {
        return Ok(());
    };
    let now: Vec<String> = old
        .now
        .iter()
        .map(|key| format!("`{}`", name(key)))
        .collect();
    Err(ConfigError::RenamedKey {
        place: place(old_name(old)),
        now: now.join(" or "),
        hint: old.hint,
    })
}
