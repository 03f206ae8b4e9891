//! A page for one signed-in account, and what all such pages do alike.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;

use super::current_user::{self, CurrentUser};
use crate::access::Actor;
use crate::features::site::{self, Site};
use crate::messages::Message;
use crate::state::AppState;
use crate::web::frame::Frame;
use crate::web::{Error, Result, page};

/// The page that is asked for, as extractor of its handler: sends to sign-in where no account is signed in.
pub struct PrivatePage {
    pub req: HttpRequest,
    pub app: web::Data<AppState>,
    pub user: CurrentUser,
}

impl PrivatePage {
    /// The account as it acts by this request.
    pub fn actor(&self) -> &Actor {
        self.user.actor()
    }

    /// What stands around the page.
    pub fn frame(&self, site: &Site, title: Message) -> Frame {
        site::private_frame(site, &self.app.origin, title, Some(self.user.viewer()))
    }

    pub fn show(&self, view: &impl Template) -> Result<HttpResponse> {
        page::private(&self.req, view)
    }

    pub fn show_with(&self, status: StatusCode, view: &impl Template) -> Result<HttpResponse> {
        page::private_with(&self.req, status, view)
    }
}

impl FromRequest for PrivatePage {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let user = current_user::require(&req).await?;
            let app = current_user::state(&req)?.clone();
            Ok(PrivatePage { req, app, user })
        })
    }
}
