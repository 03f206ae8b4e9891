//! The names in the byline. An author may name any account, and each one that is named is asked: the name shows, and the right to edit
//! begins, when they accept. Until then a request lies in `byline_requests`, which no reader's page reads. Admins name
//! directly, and so do commands and imports, where no account is signed in.
//!
//! An author who declined, or took their own name off, stays off while the author's list goes on naming them: saving an old list
//! again must not put the name back, nor ask again. Taken off the list and put on it again, the question is asked anew.
//! Only the person asked can grant a request: an admin who saves the text leaves it open.
//!
//! Being named grants nothing: a person asked reads and edits a draft only after accepting, or naming a person would be a way
//! to make them answer for a text, and to let them into one, that they did not agree to.

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;

use super::draft::Draft;
use super::queries::{self, Place, PostRow};
use super::save_error::SaveError;
use crate::access::{Actor, Role};
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx};
use crate::features::accounts::{self, CurrentUser, key_of};

/// The names of a draft, looked up.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Those that readers see, the owner always among them.
    authors: Vec<Place>,
    /// Those who are to be asked, or are asked already.
    asked: Vec<Place>,
    /// Handles of those who have not been asked before.
    new: Vec<String>,
    /// Who said no and is still named.
    declined: Vec<i64>,
}

/// Looks up the handles of a draft for a locked post, and which of them have to be asked. No account is named twice.
///
/// A handle that an account gave up since the draft was saved still means it, and who wrote the text before
/// may stay although they became a reader: an old draft must not fail to be saved or published by what
/// others did to their accounts.
pub(super) async fn look_up(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
    actor: &Actor,
) -> Result<Named, SaveError> {
    let people = people_of(tx, post, draft).await?;
    let asks = people.iter().any(|(_, id)| !post.names(*id)) && must_ask(tx, actor).await?;
    let mut named = Named::default();
    for (position, (handle, user_id)) in (0..).zip(people) {
        let place = Place { user_id, position };
        match consent(post, user_id) {
            Consent::Given => named.authors.push(place),
            Consent::Refused => named.declined.push(user_id),
            Consent::Asked => named.asked.push(place),
            Consent::NotAsked if asks => {
                named.asked.push(place);
                named.new.push(handle);
            }
            Consent::NotAsked => named.authors.push(place),
        }
    }
    Ok(named)
}

/// The accounts that a draft names, each once, the owner always among them.
async fn people_of(
    tx: &mut Tx,
    post: &PostRow,
    draft: &Draft,
) -> Result<Vec<(String, i64)>, SaveError> {
    let mut people: Vec<(String, i64)> = Vec::new();
    for (handle, person) in accounts::people_by_handles(tx, other_handles(post, draft)).await? {
        let fit = person.filter(|(id, role)| can_be_named(Some(post), *id, *role));
        let Some((id, _)) = fit else {
            return Err(SaveError::NoSuchAuthor(handle));
        };
        if people.iter().all(|(_, known)| *known != id) {
            people.push((handle, id));
        }
    }
    if people.iter().all(|(_, id)| *id != post.owner_id) {
        people.insert(0, (post.owner.clone(), post.owner_id));
    }
    Ok(people)
}

/// The handles that are to be looked up: none where the owner writes alone.
fn other_handles<'a>(post: &PostRow, draft: &'a Draft) -> &'a [String] {
    let owner = key_of(&post.owner);
    let handles = draft.details.authors.as_slice();
    if handles.iter().any(|handle| key_of(handle) != owner) {
        handles
    } else {
        &[]
    }
}

fn can_be_named(post: Option<&PostRow>, id: i64, role: Role) -> bool {
    role.writes() || post.is_some_and(|post| post.names(id))
}

/// The first of these handles for which [`look_up`] would refuse the draft. `post`: none before the first save.
pub(super) async fn unknown(
    conn: &mut PgConnection,
    post: Option<&PostRow>,
    handles: &[String],
) -> Result<Option<String>, DbError> {
    let people = accounts::people_by_handles(conn, handles).await?;
    let mut refused = people
        .into_iter()
        .filter(|(_, person)| person.is_none_or(|(id, role)| !can_be_named(post, id, role)));
    Ok(refused.next().map(|(handle, _)| handle))
}

impl Named {
    /// Those that readers see.
    pub(super) fn authors(&self) -> &[Place] {
        &self.authors
    }
}

/// What a person has said about their name on a post.
enum Consent {
    Given,
    Refused,
    Asked,
    NotAsked,
}

fn consent(post: &PostRow, user_id: i64) -> Consent {
    if post.author_ids.contains(&user_id) || user_id == post.owner_id {
        Consent::Given
    } else if post.declined_ids.contains(&user_id) {
        Consent::Refused
    } else if post.asked_ids.contains(&user_id) {
        Consent::Asked
    } else {
        Consent::NotAsked
    }
}

/// The handles of a draft, as they would be named if its reader published it now.
#[derive(Debug, Default)]
pub struct Preview {
    pub authors: Vec<String>,
    /// Named once they accept.
    pub asked: Vec<String>,
}

/// Which of the names in a draft readers would see, and which accounts would be asked first. `post`: none before the first save.
pub async fn preview(
    conn: &mut PgConnection,
    post: Option<&PostRow>,
    draft: &Draft,
    user: &CurrentUser,
) -> Result<Preview, DbError> {
    let owner = post.map_or(&user.username, |post| &post.owner);
    let handles = &draft.details.authors;
    if handles.iter().all(|handle| key_of(handle) == key_of(owner)) {
        return Ok(Preview {
            authors: vec![owner.clone()],
            asked: Vec::new(),
        });
    }
    let people = accounts::people_by_handles(conn, handles).await?;
    Ok(Preview::of(people, owner, post, user))
}

/// A handle, and the account that has or had it.
type Person = (String, Option<(i64, Role)>);

impl Preview {
    fn of(people: Vec<Person>, owner: &str, post: Option<&PostRow>, user: &CurrentUser) -> Self {
        let mut preview = Preview::default();
        for (handle, person) in people {
            // Publishing will say that there is no such author.
            let Some((id, _)) = person else { continue };
            // Named by a former handle, perhaps.
            let is_owner = id == post.map_or(user.id, |post| post.owner_id);
            let handle = if is_owner { owner.to_owned() } else { handle };
            preview.add(handle, present_consent(post, id, user), user.role);
        }
        if preview.authors.iter().all(|handle| handle != owner) {
            preview.authors.insert(0, owner.to_owned());
        }
        preview
    }

    /// `role`: of the account that publishes.
    fn add(&mut self, handle: String, consent: Consent, role: Role) {
        match consent {
            Consent::Given => self.authors.push(handle),
            Consent::Refused => {}
            Consent::NotAsked if role.edits_all() => self.authors.push(handle),
            Consent::Asked | Consent::NotAsked => self.asked.push(handle),
        }
    }
}

fn present_consent(post: Option<&PostRow>, id: i64, user: &CurrentUser) -> Consent {
    match post {
        Some(post) => consent(post, id),
        None if id == user.id => Consent::Given,
        None => Consent::NotAsked,
    }
}

async fn must_ask(tx: &mut Tx, actor: &Actor) -> Result<bool, SaveError> {
    match actor.id {
        Some(actor) => Ok(!queries::names_directly(tx, actor).await?),
        None => Ok(false),
    }
}

/// Writes the names that stand, and asks the others.
pub(super) async fn write(
    tx: &mut Tx,
    post: &PostRow,
    named: &Named,
    actor: &Actor,
) -> Result<(), SaveError> {
    let ids = named.authors.iter().map(|place| place.user_id);
    // Places count only beside those of people who are asked.
    if !named.asked.is_empty() || !ids.eq(post.author_ids.iter().copied()) {
        queries::set_authors(tx, post.id, &named.authors).await?;
    }
    ask(tx, post, named, actor).await
}

/// Asks those who are not asked yet, and forgets those who are not named any more.
async fn ask(tx: &mut Tx, post: &PostRow, named: &Named, actor: &Actor) -> Result<(), SaveError> {
    if named.asked.is_empty() && post.asked_ids.is_empty() && post.declined_ids.is_empty() {
        return Ok(());
    }
    let (kept, asker) = (named.unanswered(), actor.id.unwrap_or(post.owner_id));
    queries::set_requests(tx, post.id, &kept, &named.asked, asker).await?;
    if named.new.is_empty() {
        return Ok(());
    }
    let after = Some(json!({ "asked": named.new }));
    Ok(record(tx, post, "byline.ask", after, actor).await?)
}

impl Named {
    /// Those whose names do not show: they are asked, or said no.
    fn unanswered(&self) -> Vec<i64> {
        let asked = self.asked.iter().map(|place| place.user_id);
        asked.chain(self.declined.iter().copied()).collect()
    }
}

pub(super) async fn record(
    tx: &mut Tx,
    post: &PostRow,
    act: &str,
    after: Option<Value>,
    actor: &Actor,
) -> Result<(), DbError> {
    let entry = Entry {
        act,
        object_kind: post.kind.as_str(),
        object_id: Some(post.public_id),
        object: &post.title,
        after,
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}
