//! `/signup`: a visitor makes an account where the site takes visitors, and is signed in to it. The same form sent twice makes one
//! account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use super::sign_in::own_path;
use crate::features::accounts::current_user::{MaybeUser, visitor};
use crate::features::accounts::forms::SignUpForm;
use crate::features::accounts::new_account::{self, NewAccount, Typed};
use crate::features::accounts::password::Hasher;
use crate::features::accounts::pools::Pools;
use crate::features::accounts::session::{Browser, Opened};
use crate::features::accounts::sign_up::{self, SignUpRequest, SignedUp};
use crate::features::accounts::sign_up_gate::{self, Gate};
use crate::features::accounts::views::SignUpPage;
use crate::features::site::{self, SignUp};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, FormIds, Ids, Makes, Result, page};

#[derive(Deserialize)]
pub struct Invited {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    next: String,
}

/// `GET /signup`
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: MaybeUser,
    query: web::Query<Invited>,
) -> Result<HttpResponse> {
    let query = query.into_inner();
    if user.0.is_some() {
        return already_signed_in(&query.invitation);
    }
    let form = empty_form(&app, query);
    let mut faults = FormErrors::default();
    if !form.invitation.trim().is_empty() && is_ignored(&app, &form.invitation).await? {
        faults.add("invitation", text::accounts_invitation_not_needed());
    }
    answer_with(&req, &app, &form, faults, StatusCode::OK).await
}

fn empty_form(app: &AppState, invited: Invited) -> SignUpForm {
    SignUpForm {
        id: form_ids(app).fresh(),
        invitation: invited.invitation,
        next: own_path(&invited.next),
        ..SignUpForm::default()
    }
}

fn already_signed_in(invitation: &str) -> Result<HttpResponse> {
    if invitation.trim().is_empty() {
        Ok(page::see_other("/"))
    } else {
        Err(Error::Conflict(text::accounts_invitation_while_signed_in()))
    }
}

/// Whether sign-up is open and this invitation would change nothing.
async fn is_ignored(app: &AppState, invitation: &str) -> Result<bool> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    Ok(site.set_up
        && site.sign_up == SignUp::Open
        && !sign_up_gate::is_usable(&mut conn, invitation).await?)
}

/// `POST /signup`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    pools: web::Data<Pools>,
    ids: Ids,
    form: Form<SignUpForm>,
) -> Result<HttpResponse> {
    let mut form = form.0;
    let mut faults = FormErrors::default();
    let id = form_ids(&app).read(&req, &mut form.id);
    let gate = sign_up_gate::gate(&app.db, &form.invitation, id.as_ref().ok().copied()).await?;
    if let Gate::Shut { invited } = gate {
        return answer(&req, &app, &form, used_up(invited)).await;
    }
    let id = faults.take("", id.map_err(|unsigned| unsigned.message()));
    let Some(account) = form.account(&pools.hasher, id, &mut faults).await? else {
        return answer(&req, &app, &form, faults).await;
    };
    let request = SignUpRequest {
        gate,
        account: &account,
        invitation: &form.invitation,
        browser: &Browser::of(&req, app.https),
    };
    let actor = visitor(account.username.as_str(), &ids);
    let signed_up = sign_up::sign_up(&app.db, &actor, &pools.hasher, request).await?;
    answer_signed_up(&req, &app, form, signed_up).await
}

/// What a shut gate is told by: an invitation that lets none in any more, else the page alone.
fn used_up(invited: bool) -> FormErrors {
    let mut faults = FormErrors::default();
    if invited {
        faults.add("invitation", text::accounts_invitation_used_up());
    }
    faults
}

impl SignUpForm {
    /// The account that it describes, under the form's `id`.
    async fn account(
        &self,
        hasher: &Hasher,
        id: Option<Uuid>,
        faults: &mut FormErrors,
    ) -> Result<Option<NewAccount>> {
        let password = SecretString::from(self.password.clone());
        let typed = Typed {
            username: &self.username,
            email: &self.email,
            name: &self.name,
            password: &password,
        };
        let account = new_account::parse(hasher, faults, typed).await?;
        Ok(account
            .zip(id)
            .map(|(account, id)| NewAccount { id, ..account }))
    }
}

async fn answer_signed_up(
    req: &HttpRequest,
    app: &AppState,
    mut form: SignUpForm,
    signed_up: SignedUp,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    match signed_up {
        SignedUp::In(opened) => return welcome(&opened, &form),
        SignedUp::MadeAnother(username) => {
            form_ids(app).renew(&mut form.id);
            faults.add("", text::accounts_form_made_another(&username));
            return answer_with(req, app, &form, faults, StatusCode::CONFLICT).await;
        }
        SignedUp::Refused(refusal) => faults.add(refusal.field(), refusal.message()),
        SignedUp::Shut => {}
    }
    answer(req, app, &form, faults).await
}

fn form_ids(app: &AppState) -> FormIds {
    FormIds::new(&app.key, Makes::Account, None)
}

fn welcome(opened: &Opened, form: &SignUpForm) -> Result<HttpResponse> {
    // A person who signed up in order to comment goes back to the post.
    let to = match own_path(&form.next).as_str() {
        "/" if opened.role.writes() => "/dashboard".to_owned(),
        next => next.to_owned(),
    };
    page::see_other_with(&to, &opened.cookie)
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    form: &SignUpForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let status = faults.status();
    answer_with(req, app, form, faults, status).await
}

async fn answer_with(
    req: &HttpRequest,
    app: &AppState,
    form: &SignUpForm,
    faults: FormErrors,
    status: StatusCode,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let invited = sign_up_gate::is_usable(&mut conn, &form.invitation).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, text::accounts_title_sign_up(), None);
    let shut = site.sign_up == SignUp::Closed
        || (site.sign_up == SignUp::Invite && !invited && faults.of("invitation").is_none());
    // What the form has made already is told in any case, with what was typed.
    let refused = !site.set_up || (shut && status != StatusCode::CONFLICT);
    let mut view = SignUpPage::new(frame, &site, form, refused);
    view.faults = faults.in_order(&["invitation", "username", "name", "email", "password"]);
    page::private_with(req, view.status(status), &view)
}
