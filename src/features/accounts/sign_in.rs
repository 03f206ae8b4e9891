//! Signing in with a password, and out again. What is refused is counted for the operator; the answer says the same, and takes
//! the same time, whatever the reason was.

use super::password::{Hasher, Verified};
use super::queries::{self, Credentials, Failure, SignedIn};
use super::session::{self, Browser, Opened};
use crate::access::{Action, Actor, Resource, Role};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::Result;

pub struct SignInRequest<'a> {
    /// Handle or mail address.
    pub login: &'a str,
    pub password: &'a str,
    pub browser: &'a Browser,
}

/// Opens a session, where the password is the account's; `None` where it is refused. `visitor` is the actor until the password
/// says as which account it acts.
///
/// # Errors
///
/// Where the database fails, or too many passwords wait to be verified.
pub async fn sign_in(
    db: &Db,
    visitor: &Actor,
    hasher: &Hasher,
    request: SignInRequest<'_>,
) -> Result<Option<Opened>> {
    // Twice, where another sign-in of the same account wrote its hash again meanwhile, with the costs of today.
    let mut refused = Refused {
        account: None,
        reason: "the password was changed meanwhile",
    };
    for _ in 0..2 {
        let account = match verify(db, hasher, &request).await? {
            Ok(account) => account,
            Err(why) => {
                refused = why;
                break;
            }
        };
        if let Some(opened) = open(db, visitor, &account, request.browser).await? {
            return Ok(Some(opened));
        }
    }
    refused.note(db, visitor).await;
    Ok(None)
}

/// An account and the hash that its password was verified against.
struct Account {
    user_id: i64,
    username: String,
    role: Role,
    verified: String,
    /// The same password with the costs of today.
    rehashed: Option<String>,
}

impl Account {
    /// The hash that stands once this sign-in has written its own.
    fn hash(&self) -> &str {
        self.rehashed.as_ref().unwrap_or(&self.verified)
    }
}

/// Why a sign-in was refused, for the operator.
struct Refused {
    account: Option<(i64, String)>,
    reason: &'static str,
}

impl Refused {
    const UNKNOWN: Refused = Refused {
        account: None,
        reason: "no account has this name",
    };
    /// One line, and one in the count of the account or network. A name is written only where an account has it: people
    /// type passwords there.
    async fn note(self, db: &Db, visitor: &Actor) {
        let client = visitor.client.as_deref().unwrap_or_default();
        let (user_id, account) = self.account.unzip();
        tracing::warn!(client, reason = self.reason, account, "sign-in refused");
        let counted = async {
            let mut tx = db.begin().await?;
            let failure = Failure {
                user_id,
                client,
                reason: self.reason,
                correlation_id: visitor.correlation_id,
            };
            queries::count_failure(&mut tx, failure).await?;
            tx.commit().await
        };
        // Where nothing can be written, the line is there.
        if let Err(error) = counted.await {
            tracing::warn!(%error, "a refused sign-in was not counted");
        }
    }
}

/// Also without an account there is one hash to compute: the time tells nothing.
async fn verify(
    db: &Db,
    hasher: &Hasher,
    request: &SignInRequest<'_>,
) -> Result<Result<Account, Refused>> {
    let found = db
        .ask_fresh(async |conn| queries::credentials(conn, request.login).await)
        .await?;
    let stored = found.as_ref().and_then(|c| c.password_hash.clone());
    let verified = hasher
        .verify(request.password.to_owned().into(), stored.clone())
        .await?;
    Ok(found.map_or(Err(Refused::UNKNOWN), |found| found.judge(verified)))
}

impl Credentials {
    /// What the password that was typed opens, by what came of its verification.
    fn judge(self, verified: Verified) -> Result<Account, Refused> {
        let account = (self.user_id, self.username.clone());
        let refused = |reason| Refused {
            account: Some(account),
            reason,
        };
        let Some(stored) = self.password_hash else {
            return Err(refused("the account has no password"));
        };
        let rehashed = match verified {
            Verified::Wrong => return Err(refused("wrong password")),
            Verified::Right => None,
            Verified::RightRehashed(hash) => Some(hash),
        };
        Ok(Account {
            user_id: self.user_id,
            username: self.username,
            role: Role::from_column(&self.role),
            verified: stored,
            rehashed,
        })
    }
}

/// The session of a new sign-in, unless the password was changed since it was verified.
async fn open(
    db: &Db,
    visitor: &Actor,
    account: &Account,
    browser: &Browser,
) -> Result<Option<Opened>> {
    let mut tx = db.begin().await?;
    if !write_rehashed(&mut tx, account).await? {
        return Ok(None);
    }
    let hash = account.hash();
    let Some(cookie) = session::open(&mut tx, account.user_id, hash, browser).await? else {
        return Ok(None);
    };
    record(&mut tx, visitor, account).await?;
    tx.commit().await?;
    let role = account.role;
    Ok(Some(Opened { cookie, role }))
}

/// False, and nothing is written, where the account has another password by now.
async fn write_rehashed(tx: &mut Tx, account: &Account) -> Result<bool> {
    let Some(new) = &account.rehashed else {
        return Ok(true);
    };
    Ok(queries::replace_password(tx, account.user_id, &account.verified, new).await?)
}

/// From here on the visitor acts as the account.
async fn record(tx: &mut Tx, visitor: &Actor, account: &Account) -> Result<(), DbError> {
    let actor = Actor {
        id: Some(account.user_id),
        name: account.username.clone(),
        ..visitor.clone()
    };
    let entry = Entry {
        act: "session.create",
        object_kind: "user",
        object: &account.username,
        ..Entry::default()
    };
    tx.belongs_to(&actor);
    audit::record(tx, &actor, entry).await
}

/// Ends the session that the request came with.
///
/// # Errors
///
/// Where the account is not the actor's own.
pub async fn sign_out(db: &Db, actor: &Actor, account: &SignedIn) -> Result<()> {
    actor.require(Action::ChangeAccount, Resource::Person { id: account.id })?;
    let mut tx = db.begin().await?;
    queries::delete_session(&mut tx, account.id, account.session_id).await?;
    let entry = Entry {
        act: "session.end",
        object_kind: "user",
        object_id: Some(account.public_id),
        object: &account.username,
        ..Entry::default()
    };
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    Ok(tx.commit().await?)
}
