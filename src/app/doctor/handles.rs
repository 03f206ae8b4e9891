//! Handles that today's rules would not give out. Their accounts go on working, and no account is renamed.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::Finding;
use crate::db::Result;
use crate::db::diagnostics;
use crate::db::diagnostics::Handle;
use crate::features::accounts::{Username, key_of, look_alike};

const PER_QUERY: i64 = 10_000;
/// Each is compared with those behind it.
const MOST_COMPARED: i64 = 1_000;
/// One line has to stay readable.
const MOST_NAMED: usize = 100;

/// What is wrong with the handles of a site.
#[derive(Debug, Default)]
struct Faulty {
    /// Could not be registered today.
    invalid: Vec<String>,
    /// Are stored under another key than they have today.
    misplaced: Vec<Handle>,
}

/// Looks at every handle, some thousands at a time.
pub(super) async fn examine(conn: &mut PgConnection) -> Result<Vec<Finding>> {
    let mut faulty = Faulty::default();
    let mut last = 0;
    loop {
        let handles = diagnostics::handles(conn, last, PER_QUERY).await?;
        let Some(end) = handles.last() else { break };
        last = end.id;
        faulty.look_at(handles);
    }
    let keys: Vec<String> = faulty
        .misplaced
        .iter()
        .map(|handle| key_of(&handle.username))
        .collect();
    let others = diagnostics::handles_with_keys(conn, &keys).await?;
    let alike = pairs(&diagnostics::handles_of_one_class(conn, MOST_COMPARED).await?);
    Ok(judge(&faulty, &others, alike))
}

impl Faulty {
    fn look_at(&mut self, handles: Vec<Handle>) {
        for handle in handles {
            if Username::parse(&handle.username).is_err() {
                self.invalid.push(handle.username.clone());
            }
            if key_of(&handle.username) != handle.key {
                self.misplaced.push(handle);
            }
        }
    }
}

/// Which of these, that differ in nothing but i and l, are written alike: each with those behind it in its class.
fn pairs(handles: &[Handle]) -> Vec<String> {
    let class = |handle: &Handle| handle.key.replace('i', "l");
    let mut found = Vec::new();
    for (at, one) in handles.iter().enumerate() {
        let others = handles[at + 1..]
            .iter()
            .take_while(|other| class(other) == class(one));
        for other in others.filter(|other| look_alike(&one.username, &other.username)) {
            found.push(format!(
                "{} and {}",
                shown(&one.username),
                shown(&other.username)
            ));
        }
    }
    found
}

/// `others` are stored under the keys that the misplaced handles have today; `alike` have keys that differ.
fn judge(faulty: &Faulty, others: &[Handle], alike: Vec<String>) -> Vec<Finding> {
    let (mut colliding, alone) = by_key(faulty, others);
    colliding.extend(alike);
    let invalid: Vec<String> = faulty.invalid.iter().map(|name| shown(name)).collect();
    let mut found = Vec::new();
    if !colliding.is_empty() {
        found.push(Finding::warning(
            format!("handles that look alike belong to different accounts: {}", listed(&colliding, "; ")),
            "the accounts go on working; ask the newer one of each to choose another handle in its settings",
        ));
    }
    if !alone.is_empty() {
        found.push(Finding::warning(
            format!("handles are stored under a key of another version, so their pages are not found: {}", listed(&alone, ", ")),
            "the accounts can sign in with their mail address; choosing another handle in the settings mends it",
        ));
    }
    if !invalid.is_empty() {
        found.push(Finding::warning(
            format!("handles that could not be registered today: {}", listed(&invalid, ", ")),
            "the accounts go on working and no handle is changed; ask for another one where it misleads readers",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok("all handles are valid and can be told apart"));
    }
    found
}

/// Handles that share the key that they have today, and those that are alone with theirs.
fn by_key(faulty: &Faulty, others: &[Handle]) -> (Vec<String>, Vec<String>) {
    let mut by_key: BTreeMap<String, BTreeMap<i64, &str>> = BTreeMap::new();
    for handle in faulty.misplaced.iter().chain(others) {
        let key = key_of(&handle.username);
        by_key
            .entry(key)
            .or_default()
            .insert(handle.id, &handle.username);
    }
    let (colliding, alone): (Vec<_>, Vec<_>) = by_key.values().partition(|names| names.len() > 1);
    let together = |names: &&BTreeMap<i64, &str>| {
        let names: Vec<String> = names.values().map(|name| shown(name)).collect();
        names.join(" and ")
    };
    let alone = alone.iter().flat_map(|names| names.values());
    (
        colliding.iter().map(together).collect(),
        alone.map(|name| shown(name)).collect(),
    )
}

/// With its code points where it has anything that a terminal could hide or obey.
fn shown(name: &str) -> String {
    match name.chars().all(|c| c.is_ascii_graphic()) {
        true => format!("@{name}"),
        false => format!("@{name} ({})", name.escape_unicode()),
    }
}

fn listed(names: &[String], separator: &str) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names[..names.len() - more].join(separator);
    if more == 0 {
        named
    } else {
        format!("{named} and {more} more")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn handle(id: i64, username: &str, key: &str) -> Handle {
        Handle {
            id,
            username: username.into(),
            key: key.into(),
        }
    }

    fn judged(handles: Vec<Handle>) -> Vec<Finding> {
        let mut faulty = Faulty::default();
        faulty.look_at(handles.clone());
        let keys: Vec<String> = faulty
            .misplaced
            .iter()
            .map(|handle| key_of(&handle.username))
            .collect();
        let others: Vec<Handle> = handles
            .iter()
            .filter(|handle| keys.contains(&handle.key))
            .cloned()
            .collect();
        judge(&faulty, &others, pairs(&handles))
    }

    #[test]
    fn collisions_and_strange_handles_are_named() {
        let fine = handle(1, "ann", &key_of("ann"));
        assert_eq!(judged(vec![fine.clone()])[0].level, Level::Ok);
        let found = judged(vec![
            fine,
            handle(2, "Paypal", &key_of("paypal")),
            handle(3, "pаypal", "old"),
            handle(4, "rota", "older"),
            handle(5, "ADM1N", &key_of("ADM1N")),
            handle(6, "\u{115f}\u{1160}", ""),
        ]);
        let whats: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
        assert!(
            found.iter().all(|finding| finding.level == Level::Warning) && whats.len() == 3,
            "{found:#?}"
        );
        assert!(
            whats[0].contains("@Paypal and @pаypal (") && !whats[0].contains("rota"),
            "{}",
            whats[0]
        );
        assert!(whats[1].ends_with(": @rota"), "{}", whats[1]);
        assert!(
            whats[2].contains("@ADM1N, @\u{115f}\u{1160} (\\u{115f}\\u{1160})"),
            "{}",
            whats[2]
        );
    }

    #[test]
    fn handles_that_only_capitals_tell_apart_are_named() {
        let named = |names: &[&str]| {
            let handles = names
                .iter()
                .zip(1..)
                .map(|(name, id)| handle(id, name, &key_of(name)))
                .collect();
            judged(handles)[0].what.clone()
        };
        assert!(
            named(&["bill", "biII", "lan", "Ian"]).ends_with(": @bill and @biII; @lan and @Ian")
        );
        assert_eq!(
            named(&["bill", "biil", "ian", "lan"]),
            "all handles are valid and can be told apart"
        );
    }

    #[test]
    fn a_line_stays_readable() {
        let names: Vec<String> = (0..250).map(|n| format!("a b{n}")).collect();
        assert!(listed(&names, ", ").ends_with("a b99 and 150 more"));
    }
}
