//! Makes the account of an author whom an import brings along, with a handle that is free.

use std::collections::HashMap;

use super::controls::without_controls;
use super::numbered::numbered;
use crate::db::Tx;
use crate::features::accounts::{self, Username, create};
use crate::import::{AuthorRecord, AuthorRef};
use crate::markdown;
use crate::web::form::{web_address, without_text_controls};

/// `given_out`: handles, and the keys of those who would have them.
pub(super) async fn make(
    tx: &mut Tx,
    author: &AuthorRef,
    record: Option<&AuthorRecord>,
    key: &str,
    given_out: &HashMap<String, String>,
) -> anyhow::Result<(i64, String)> {
    let name: String = without_controls(&author.name).chars().take(80).collect();
    let is_given = |name: &str| given_out.get(name).is_some_and(|of| of != key);
    let username = free_username(tx, &without_controls(&author.key), &name, is_given).await?;
    let person = create::Imported {
        username: &username,
        name: name.trim(),
        bio: &bio(record),
        website: &website(author, record),
        import_key: Some(key),
    };
    let id = create::insert_imported(tx, &person).await?;
    Ok((id, username.as_str().to_owned()))
}

fn bio(record: Option<&AuthorRecord>) -> String {
    let bio = record.and_then(|r| r.bio.clone()).unwrap_or_default();
    without_text_controls(&bio)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(1000)
        .collect()
}

fn website(author: &AuthorRef, record: Option<&AuthorRecord>) -> String {
    let website = record
        .and_then(|r| r.url.clone())
        .or_else(|| author.url.clone())
        .unwrap_or_default();
    web_address("", &website, 500).unwrap_or_default()
}

/// A handle from the author's key, else from the name, numbered where it is taken.
async fn free_username(
    tx: &mut Tx,
    key: &str,
    name: &str,
    is_given: impl Fn(&str) -> bool,
) -> anyhow::Result<Username> {
    let base = base(key, name);
    for number in 1..10_000 {
        let text = numbered(&base, number);
        // Reserved words are refused by the parser and get a number.
        if let Ok(username) = Username::parse(&text)
            && !is_given(username.as_str())
            && !accounts::is_username_taken(tx, &username).await?
        {
            return Ok(username);
        }
    }
    anyhow::bail!("no free handle for “{name}”")
}

fn base(key: &str, name: &str) -> String {
    let mut base = markdown::ascii_slug(key);
    if base.len() < 2 {
        base = markdown::ascii_slug(name);
    }
    if base.len() < 2 {
        base = "author".to_owned();
    }
    base.truncate(24);
    base.trim_matches('-').to_owned()
}
