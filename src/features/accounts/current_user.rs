//! The person behind a request, read from the session on the primary: a revoked session is gone at once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use uuid::Uuid;

use super::model::Role;
use super::permission::{Action, Resource, can};
use super::session;
use crate::app::AppState;
use crate::db::audit::Origin;
use crate::web::form::is_visible;
use crate::web::frame::Viewer;
use crate::web::{Error, Ids, Result};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    pub id: i64,
    pub public_id: Uuid,
    pub username: String,
    pub name: String,
    pub avatar_id: Option<Uuid>,
    pub role: Role,
    pub session_id: i64,
}

impl CurrentUser {
    #[cfg(test)]
    pub fn for_tests(id: i64, role: Role) -> Self {
        CurrentUser {
            id,
            public_id: Uuid::nil(),
            username: "test".into(),
            name: String::new(),
            avatar_id: None,
            role,
            session_id: 0,
        }
    }

    /// Refuses with a page that says so.
    pub fn require(&self, act: Action, object: Resource<'_>) -> Result<()> {
        if can(Some(self), act, object) {
            return Ok(());
        }
        tracing::warn!(actor = self.username, ?act, "refused");
        Err(Error::Forbidden(
            "Your account can't do this. If it should, ask an admin of this site.",
        ))
    }

    pub fn viewer(&self) -> Viewer {
        Viewer {
            username: self.username.clone(),
            name: self.display_name().to_owned(),
            avatar_id: self.avatar_id,
            can_write: self.role >= Role::Author,
            can_manage: self.role >= Role::Admin,
            can_moderate: self.role >= Role::Moderator,
        }
    }

    pub fn display_name(&self) -> &str {
        if !is_visible(&self.name) {
            &self.username
        } else {
            &self.name
        }
    }

    /// Who acts, for the audit log, inside the business action that `ids` names.
    pub fn origin(&self, ids: &Ids, under_way: Option<Uuid>) -> Origin {
        Origin {
            actor_id: Some(self.id),
            actor: self.username.clone(),
            client: Some(ids.client.masked()),
            correlation_id: ids.correlation_id,
            transaction_id: ids.transaction(under_way),
        }
    }
}

impl FromRequest for CurrentUser {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            load(&req).await?.ok_or_else(|| {
                let next = if req.method().is_safe() {
                    req.uri().to_string()
                } else {
                    "/".to_owned()
                };
                Error::SignInFirst { next }
            })
        })
    }
}

/// Somebody or nobody.
pub struct MaybeUser(pub Option<CurrentUser>);

impl FromRequest for MaybeUser {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            match load(&req).await {
                // No session can be recognised without the primary, and a revoked one must not revive.
                // For reading only: whoever signs out must not be told that it was done.
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
    let app = req
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no state")))?;
    let user = match session::token(req, app.https) {
        Some(token) => session::find(&app.db, &token).await?,
        None => None,
    };
    if let Some(user) = &user {
        tracing::Span::current().record("user", tracing::field::display(user.public_id));
    }
    req.extensions_mut().insert(Known(user.clone()));
    Ok(user)
}

struct Known(Option<CurrentUser>);
