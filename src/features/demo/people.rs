//! The people of the sample: found by their handles, or made.

use std::collections::HashMap;

use super::content::{Author, Authors};
use super::queries;
use crate::db::Tx;
use crate::features::accounts::{self, Username, create};

/// A person of the sample, with the handle that they have here.
pub(super) struct Person {
    pub(super) id: i64,
    pub(super) username: String,
}

pub(super) type People = HashMap<String, Person>;

/// With how many of them were made.
pub(super) async fn add_people(tx: &mut Tx, authors: Authors) -> anyhow::Result<(People, u64)> {
    let (mut people, mut made) = (HashMap::new(), 0);
    for author in authors.author {
        let (person, new) = person(tx, &author).await?;
        made += u64::from(new);
        people.insert(author.username, person);
    }
    Ok((people, made))
}

/// Finds or makes a sample person. A handle that a real account has is numbered: no person of the sample is handed a stranger's
/// texts.
async fn person(tx: &mut Tx, author: &Author) -> anyhow::Result<(Person, bool)> {
    for number in 1..1000 {
        let username = match number {
            1 => author.username.clone(),
            _ => format!("{}-{number}", author.username),
        };
        if let Some(id) = queries::sample_person(tx, &username).await? {
            return Ok((Person { id, username }, false));
        }
        let free = Username::parse(&username).map_err(|e| anyhow::anyhow!("{username}: {e}"))?;
        if !accounts::is_username_taken(tx, &free).await? {
            let id = make_person(tx, author, &free).await?;
            return Ok((Person { id, username }, true));
        }
    }
    anyhow::bail!("no free handle for {}", author.username)
}

async fn make_person(tx: &mut Tx, author: &Author, username: &Username) -> anyhow::Result<i64> {
    let person = create::Imported {
        username,
        name: &author.name,
        bio: &author.bio,
        website: &author.url,
        import_key: None,
    };
    let id = create::insert_imported(tx, &person).await?;
    if author.role == "reader" {
        queries::make_reader(tx, id).await?;
    }
    Ok(id)
}

pub(super) fn person_of<'a>(people: &'a People, name: &str) -> anyhow::Result<&'a Person> {
    people
        .get(name)
        .ok_or_else(|| anyhow::anyhow!("no author {name}"))
}
