//! `/signup`: a visitor makes an account where the site takes visitors, and is signed in to it. The same form sent twice makes one
//! account.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::sign_in::own_path;
use crate::access::Role;
use crate::features::accounts::create::{self, CreateError, NewAccount, Typed};
use crate::features::accounts::current_user::{MaybeUser, visitor};
use crate::features::accounts::forms::SignUpForm;
use crate::features::accounts::password::{Hasher, Verified};
use crate::features::accounts::pools::Pools;
use crate::features::accounts::views::SignUpPage;
use crate::features::accounts::{queries, session};
use crate::features::site::{self, SignUp, Site};
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, FormIds, Ids, Makes, Result, page};

fn worthless(sign_up: SignUp) -> Message {
    if sign_up == SignUp::Open {
        text::accounts_invitation_not_needed()
    } else {
        text::accounts_invitation_used_up()
    }
}

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
        return if query.invitation.trim().is_empty() {
            Ok(page::see_other("/"))
        } else {
            Err(Error::Conflict(text::accounts_invitation_while_signed_in()))
        };
    }
    let form = SignUpForm {
        id: form_ids(&app).fresh(),
        invitation: query.invitation,
        next: own_path(&query.next),
        ..SignUpForm::default()
    };
    let mut faults = FormErrors::default();
    if !form.invitation.trim().is_empty() && is_ignored(&app, &form.invitation).await? {
        faults.add("invitation", text::accounts_invitation_not_needed());
    }
    answer_with(&req, &app, &form, faults, StatusCode::OK).await
}

/// Whether sign-up is open and this invitation would change nothing.
async fn is_ignored(app: &AppState, invitation: &str) -> Result<bool> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    Ok(site.set_up && site.sign_up == SignUp::Open && !is_usable(&mut conn, invitation).await?)
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
    let gate = gate(&app, &form, id.as_ref().ok().copied()).await?;
    if let Gate::Shut { invited } = gate {
        if invited {
            faults.add("invitation", text::accounts_invitation_used_up());
        }
        return answer(&req, &app, &form, faults).await;
    }
    let id = faults.take("", id.map_err(|unsigned| unsigned.message()));
    let password = SecretString::from(form.password.clone());
    let typed = Typed {
        username: &form.username,
        email: &form.email,
        name: &form.name,
        password: &password,
    };
    let (Some(mut account), Some(id)) =
        (create::parse(&pools.hasher, &mut faults, typed).await?, id)
    else {
        return answer(&req, &app, &form, faults).await;
    };
    account.id = id;
    if let Some(response) = repeated(&req, (&app, &pools.hasher), &account, &mut form).await? {
        return Ok(response);
    }
    let Gate::Open(site) = gate else {
        return answer(&req, &app, &form, faults).await;
    };
    let hash = create::hash(&pools.hasher, &account).await?;
    let made = make(
        &req,
        &app,
        (&site, &form.invitation),
        (&account, &hash),
        &ids,
    )
    .await?;
    let refusal = match made {
        Ok((cookie, role)) => return welcome(&cookie, role, &form),
        Err(refusal) => refusal,
    };
    if refusal.may_be_by_this_form()
        && let Some(response) = repeated(&req, (&app, &pools.hasher), &account, &mut form).await?
    {
        return Ok(response);
    }
    refusal.tell(&site, &mut faults);
    answer(&req, &app, &form, faults).await
}

/// Why no account was made, although all of the form was right.
enum Refusal {
    Invitation,
    Account(CreateError),
}

impl Refusal {
    /// The same form, sent twice, may have made the account or used up the invitation in this moment.
    fn may_be_by_this_form(&self) -> bool {
        matches!(
            self,
            Refusal::Invitation | Refusal::Account(CreateError::Repeated)
        )
    }

    fn tell(&self, site: &Site, faults: &mut FormErrors) {
        match self {
            Refusal::Invitation => faults.add("invitation", worthless(site.sign_up)),
            Refusal::Account(CreateError::EmailTaken) => {
                faults.add("email", text::accounts_email_taken_sign_in());
            }
            Refusal::Account(error) => faults.add(create::field_of(error), error.message()),
        }
    }
}

/// Makes the account and opens its first session, in one transaction; a refusal leaves nothing of either.
async fn make(
    req: &HttpRequest,
    app: &AppState,
    (site, invitation): (&Site, &str),
    (account, hash): (&NewAccount, &str),
    ids: &Ids,
) -> Result<std::result::Result<(Cookie<'static>, Role), Refusal>> {
    let mut tx = app.db.begin().await?;
    let Some(role) = role_for(&mut tx, site, invitation).await? else {
        return Ok(Err(Refusal::Invitation));
    };
    let actor = visitor(account.username.as_str(), ids);
    tx.belongs_to(&actor);
    let user_id = match create::insert(&mut tx, account, hash, role, &actor).await {
        Ok(id) => id,
        Err(CreateError::Db(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(Refusal::Account(error))),
    };
    let Some(cookie) = session::open(&mut tx, user_id, hash, req, app.https).await? else {
        return Err(no_account());
    };
    tx.commit().await?;
    Ok(Ok((cookie, role)))
}

/// Whether this form may make an account, asked before anything that costs: strangers send these.
enum Gate {
    Open(Site),
    /// The form made an account already, which may have used its invitation up.
    Repeated,
    Shut {
        invited: bool,
    },
}

async fn gate(app: &AppState, form: &SignUpForm, id: Option<Uuid>) -> Result<Gate> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    if !site.set_up {
        return Ok(Gate::Shut { invited: false });
    }
    let open = match site.sign_up {
        SignUp::Closed => false,
        SignUp::Invite => is_usable(&mut conn, &form.invitation).await?,
        SignUp::Open => true,
    };
    if open {
        return Ok(Gate::Open(site));
    }
    let made = match id {
        Some(id) => queries::made_by_form(&mut conn, id).await?,
        None => None,
    };
    Ok(if made.is_some() {
        Gate::Repeated
    } else {
        Gate::Shut {
            invited: site.sign_up == SignUp::Invite,
        }
    })
}

async fn is_usable(conn: &mut PgConnection, invitation: &str) -> Result<bool> {
    match token_hash(invitation) {
        Some(hash) => Ok(queries::invitation_usable(conn, &hash).await?),
        None => Ok(false),
    }
}

fn form_ids(app: &AppState) -> FormIds {
    FormIds::new(&app.key, Makes::Account, None)
}

/// The answer to a form that has made an account already: the same form again, by a double click or because the first
/// answer was lost, signs in to that account. With anything else in it the form comes back, and says what stands.
async fn repeated(
    req: &HttpRequest,
    (app, hasher): (&AppState, &Hasher),
    account: &NewAccount,
    form: &mut SignUpForm,
) -> Result<Option<HttpResponse>> {
    let Some(made) = queries::made_by_form(&mut *app.db.fresh().await?, account.id).await? else {
        return Ok(None);
    };
    let same = made.username == account.username.as_str()
        && made.name == account.name
        && made.email == account.email.as_str();
    if let Some(stored) = made.password_hash.filter(|_| same)
        && hasher
            .verify(account.password.clone(), Some(stored.clone()))
            .await?
            != Verified::Wrong
    {
        let mut tx = app.db.begin().await?;
        if let Some(cookie) = session::open(&mut tx, made.user_id, &stored, req, app.https).await? {
            tx.commit().await?;
            return welcome(&cookie, Role::Reader, form).map(Some);
        }
    }
    form_ids(app).renew(&mut form.id);
    let mut faults = FormErrors::default();
    faults.add("", text::accounts_form_made_another(&made.username));
    answer_with(req, app, form, faults, StatusCode::CONFLICT)
        .await
        .map(Some)
}

/// The account was made in the same transaction.
fn no_account() -> Error {
    Error::internal(anyhow::anyhow!("a new account has no session"))
}

fn welcome(cookie: &Cookie<'_>, role: Role, form: &SignUpForm) -> Result<HttpResponse> {
    // A person who signed up in order to comment goes back to the post.
    let to = match own_path(&form.next).as_str() {
        "/" if role >= Role::Author => "/dashboard".to_owned(),
        next => next.to_owned(),
    };
    let mut response = page::see_other(&to);
    response.add_cookie(cookie).map_err(Error::internal)?;
    Ok(response)
}

/// The role that a visitor gets, or none where the site does not take visitors. An invitation that is worth nothing is
/// never passed over: it may have promised another role.
async fn role_for(tx: &mut crate::db::Tx, site: &Site, invitation: &str) -> Result<Option<Role>> {
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

pub(super) fn token_hash(token: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD
        .decode(token.trim().as_bytes())
        .ok()
        .filter(|b| b.len() == 32)?;
    Some(Sha256::digest(bytes).to_vec())
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    form: &SignUpForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
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
    let invited = is_usable(&mut conn, &form.invitation).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, text::accounts_title_sign_up(), None);
    let shut = site.sign_up == SignUp::Closed
        || (site.sign_up == SignUp::Invite && !invited && faults.of("invitation").is_none());
    // What the form has made already is told in any case, with what was typed.
    let refused = !site.set_up || (shut && status != StatusCode::CONFLICT);
    let closed = refused && site.sign_up == SignUp::Closed;
    let needs_invitation = site.sign_up != SignUp::Open;
    let faults = faults.in_order(&["invitation", "username", "name", "email", "password"]);
    let view = SignUpPage {
        frame,
        form,
        faults,
        refused,
        empty: !site.set_up,
        closed,
        needs_invitation,
    };
    page::private_with(
        req,
        if refused {
            StatusCode::FORBIDDEN
        } else {
            status
        },
        &view,
    )
}
