//! The rows of a new account: of one that a form describes ([`insert`]), for sign-up, set-up and the command line, and of an
//! author whom an import brings along. Both are parts of a transaction.

use super::cache_tags;
use super::create_error::CreateError;
use super::model::Username;
use super::new_account::NewAccount;
use super::queries;
use crate::access::{Actor, Role};
use crate::db::audit::{self, Entry};
use crate::db::{Tx, public_id};

/// Writes the account; `hash` is [`new_account::hash`](super::new_account::hash)'s. Uniqueness is the database's decision.
pub async fn insert(
    tx: &mut Tx,
    account: &NewAccount,
    hash: &str,
    role: Role,
    actor: &Actor,
) -> Result<i64, CreateError> {
    let id = account.id;
    let user_id = queries::insert_user(tx, id, &account.username, &account.name, role).await?;
    // After the insert: a rename that gave this handle up meanwhile is committed by then, and seen.
    if !queries::claim_username(tx, &account.username, user_id).await? {
        return Err(CreateError::UsernameTaken);
    }
    queries::insert_profile(tx, user_id, Some(&account.email), Some(hash)).await?;
    cache_tags::invalidate_username(tx, &account.username.key());
    audit::record(tx, actor, creation(account, role)).await?;
    Ok(user_id)
}

fn creation(account: &NewAccount, role: Role) -> Entry<'_> {
    Entry {
        act: "account.create",
        object_kind: "user",
        object_id: Some(account.id),
        object: account.username.as_str(),
        after: Some(serde_json::json!({ "role": role.as_str() })),
        ..Entry::default()
    }
}

/// An author whom an import brings along.
pub struct Imported<'a> {
    pub username: &'a Username,
    pub name: &'a str,
    pub bio: &'a str,
    pub website: &'a str,
    /// By which a second import finds the same person.
    pub import_key: Option<&'a str>,
}

/// Makes the account of such an author: a name and its posts, but no password and no address: there is
/// no sign-in until an admin invites the person to take it over.
pub async fn insert_imported(tx: &mut Tx, person: &Imported<'_>) -> Result<i64, CreateError> {
    let user_id =
        queries::insert_user(tx, public_id(), person.username, person.name, Role::Author).await?;
    if !queries::claim_username(tx, person.username, user_id).await? {
        return Err(CreateError::UsernameTaken);
    }
    queries::insert_imported_profile(tx, user_id, person.bio, person.website, person.import_key)
        .await?;
    cache_tags::invalidate_username(tx, &person.username.key());
    Ok(user_id)
}
