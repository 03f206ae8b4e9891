use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::sign_in::own_path;
use crate::app::AppState;
use crate::db::audit::Origin;
use crate::db::public_id;
use crate::features::accounts::create::{self, CreateError, NewAccount, Typed};
use crate::features::accounts::current_user::MaybeUser;
use crate::features::accounts::model::Role;
use crate::features::accounts::password::Verified;
use crate::features::accounts::views::SignUpPage;
use crate::features::accounts::{queries, session};
use crate::features::site::{self, SignUp, Site};
use crate::web::{Error, Faults, Form, Ids, Result, page};

const USED_UP: &str = "This invitation is used up, withdrawn or too old. Ask for a new one.";

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SignUpForm {
    /// Of the account that the form makes: sent twice, it makes one.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub invitation: String,
    #[serde(default)]
    pub next: String,
}

#[derive(Deserialize)]
pub struct Invited {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    next: String,
}

/// `GET /signup`
pub async fn show(req: HttpRequest, app: web::Data<AppState>, user: MaybeUser, query: web::Query<Invited>) -> Result<HttpResponse> {
    if user.0.is_some() {
        return Ok(page::see_other("/"));
    }
    let query = query.into_inner();
    let form = SignUpForm {
        id: public_id().to_string(),
        invitation: query.invitation,
        next: own_path(&query.next),
        ..SignUpForm::default()
    };
    answer(&req, &app, &form, Faults::default()).await
}

/// `POST /signup`
pub async fn create(req: HttpRequest, app: web::Data<AppState>, ids: Ids, form: Form<SignUpForm>) -> Result<HttpResponse> {
    let mut faults = Faults::default();
    // Ids are sorted by the time of their making; one of another kind is as if none had been sent.
    let id = Uuid::parse_str(&form.id).ok().filter(|id| id.get_version_num() == 7);
    let gate = gate(&app, &form, id).await?;
    if let Gate::Shut { invited } = gate {
        if invited {
            faults.add("invitation", USED_UP);
        }
        return answer(&req, &app, &form, faults).await;
    }
    let password = SecretString::from(form.password.clone());
    let typed = Typed { username: &form.username, email: &form.email, name: &form.name, password: &password };
    let Some(mut account) = create::parse(&app.hasher, &mut faults, typed).await? else {
        return answer(&req, &app, &form, faults).await;
    };
    account.id = id.unwrap_or(account.id);
    if let Some(response) = repeated(&req, &app, &account, &form).await? {
        return Ok(response);
    }
    let Gate::Open(site) = gate else { return answer(&req, &app, &form, faults).await };
    let hash = create::hash(&app.hasher, &account).await?;
    let mut tx = app.db.begin().await?;
    let Some(role) = role_for(&mut tx, &site, &form.invitation).await? else {
        // Given back before the answer asks for another connection.
        drop(tx);
        // The same form may have used it up in this moment.
        if let Some(response) = repeated(&req, &app, &account, &form).await? {
            return Ok(response);
        }
        faults.add("invitation", USED_UP);
        return answer(&req, &app, &form, faults).await;
    };
    let origin = Origin {
        actor_id: None,
        actor: account.username.as_str().to_owned(),
        client: Some(ids.client.masked()),
        correlation_id: ids.correlation_id,
        transaction_id: ids.transaction(None),
    };
    let user_id = match create::insert(&mut tx, &account, &hash, role, &origin).await {
        Ok(id) => id,
        Err(error) => {
            drop(tx);
            if matches!(error, CreateError::Repeated)
                && let Some(response) = repeated(&req, &app, &account, &form).await?
            {
                return Ok(response);
            }
            faults.add(create::field_of(&error), error.to_string());
            return match error {
                CreateError::Db(e) => Err(e.into()),
                _ => answer(&req, &app, &form, faults).await,
            };
        }
    };
    let Some(cookie) = session::open(&mut tx, user_id, &hash, &req, app.https).await? else { return Err(no_account()) };
    tx.commit().await?;
    welcome(&cookie, role, &form)
}

/// Whether this form may make an account, asked before anything that costs: strangers send these.
enum Gate {
    Open(Site),
    /// The form made an account already, which may have used its invitation up.
    Repeated,
    Shut { invited: bool },
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
        Some(id) => queries::credentials_by_id(&mut conn, id).await?,
        None => None,
    };
    let repeated = made.is_some_and(|made| made.username == form.username.trim());
    Ok(if repeated { Gate::Repeated } else { Gate::Shut { invited: site.sign_up == SignUp::Invite } })
}

async fn is_usable(conn: &mut PgConnection, invitation: &str) -> Result<bool> {
    match token_hash(invitation) {
        Some(hash) => Ok(queries::invitation_usable(conn, &hash).await?),
        None => Ok(false),
    }
}

/// Whoever sends the same form again, by a double click or because the first answer was lost, is signed in to the account
/// that it made.
async fn repeated(req: &HttpRequest, app: &AppState, account: &NewAccount, form: &SignUpForm) -> Result<Option<HttpResponse>> {
    let found = queries::credentials_by_id(&mut *app.db.fresh().await?, account.id).await?;
    let Some(found) = found.filter(|found| found.username == account.username.as_str()) else { return Ok(None) };
    let Some(stored) = found.password_hash else { return Ok(None) };
    if app.hasher.verify(account.password.clone(), Some(stored.clone())).await? == Verified::Wrong {
        return Ok(None);
    }
    let mut tx = app.db.begin().await?;
    let Some(cookie) = session::open(&mut tx, found.user_id, &stored, req, app.https).await? else { return Ok(None) };
    tx.commit().await?;
    welcome(&cookie, Role::Reader, form).map(Some)
}

/// The account was made in the same transaction.
fn no_account() -> Error {
    Error::internal(anyhow::anyhow!("a new account has no session"))
}

fn welcome(cookie: &Cookie<'_>, role: Role, form: &SignUpForm) -> Result<HttpResponse> {
    // Whoever signed up in order to comment goes back to the post.
    let to = match own_path(&form.next).as_str() {
        "/" if role >= Role::Author => "/dashboard".to_owned(),
        next => next.to_owned(),
    };
    let mut response = page::see_other(&to);
    response.add_cookie(cookie).map_err(Error::internal)?;
    Ok(response)
}

/// The gate: what this person becomes, or nothing when the site does not take them.
async fn role_for(tx: &mut crate::db::Tx, site: &Site, invitation: &str) -> Result<Option<Role>> {
    let invited = match token_hash(invitation) {
        Some(hash) => queries::use_invitation(tx, &hash).await?,
        None => None,
    };
    Ok(match site.sign_up {
        SignUp::Closed => None,
        SignUp::Invite => invited,
        SignUp::Open => Some(invited.unwrap_or(site.sign_up_role.into())),
    })
}

pub(super) fn token_hash(token: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok().filter(|b| b.len() == 32)?;
    Some(Sha256::digest(bytes).to_vec())
}

async fn answer(req: &HttpRequest, app: &AppState, form: &SignUpForm, faults: Faults) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let invited = is_usable(&mut conn, &form.invitation).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, "Sign up", None);
    let refused = !site.set_up || site.sign_up == SignUp::Closed || (site.sign_up == SignUp::Invite && !invited && faults.of("invitation").is_none());
    let wrong = !faults.is_empty();
    let view = SignUpPage { frame, form, faults, refused, empty: !site.set_up, closed: site.sign_up == SignUp::Closed };
    if refused {
        page::private_with(req, actix_web::http::StatusCode::FORBIDDEN, &view)
    } else if wrong {
        page::invalid(req, &view)
    } else {
        page::private(req, &view)
    }
}
