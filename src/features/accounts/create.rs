//! Making an account: pages, set-up, command line and import all come through here. Whether strangers may is
//! asked in one place too, `handlers::sign_up::role_for`; the other doors belong to the operator.

use secrecy::SecretString;
use uuid::Uuid;

use super::cache_tags;
use super::handles::TooManyKept;
use super::model::{Email, Username};
use super::password::{self, Hasher};
use super::queries;
use crate::access::{Actor, Denied, Role};
use crate::db::audit::{self, Entry};
use crate::db::{DbError, Tx, public_id};
use crate::messages::{Message, text};
use crate::web::{Error, FormErrors, form};

/// What a person types to join.
pub struct NewAccount {
    /// Made with the form, so that the same form sent twice makes one account.
    pub id: Uuid,
    pub username: Username,
    pub email: Email,
    pub name: String,
    pub password: SecretString,
}

/// Why an account could not be made although its parts were right.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum CreateError {
    UsernameTaken,
    TooManyKept(TooManyKept),
    /// By this very form.
    Repeated,
    EmailTaken,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl CreateError {
    pub fn message(&self) -> Message {
        match self {
            CreateError::UsernameTaken => text::accounts_username_taken(),
            CreateError::TooManyKept(kept) => kept.message(),
            CreateError::Repeated => text::accounts_made_already(),
            CreateError::EmailTaken => text::accounts_email_taken(),
            CreateError::Denied(_) => text::errors_denied(),
            CreateError::Db(_) => text::errors_internal(),
        }
    }
}

/// The form field that a refusal belongs to.
pub fn field_of(error: &CreateError) -> &'static str {
    match error {
        CreateError::UsernameTaken | CreateError::TooManyKept(_) => "username",
        CreateError::EmailTaken => "email",
        CreateError::Repeated | CreateError::Denied(_) | CreateError::Db(_) => "",
    }
}

/// The fields of a sign-up as they were typed.
pub struct Typed<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a SecretString,
}

/// Parses the fields of a sign-up; each fault goes to its field. Whether the door is open at all was asked before: what
/// this costs is paid by those who may come in.
///
/// # Errors
///
/// [`Error::Overloaded`] when too many passwords wait to be looked at.
pub async fn parse(
    hasher: &Hasher,
    faults: &mut FormErrors,
    typed: Typed<'_>,
) -> Result<Option<NewAccount>, Error> {
    hasher
        .check_strength(typed.password, &typed.known(), "password", faults)
        .await?;
    Ok(parse_names(faults, &typed).filter(|_| faults.is_empty()))
}

/// The same outside of requests, where nothing has to be kept free.
pub fn parse_here(faults: &mut FormErrors, typed: &Typed<'_>) -> Option<NewAccount> {
    if faults
        .take("password", password::check_length(typed.password))
        .is_some()
        && password::is_guessable(typed.password, &typed.known().map(str::to_owned))
    {
        faults.add("password", text::accounts_password_guessable());
    }
    parse_names(faults, typed).filter(|_| faults.is_empty())
}

fn parse_names(faults: &mut FormErrors, typed: &Typed<'_>) -> Option<NewAccount> {
    let username = faults.take("username", Username::parse(typed.username));
    let email = faults.take("email", Email::parse(typed.email));
    let name = faults.take("name", form::line(text::accounts_a_name(), typed.name, 80));
    Some(NewAccount {
        id: public_id(),
        username: username?,
        email: email?,
        name: name?,
        password: typed.password.clone(),
    })
}

impl Typed<'_> {
    /// What a password must not be made of.
    fn known(&self) -> [&str; 3] {
        [self.username, self.email, self.name]
    }
}

/// Hashes the password. Apart from [`insert`], so that no transaction stays open meanwhile.
pub async fn hash(hasher: &Hasher, account: &NewAccount) -> Result<String, Error> {
    hasher.hash(account.password.clone()).await
}

/// Writes the account; `hash` is [`hash`]'s. Uniqueness is the database's decision.
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
    let entry = Entry {
        act: "account.create",
        object_kind: "user",
        object_id: Some(id),
        object: account.username.as_str(),
        after: Some(serde_json::json!({ "role": role.as_str() })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await?;
    Ok(user_id)
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
