//! Authors of imported texts: found again by their key, else made, with a handle that nobody has.

use std::collections::HashMap;

use super::markdown::{AuthorRecord, AuthorRef};
use super::queries;
use crate::db::Tx;
use crate::features::accounts::{Username, create};
use crate::markdown;

/// The people of one run, by import key.
pub struct People {
    source: String,
    known: HashMap<String, (i64, String)>,
    pub made: u64,
}

impl People {
    /// `source` names the folder: keys of two imports do not meet.
    pub fn of(source: &str) -> Self {
        People { source: source.to_owned(), known: HashMap::new(), made: 0 }
    }

    /// Forgets people whose transaction did not commit.
    pub fn forget(&mut self, keys: &[String]) {
        for key in keys {
            self.known.remove(key);
        }
    }

    /// Key and handle of an author; made when new. `fresh` collects the keys made in this transaction.
    pub async fn find(
        &mut self,
        tx: &mut Tx,
        author: &AuthorRef,
        record: Option<&AuthorRecord>,
        fresh: &mut Vec<String>,
    ) -> anyhow::Result<(i64, String)> {
        let key: String = format!("{}/{}", self.source, author.key).chars().take(300).collect();
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let person = match queries::imported_person(tx, &key).await? {
            Some(person) => person,
            None => {
                self.made += 1;
                fresh.push(key.clone());
                make(tx, author, record, &key).await?
            }
        };
        self.known.insert(key, person.clone());
        Ok(person)
    }

    /// Whose texts without an author are: the site's owner, else somebody named after the folder.
    pub async fn fallback(&mut self, tx: &mut Tx, fresh: &mut Vec<String>) -> anyhow::Result<(i64, String)> {
        if let Some(owner) = queries::owner(tx).await? {
            return Ok(owner);
        }
        let name = self.source.rsplit('/').next().unwrap_or("imported").to_owned();
        let name = name.trim_start_matches("markdown:").to_owned();
        let nobody = AuthorRef {
            key: name.clone(),
            name,
            url: None,
            affiliation: None,
            on_behalf_of: None,
            has_record: false,
        };
        self.find(tx, &nobody, None, fresh).await
    }
}

async fn make(tx: &mut Tx, author: &AuthorRef, record: Option<&AuthorRecord>, key: &str) -> anyhow::Result<(i64, String)> {
    let name: String = author.name.chars().filter(|c| !c.is_control()).take(80).collect();
    let username = free_username(tx, &author.key, &name).await?;
    let bio: String = record.and_then(|r| r.bio.clone()).unwrap_or_default().chars().take(1000).collect();
    let website = record.and_then(|r| r.url.clone()).or_else(|| author.url.clone()).unwrap_or_default();
    let website = crate::web::form::web_address("", &website).unwrap_or_default();
    let id = create::insert_imported(tx, &username, name.trim(), &bio, &website).await?;
    queries::mark_person(tx, id, key).await?;
    Ok((id, username.as_str().to_owned()))
}

/// A handle from the author's key, else from the name, numbered where it is taken.
async fn free_username(tx: &mut Tx, key: &str, name: &str) -> anyhow::Result<Username> {
    let mut base = markdown::slug(key);
    if base.len() < 2 {
        base = markdown::slug(name);
    }
    if base.len() < 2 {
        base = "author".to_owned();
    }
    base.truncate(24);
    let base = base.trim_matches('-').to_owned();
    for number in 1..10_000 {
        let text = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        // Reserved words are refused by the parser and get a number.
        if let Ok(username) = Username::parse(&text)
            && !queries::handle_taken(tx, &username.key()).await?
        {
            return Ok(username);
        }
    }
    anyhow::bail!("no free handle for “{name}”")
}
