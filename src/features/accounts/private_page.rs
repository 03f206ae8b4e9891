//! A page for one signed-in account, and what all such pages do alike.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use super::current_user::{self, CurrentUser};
use crate::access::Actor;
use crate::features::site::flash::{self, Said};
use crate::features::site::{self, Site};
use crate::messages::Message;
use crate::state::AppState;
use crate::web::frame::{Frame, Notice};
use crate::web::{Error, Result, form, page};

/// The page that is asked for, as extractor of its handler: sends to sign-in where no account is signed in.
pub struct PrivatePage {
    pub req: HttpRequest,
    pub app: web::Data<AppState>,
    pub user: CurrentUser,
    notice: Notice,
}

impl PrivatePage {
    /// The account as it acts by this request.
    pub fn actor(&self) -> &Actor {
        self.user.actor()
    }

    /// What stands around the page.
    pub fn frame(&self, site: &Site, title: Message) -> Frame {
        let viewer = Some(self.user.viewer());
        Frame {
            notice: self.notice.clone(),
            ..site::private_frame(site, &self.app.origin, title, viewer)
        }
    }

    /// The address of this page, without the message that it shows once.
    pub fn here(&self) -> String {
        flash::plain_address(&self.req)
    }

    /// Where an act leads that was begun on a list: back to it, by the `back` of its address. Else where it leads otherwise.
    pub fn way_back(&self, otherwise: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(self.req.query_string().as_bytes());
        let back = pairs.find(|(name, _)| name == "back");
        form::way_back(&back.map(|(_, value)| value).unwrap_or_default(), otherwise)
    }

    /// A ticket by which this account can undo what it did: `done` is what the feature has to know for it.
    pub fn undo_ticket(&self, said: Said, done: &impl Serialize) -> Option<String> {
        let done = serde_json::to_string(done).ok()?;
        let until = self.app.db.now().timestamp() + flash::UNDO_SECONDS;
        let tickets = flash::undo_tickets(&self.app, self.user.public_id);
        Some(tickets.make(&format!("{} {done}", said.word()), until))
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
            let notice = flash::notice(&app, &req, user.public_id).await?;
            Ok(PrivatePage {
                req,
                app,
                user,
                notice,
            })
        })
    }
}
