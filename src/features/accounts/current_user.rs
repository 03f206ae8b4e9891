//! The person behind a request, read from the session on the primary: a revoked session is gone at once.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::queries::SignedIn;
use super::session;
use crate::access::{Action, Actor, Resource, Role, can};
use crate::state::AppState;
use crate::web::form::is_visible;
use crate::web::frame::Viewer;
use crate::web::middleware::ids;
use crate::web::{Error, Ids, Result};

/// The account that a request is signed in with.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    account: SignedIn,
    actor: Actor,
}

impl Deref for CurrentUser {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.account
    }
}

impl CurrentUser {
    /// Refuses with a page that says so.
    pub fn require(&self, action: Action, resource: Resource<'_>) -> Result<()> {
        Ok(self.actor.require(action, resource)?)
    }

    pub fn can(&self, action: Action, resource: Resource<'_>) -> bool {
        can(&self.actor, action, resource)
    }

    pub fn viewer(&self) -> Viewer {
        Viewer {
            username: self.username.clone(),
            name: self.display_name().to_owned(),
            avatar_id: self.avatar_id,
            can_write: self.role.writes(),
            can_decide: self.role.publishes(),
            can_manage: self.role.manages(),
            can_moderate: self.role.moderates(),
        }
    }

    pub fn display_name(&self) -> &str {
        if !is_visible(&self.name) {
            &self.username
        } else {
            &self.name
        }
    }

    /// This account as it acts by this request.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

fn account_actor(account: &SignedIn, ids: &Ids) -> Actor {
    Actor {
        id: Some(account.id),
        role: account.role,
        ..visitor(&account.username, ids)
    }
}

/// A browser that is not signed in. `name`: the handle that it says it is of, empty where that is not known yet.
pub fn visitor(name: &str, ids: &Ids) -> Actor {
    Actor {
        id: None,
        name: name.to_owned(),
        role: Role::Reader,
        client: Some(ids.client.masked()),
        correlation_id: ids.correlation_id,
        action: ids.action.clone(),
    }
}

impl FromRequest for CurrentUser {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { require(&req).await })
    }
}

/// The account of this request.
///
/// # Errors
///
/// Sends to sign-in where there is none.
pub(super) async fn require(req: &HttpRequest) -> Result<CurrentUser> {
    load(req).await?.ok_or_else(|| {
        let next = if req.method().is_safe() {
            req.uri().to_string()
        } else {
            "/".to_owned()
        };
        Error::SignInFirst { next }
    })
}

/// That account, if the request has one.
pub struct MaybeUser(pub Option<CurrentUser>);

impl FromRequest for MaybeUser {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            match load(&req).await {
                // No session can be recognised without the primary, and a revoked one must not revive.
                // For reading only: a request to sign out must not be told that it was done.
                Err(Error::Unavailable(_) | Error::Overloaded { .. }) if req.method().is_safe() => {
                    Ok(MaybeUser(None))
                }
                user => Ok(MaybeUser(user?)),
            }
        })
    }
}

/// The user of this request, asked of the database once.
pub(super) async fn load(req: &HttpRequest) -> Result<Option<CurrentUser>> {
    if let Some(Known(user)) = req.extensions().get::<Known>() {
        return Ok(user.clone());
    }
    let app = state(req)?;
    let ids =
        ids::of(req).ok_or_else(|| Error::internal(anyhow::anyhow!("request without ids")))?;
    let found = signed_in(req, app).await?;
    let user = found.map(|account| CurrentUser {
        actor: account_actor(&account, &ids),
        account,
    });
    if let Some(user) = &user {
        tracing::Span::current().record("user", tracing::field::display(user.public_id));
    }
    req.extensions_mut().insert(Known(user.clone()));
    Ok(user)
}

async fn signed_in(req: &HttpRequest, app: &AppState) -> Result<Option<SignedIn>> {
    match session::token(req, app.https) {
        Some(token) => Ok(session::find(&app.db, &token).await?),
        None => Ok(None),
    }
}

pub(super) fn state(req: &HttpRequest) -> Result<&web::Data<AppState>> {
    req.app_data::<web::Data<AppState>>()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no state")))
}

struct Known(Option<CurrentUser>);
