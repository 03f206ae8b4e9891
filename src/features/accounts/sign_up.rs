//! Signing up: a visitor makes an account where the site takes visitors, and is signed in to it ([`sign_up`], the whole act).
//! Whether a visitor may, and as what, is decided in one place, `role_for`.

use super::create;
use super::create_error::CreateError;
use super::new_account::{self, NewAccount};
use super::password::{Hasher, Verified};
use super::queries::{self, MadeAccount};
use super::session::{self, Browser, Opened};
use super::sign_up_gate::{Gate, token_hash};
use crate::access::{Actor, Role};
use crate::db::{Db, Tx};
use crate::features::site::{SignUp, Site};
use crate::messages::{Message, text};
use crate::web::{Error, Result};

pub struct SignUpRequest<'a> {
    /// What was asked before the account was parsed.
    pub gate: Gate,
    pub account: &'a NewAccount,
    pub invitation: &'a str,
    pub browser: &'a Browser,
}

/// What became of a sign-up.
pub enum SignedUp {
    /// The account is there, now or since the same form was sent before, and the browser is signed in to it.
    In(Opened),
    /// The form made the account of this handle, with something else in it.
    MadeAnother(String),
    Refused(Refusal),
    /// The form had made an account when the gate was asked, and that is gone by now.
    Shut,
}

/// Why no account was made, although all of the form was right.
pub enum Refusal {
    Invitation(SignUp),
    Account(CreateError),
}

impl Refusal {
    /// The same form, sent twice, may have made the account or used up the invitation in this moment.
    fn may_be_by_this_form(&self) -> bool {
        matches!(
            self,
            Refusal::Invitation(_) | Refusal::Account(CreateError::Repeated)
        )
    }

    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::Invitation(_) => "invitation",
            Refusal::Account(error) => error.field(),
        }
    }

    pub fn message(&self) -> Message {
        match self {
            Refusal::Invitation(SignUp::Open) => text::accounts_invitation_not_needed(),
            Refusal::Invitation(_) => text::accounts_invitation_used_up(),
            Refusal::Account(CreateError::EmailTaken) => text::accounts_email_taken_sign_in(),
            Refusal::Account(error) => error.message(),
        }
    }
}

/// Makes the account and signs in to it.
///
/// # Errors
///
/// Where the database fails, or too many passwords wait to be hashed. Then nothing is made.
pub async fn sign_up(
    db: &Db,
    actor: &Actor,
    hasher: &Hasher,
    request: SignUpRequest<'_>,
) -> Result<SignedUp> {
    if let Some(before) = made_before(db, hasher, &request).await? {
        return Ok(before);
    }
    let Gate::Open(site) = &request.gate else {
        return Ok(SignedUp::Shut);
    };
    let hash = new_account::hash(hasher, request.account).await?;
    let refusal = match make(db, actor, site, &request, &hash).await? {
        Ok(opened) => return Ok(SignedUp::In(opened)),
        Err(refusal) => refusal,
    };
    if refusal.may_be_by_this_form()
        && let Some(before) = made_before(db, hasher, &request).await?
    {
        return Ok(before);
    }
    Ok(SignedUp::Refused(refusal))
}

/// What the form made already: the same form again, by a double click or because the first answer was lost, signs in to that
/// account.
async fn made_before(
    db: &Db,
    hasher: &Hasher,
    request: &SignUpRequest<'_>,
) -> Result<Option<SignedUp>> {
    let account = request.account;
    let Some(made) = queries::made_by_form(&mut *db.fresh().await?, account.id).await? else {
        return Ok(None);
    };
    if made.is_as_typed(account)
        && let Some(stored) = &made.password_hash
        && hasher
            .verify(account.password.clone(), Some(stored.clone()))
            .await?
            != Verified::Wrong
        && let Some(opened) = open_again(db, &made, stored, request.browser).await?
    {
        return Ok(Some(SignedUp::In(opened)));
    }
    Ok(Some(SignedUp::MadeAnother(made.username)))
}

impl MadeAccount {
    /// But for the password, which is known by its hash alone.
    fn is_as_typed(&self, account: &NewAccount) -> bool {
        self.username == account.username.as_str()
            && self.name == account.name
            && self.email == account.email.as_str()
    }
}

/// A session of the account that the form made before, unless its password is another by now than the one that was `verified`.
async fn open_again(
    db: &Db,
    made: &MadeAccount,
    verified: &str,
    browser: &Browser,
) -> Result<Option<Opened>> {
    let mut tx = db.begin().await?;
    let Some(cookie) = session::open(&mut tx, made.user_id, verified, browser).await? else {
        return Ok(None);
    };
    tx.commit().await?;
    let role = made.role;
    Ok(Some(Opened { cookie, role }))
}

/// Makes the account and opens its first session, in one transaction; a refusal leaves nothing of either.
async fn make(
    db: &Db,
    actor: &Actor,
    site: &Site,
    request: &SignUpRequest<'_>,
    hash: &str,
) -> Result<std::result::Result<Opened, Refusal>> {
    let mut tx = db.begin().await?;
    let Some(role) = role_for(&mut tx, site, request.invitation).await? else {
        return Ok(Err(Refusal::Invitation(site.sign_up)));
    };
    tx.belongs_to(actor);
    let user_id = match create::insert(&mut tx, request.account, hash, role, actor).await {
        Ok(id) => id,
        Err(CreateError::Db(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(Refusal::Account(error))),
    };
    let Some(cookie) = session::open(&mut tx, user_id, hash, request.browser).await? else {
        return Err(no_account());
    };
    tx.commit().await?;
    Ok(Ok(Opened { cookie, role }))
}

/// The account was made in the same transaction.
fn no_account() -> Error {
    Error::internal(anyhow::anyhow!("a new account has no session"))
}

/// The role that a visitor gets, or none where the site does not take visitors. An invitation that is worth nothing is
/// never passed over: it may have promised another role.
async fn role_for(tx: &mut Tx, site: &Site, invitation: &str) -> Result<Option<Role>> {
    let invited = match token_hash(invitation) {
        Some(hash) => queries::use_invitation(tx, &hash).await?,
        None => None,
    };
    Ok(match site.sign_up {
        SignUp::Closed => None,
        SignUp::Invite => invited,
        SignUp::Open if invitation.trim().is_empty() => Some(site.sign_up_role.into()),
        SignUp::Open => invited,
    })
}
