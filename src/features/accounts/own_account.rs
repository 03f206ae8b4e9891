//! What a person changes of their own account: profile, picture, handle and address, password, sessions. Handle, address and
//! password change only for a password typed again ([`verify_password`]).

use actix_web::cookie::Cookie;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::create_error::CreateError;
use super::email::Email;
use super::model::Username;
use super::password::{Hasher, Verified};
use super::queries::{self, SignedIn};
use super::session::{self, Browser};
use super::{cache_tags, handles};
use crate::access::{Action, Actor, Denied, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::{Error, Result};

fn require_own(actor: &Actor, account: &SignedIn) -> std::result::Result<(), Denied> {
    actor.require(Action::ChangeAccount, Resource::Person { id: account.id })
}

/// As a profile is to be.
pub struct Profile {
    pub name: String,
    pub bio: String,
    pub website: String,
}

/// # Errors
///
/// Where the account is not the actor's own, here and below.
pub async fn update_profile(
    db: &Db,
    actor: &Actor,
    account: &SignedIn,
    new: Profile,
) -> Result<()> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    queries::update_profile(&mut tx, account.id, &new.name, &new.bio, &new.website).await?;
    cache_tags::invalidate_profile(&mut tx, &account.username);
    record(&mut tx, actor, account, "account.update_profile").await?;
    Ok(tx.commit().await?)
}

/// Shows this picture from now on. True where it takes the place of another, which is taken down.
pub async fn change_picture(
    db: &Db,
    actor: &Actor,
    account: &SignedIn,
    jpeg: &[u8],
) -> Result<bool> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    let old = queries::replace_avatar(&mut tx, account.id, jpeg).await?;
    take_picture_down(&mut tx, account, old);
    record(&mut tx, actor, account, "account.change_avatar").await?;
    tx.commit().await?;
    Ok(old.is_some())
}

/// Takes the picture down. False where there was none.
pub async fn remove_picture(db: &Db, actor: &Actor, account: &SignedIn) -> Result<bool> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    let old = queries::remove_avatar(&mut tx, account.id).await?;
    if old.is_none() {
        return Ok(false);
    }
    take_picture_down(&mut tx, account, old);
    record(&mut tx, actor, account, "account.remove_avatar").await?;
    tx.commit().await?;
    Ok(true)
}

/// The pages that show the picture, and the old picture itself: people who take theirs back want it gone.
fn take_picture_down(tx: &mut Tx, account: &SignedIn, old: Option<Uuid>) {
    cache_tags::invalidate_profile(tx, &account.username);
    if let Some(old) = old {
        cache_tags::purge_picture(tx, old);
    }
}

/// Changes handle and e-mail address. False where the account has another password by now than the one that was `verified`.
pub async fn change_address(
    db: &Db,
    actor: &Actor,
    account: &SignedIn,
    verified: &str,
    (username, email): (&Username, &Email),
) -> std::result::Result<bool, CreateError> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    // Read under the lock: another tab may have changed it since this request began.
    let old = queries::lock_username(&mut tx, account.id).await?;
    if !queries::lock_password(&mut tx, account.id, verified).await? {
        return Ok(false);
    }
    if username.as_str() != old {
        handles::change(&mut tx, account.id, &old, username).await?;
    }
    queries::update_email(&mut tx, account.id, email).await?;
    let entry = Entry {
        object: username.as_str(),
        before: Some(json!({ "username": old })),
        after: Some(json!({ "username": username.as_str() })),
        ..entry(account, "account.update")
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(true)
}

/// The hash that the password was verified against, `None` where it is another password; what follows from it first looks whether
/// it is still the account's.
pub async fn verify_password(
    db: &Db,
    hasher: &Hasher,
    account: &SignedIn,
    typed: &str,
) -> Result<Option<String>> {
    let found = queries::credentials_of(&mut *db.fresh().await?, account.id).await?;
    let stored = found.and_then(|c| c.password_hash);
    let verified = hasher
        .verify(typed.to_owned().into(), stored.clone())
        .await?;
    Ok(stored.filter(|_| verified != Verified::Wrong))
}

pub struct NewPassword<'a> {
    /// The hash that the present password was verified against.
    pub verified: &'a str,
    pub password: SecretString,
    pub browser: &'a Browser,
}

/// Changes the password, ends every session of the account, and opens one for this browser: a copied cookie is worth nothing
/// afterwards. `None` where the account has another password by now than the one that was verified.
pub async fn change_password(
    db: &Db,
    actor: &Actor,
    account: &SignedIn,
    hasher: &Hasher,
    new: NewPassword<'_>,
) -> Result<Option<Cookie<'static>>> {
    require_own(actor, account)?;
    let hash = hasher.hash(new.password).await?;
    let mut tx = db.begin().await?;
    if !queries::replace_password(&mut tx, account.id, new.verified, &hash).await? {
        return Ok(None);
    }
    let ended = queries::revoke_other_sessions(&mut tx, account.id, 0).await?;
    let cookie = session::open(&mut tx, account.id, &hash, new.browser).await?;
    let cookie =
        cookie.ok_or_else(|| Error::internal(anyhow::anyhow!("a new password has no session")))?;
    let entry = Entry {
        after: Some(json!({ "sessions_ended": ended })),
        ..entry(account, "account.change_password")
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(Some(cookie))
}

/// Ends one session of the account. A second click changes nothing.
pub async fn revoke_session(db: &Db, actor: &Actor, account: &SignedIn, id: Uuid) -> Result<()> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    if !queries::revoke_session(&mut tx, account.id, id).await? {
        return match queries::was_revoked(&mut tx, account.id, id).await? {
            true => Ok(()),
            false => Err(Error::NotFound),
        };
    }
    let entry = Entry {
        object_kind: "session",
        object_id: Some(id),
        ..entry(account, "session.revoke")
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    Ok(tx.commit().await?)
}

/// Ends all sessions of the account but the one that asks.
pub async fn revoke_other_sessions(db: &Db, actor: &Actor, account: &SignedIn) -> Result<()> {
    require_own(actor, account)?;
    let mut tx = db.begin().await?;
    queries::revoke_other_sessions(&mut tx, account.id, account.session_id).await?;
    record(&mut tx, actor, account, "session.revoke_others").await?;
    Ok(tx.commit().await?)
}

async fn record(
    tx: &mut Tx,
    actor: &Actor,
    account: &SignedIn,
    act: &str,
) -> std::result::Result<(), DbError> {
    tx.belongs_to(actor);
    audit::record(tx, actor, entry(account, act)).await
}

fn entry<'a>(account: &'a SignedIn, act: &'a str) -> Entry<'a> {
    Entry {
        act,
        object_kind: "user",
        object_id: Some(account.public_id),
        object: &account.username,
        ..Entry::default()
    }
}
