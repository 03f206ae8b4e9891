//! Authors of imported texts: found again by their key, else made, with a handle that is free.

use std::collections::{HashMap, HashSet};
use std::slice;

use sha2::{Digest, Sha256};

use super::new_person::make;
use super::queries;
use crate::db::Tx;
use crate::import::{AuthorRecord, AuthorRef};

/// The people of one run, by import key.
pub struct People {
    prefix: String,
    known: HashMap<String, (i64, String)>,
    /// Handle and key of the forgotten. In a dry run nothing else keeps two people of one name apart.
    given_out: HashMap<String, String>,
    /// Keys that [`People::look_up`] did not find.
    absent: HashSet<String>,
    made: u64,
    /// Keys of those whom a dry run made and took back.
    not_kept: HashSet<String>,
}

impl People {
    /// `prefix` is what the keys of the source begin with: keys of two sources do not meet.
    pub fn of(prefix: &str) -> Self {
        People {
            prefix: prefix.to_owned(),
            known: HashMap::new(),
            given_out: HashMap::new(),
            absent: HashSet::new(),
            made: 0,
            not_kept: HashSet::new(),
        }
    }

    /// How many the run made, or would have made.
    pub fn count(&self) -> u64 {
        self.made + self.not_kept.len() as u64
    }

    /// Notes whom a dry run made.
    pub fn would_make(&mut self, keys: &[String]) {
        self.not_kept.extend(keys.iter().cloned());
    }

    /// Looks up, by one query, those of these authors that are not known yet.
    pub async fn look_up(
        &mut self,
        tx: &mut Tx,
        authors: impl Iterator<Item = &AuthorRef>,
    ) -> anyhow::Result<()> {
        let keys: HashSet<String> = authors
            .map(|author| import_key(&self.prefix, &author.key))
            .collect();
        self.absent = keys
            .into_iter()
            .filter(|key| !self.known.contains_key(key))
            .collect();
        if self.absent.is_empty() {
            return Ok(());
        }
        let asked: Vec<String> = self.absent.iter().cloned().collect();
        for (key, id, username) in queries::imported_people(tx, &asked).await? {
            self.absent.remove(&key);
            self.known.insert(key, (id, username));
        }
        Ok(())
    }

    /// Forgets people whose transaction did not commit: the next document makes them again.
    pub fn forget(&mut self, keys: &[String]) {
        for key in keys {
            if let Some((_, username)) = self.known.remove(key) {
                self.given_out.insert(username, key.clone());
            }
        }
        self.made = self.made.saturating_sub(keys.len() as u64);
    }

    /// Key and handle of an author; made when new. `fresh` collects the keys made in this transaction.
    pub async fn find(
        &mut self,
        tx: &mut Tx,
        author: &AuthorRef,
        record: Option<&AuthorRecord>,
        fresh: &mut Vec<String>,
    ) -> anyhow::Result<(i64, String)> {
        let key = import_key(&self.prefix, &author.key);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let is_absent = self.absent.contains(&key);
        let found = if is_absent {
            None
        } else {
            queries::imported_people(tx, slice::from_ref(&key))
                .await?
                .pop()
        };
        let person = match found {
            Some((_, id, username)) => (id, username),
            None => {
                self.made += 1;
                fresh.push(key.clone());
                make(tx, author, record, &key, &self.given_out).await?
            }
        };
        self.known.insert(key, person.clone());
        Ok(person)
    }

    /// An author that was found or made already.
    pub fn known(&self, author: &AuthorRef) -> Option<&(i64, String)> {
        self.known.get(&import_key(&self.prefix, &author.key))
    }

    /// Whose texts without an author are where the site has no owner: a person named after the source.
    pub fn fallback_author(&self) -> AuthorRef {
        // The last name in the prefix, as it always was: a name of another kind would be another person.
        let name = self
            .prefix
            .trim_end_matches(['/', ':'])
            .rsplit(['/', ':'])
            .next()
            .unwrap_or("imported")
            .to_owned();
        AuthorRef {
            key: name.clone(),
            name,
            url: None,
            affiliation: None,
            on_behalf_of: None,
            has_record: false,
        }
    }
}

/// At most 300 characters, none of them a control; where the names are longer, a hash keeps the keys apart.
fn import_key(prefix: &str, author: &str) -> String {
    let key: String = format!("{prefix}{author}")
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    if key.chars().count() <= 300 {
        return key;
    }
    let hash = Sha256::digest(&key);
    let start: String = key.chars().take(230).collect();
    format!(
        "{start}/{}",
        hash.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_clean_and_apart() {
        assert_eq!(
            import_key("markdown:site/content/", "ma\0ra"),
            "markdown:site/content/mara"
        );
        let (one, two) = (
            import_key(&"x".repeat(400), "one"),
            import_key(&"x".repeat(400), "two"),
        );
        assert!(one.chars().count() <= 300 && one != two);
    }

    #[test]
    fn forgotten_people_are_not_counted() {
        let mut people = People::of("markdown:site/content/");
        people.made = 2;
        people.known.insert("a".into(), (1, "a".into()));
        people.forget(&["a".into()]);
        assert_eq!((people.count(), people.known.len()), (1, 0));
    }
}
