//! `/admin/invitations`: the list, and the form that makes a link. The link is made again from the form's id and the site's key, so it
//! can be shown for a form that was sent twice, and never from what is stored.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::access::Role;
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::forms::InvitationForm;
use crate::features::accounts::invite::{self, Invited};
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries::{self, NewInvitation};
use crate::features::accounts::views::InvitationsPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{Form, FormErrors, FormIds, Makes, Result, form, page};

/// As they stand on the page.
const FIELDS: [&str; 4] = ["role", "days", "max_uses", "note"];

/// `GET /admin/invitations`
pub async fn list(page: PrivatePage) -> Result<HttpResponse> {
    let id = form_ids(&page.app, &page.user).fresh();
    let form = InvitationForm {
        id,
        role: "author".into(),
        max_uses: "1".into(),
        days: "14".into(),
        ..InvitationForm::default()
    };
    answer(&page, &form, Outcome::default()).await
}

/// `POST /admin/invitations`: the link is shown once, only its hash is kept.
pub async fn create(page: PrivatePage, typed: Form<InvitationForm>) -> Result<HttpResponse> {
    let mut typed = typed.0;
    let mut faults = FormErrors::default();
    let form_ids = form_ids(&page.app, &page.user);
    let id = form_ids.read(&page.req, &mut typed.id);
    let id = faults.take("", id.map_err(|unsigned| unsigned.message()));
    let terms = typed.terms(&mut faults);
    let (Some(id), Some(terms)) = (id, terms) else {
        return answer(&page, &typed, Outcome::invalid(faults)).await;
    };
    let token = token(&page, id);
    let token_hash = Sha256::digest(&token);
    let new = terms.invitation(id, &token_hash);
    let invited = invite::invite(&page.app.db, page.actor(), &new).await?;
    // What is made next is another one.
    form_ids.renew(&mut typed.id);
    let outcome = Outcome::of(invited, link(&page, token.as_ref()));
    answer(&page, &typed, outcome).await
}

fn form_ids(app: &AppState, user: &CurrentUser) -> FormIds {
    FormIds::new(&app.key, Makes::Invitation, Some(user.public_id))
}

/// What an invitation gives, to how many and for how long.
struct Terms {
    role: Role,
    note: String,
    max_uses: i32,
    days: i32,
}

impl Terms {
    fn invitation<'a>(&'a self, id: Uuid, token_hash: &'a [u8]) -> NewInvitation<'a> {
        NewInvitation {
            id,
            token_hash,
            role: self.role.as_str(),
            note: &self.note,
            max_uses: self.max_uses,
            days: self.days,
        }
    }
}

impl InvitationForm {
    fn terms(&self, faults: &mut FormErrors) -> Option<Terms> {
        let role = faults.take(
            "role",
            invited(&self.role).ok_or_else(text::accounts_choose_role),
        );
        let note = faults.take("note", form::line(text::accounts_a_note(), &self.note, 200));
        let max_uses = faults.take("max_uses", whole(&self.max_uses, 1000));
        let days = faults.take("days", whole(&self.days, 365));
        Some(Terms {
            role: role?,
            note: note?,
            max_uses: max_uses?,
            days: days?,
        })
    }
}

fn invited(word: &str) -> Option<Role> {
    Role::INVITED.into_iter().find(|role| role.as_str() == word)
}

/// Made from the id, so that the same form shows the same link; without the site's key it cannot be made.
fn token(page: &PrivatePage, id: Uuid) -> impl AsRef<[u8]> {
    page.app
        .key
        .key_for("invitations 1")
        .chain_update(page.user.public_id)
        .chain_update(id)
        .finalize()
        .into_bytes()
}

/// The address that lets those in who have it.
fn link(page: &PrivatePage, token: &[u8]) -> String {
    let token = BASE64URL_NOPAD.encode(token);
    page.app.url(&format!("/signup?invitation={token}"))
}

/// How the page comes back.
#[derive(Default)]
struct Outcome {
    faults: FormErrors,
    link: Option<String>,
    conflict: bool,
}

impl Outcome {
    fn of(invited: Invited, link: String) -> Self {
        match invited {
            Invited::Made => Outcome::made(link),
            Invited::Before(Some(standing)) if standing.usable && standing.same => {
                Outcome::made(link)
            }
            Invited::Before(Some(standing)) => Outcome::conflict(standing.sentence()),
            Invited::Before(None) => Outcome::conflict(text::accounts_invitation_another()),
        }
    }

    fn made(link: String) -> Self {
        Outcome {
            link: Some(link),
            ..Outcome::default()
        }
    }

    fn conflict(sentence: Message) -> Self {
        Outcome {
            conflict: true,
            ..Outcome::invalid(FormErrors::single("", sentence))
        }
    }

    fn invalid(faults: FormErrors) -> Self {
        Outcome {
            faults,
            ..Outcome::default()
        }
    }

    fn status(&self) -> StatusCode {
        if self.conflict {
            StatusCode::CONFLICT
        } else {
            self.faults.status()
        }
    }
}

fn whole(text: &str, max: i32) -> Result<i32, Message> {
    let number = text.trim().parse().ok().filter(|n| (1..=max).contains(n));
    number.ok_or_else(|| text::accounts_whole_number(max))
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(page: PrivatePage, id: web::Path<Uuid>) -> Result<HttpResponse> {
    invite::revoke(&page.app.db, page.actor(), *id).await?;
    Ok(page::see_other("/admin/invitations"))
}

async fn answer(
    page: &PrivatePage,
    form: &InvitationForm,
    outcome: Outcome,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let invitations = queries::invitations(&mut conn).await?;
    drop(conn);
    let status = outcome.status();
    let view = InvitationsPage {
        frame: page.frame(&site, text::accounts_title_invitations()),
        form,
        faults: outcome.faults.in_order(&FIELDS),
        link: outcome.link,
        invitations,
        sign_up: site.sign_up,
    };
    page.show_with(status, &view)
}
