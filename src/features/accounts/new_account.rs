//! What is typed to make an account, and the account that it describes: parsed field by field, for the sign-up form, the
//! set-up and the command line.

use secrecy::SecretString;
use uuid::Uuid;

use super::email::Email;
use super::model::Username;
use super::password::{self, Hasher};
use crate::db::public_id;
use crate::messages::text;
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

/// Hashes the password. Apart from [`insert`](super::create::insert), so that no transaction stays open meanwhile.
pub async fn hash(hasher: &Hasher, account: &NewAccount) -> Result<String, Error> {
    hasher.hash(account.password.clone()).await
}
