use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::AppState;
use crate::db::Tag;
use crate::db::audit::{self, Entry};
use crate::features::accounts::create::{CreateError, field_of};
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::model::{Email, Username, key_of};
use crate::features::accounts::password::Verified;
use crate::features::accounts::queries;
use crate::features::accounts::views::SettingsPage;
use crate::features::site;
use crate::web::{Error, Faults, Form, Ids, Result, form, page};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileForm {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub bio: String,
    #[serde(default)]
    pub website: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub current_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    #[serde(default)]
    pub current_password: String,
    #[serde(default)]
    pub password: String,
}

/// What the settings page shows back; empty parts are filled from the database.
#[derive(Default)]
struct Typed {
    profile: Option<ProfileForm>,
    account: Option<AccountForm>,
}

/// `GET /settings`
pub async fn show(req: HttpRequest, app: web::Data<AppState>, user: CurrentUser) -> Result<HttpResponse> {
    answer(&req, &app, &user, Typed::default(), Faults::default()).await
}

/// `POST /settings/profile`
pub async fn update_profile(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    typed: Form<ProfileForm>,
) -> Result<HttpResponse> {
    let mut faults = Faults::default();
    let name = faults.take("name", form::line("A name", &typed.name, 80));
    let bio = faults.take("bio", form::short_text("A profile text", &typed.bio, 1000));
    let website = faults.take("website", form::web_address("A website", &typed.website, 500));
    let (Some(name), Some(bio), Some(website)) = (name, bio, website) else {
        return answer(&req, &app, &user, Typed { profile: Some(typed.0), account: None }, faults).await;
    };
    let mut tx = app.db.begin().await?;
    queries::update_profile(&mut tx, user.id, &name, &bio, &website).await?;
    tx.touch([Tag::author(&key_of(&user.username)), Tag::people()]);
    let entry = Entry { act: "account.update_profile", object_kind: "user", object_id: Some(user.public_id), object: &user.username, ..Entry::default() };
    audit::record(&mut tx, &user.origin(&ids, None), entry).await?;
    tx.commit().await?;
    Ok(page::see_other("/settings?saved=profile"))
}

/// `POST /settings/account`: handle and mail address, with the password typed again.
pub async fn update_account(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    typed: Form<AccountForm>,
) -> Result<HttpResponse> {
    let mut faults = Faults::default();
    let username = faults.take("username", Username::parse(&typed.username));
    let email = faults.take("email", Email::parse(&typed.email));
    check_password(&app, &user, &typed.current_password, "current_password", &mut faults).await?;
    if let (Some(username), Some(email), true) = (username, email, faults.is_empty()) {
        match save_account(&app, &user, &ids, &username, &email).await {
            Ok(()) => return Ok(page::see_other("/settings?saved=account")),
            Err(CreateError::Db(e)) => return Err(e.into()),
            Err(taken) => faults.add(field_of(&taken), taken.to_string()),
        }
    }
    answer(&req, &app, &user, Typed { account: Some(typed.0), profile: None }, faults).await
}

async fn save_account(app: &AppState, user: &CurrentUser, ids: &Ids, username: &Username, email: &Email) -> Result<(), CreateError> {
    let mut tx = app.db.begin().await?;
    // Read under the lock: another tab may have changed it since this request began.
    let old = queries::lock_username(&mut tx, user.id).await?;
    if username.as_str() != old {
        queries::rename(&mut tx, user.id, &old, username).await?;
        tx.touch([Tag::author(&key_of(&old)), Tag::author(&username.key()), Tag::people()]);
        if queries::was_somebody_elses(&mut tx, &username.key(), Some(user.id)).await? {
            return Err(CreateError::UsernameTaken);
        }
    }
    queries::update_email(&mut tx, user.id, email).await?;
    let entry = Entry {
        act: "account.update",
        object_kind: "user",
        object_id: Some(user.public_id),
        object: username.as_str(),
        before: Some(serde_json::json!({ "username": old })),
        after: Some(serde_json::json!({ "username": username.as_str() })),
        ..Entry::default()
    };
    audit::record(&mut tx, &user.origin(ids, None), entry).await?;
    Ok(tx.commit().await?)
}

/// `POST /settings/password`: every other session ends.
pub async fn update_password(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    typed: Form<PasswordForm>,
) -> Result<HttpResponse> {
    let mut faults = Faults::default();
    let password = SecretString::from(typed.password.clone());
    check_password(&app, &user, &typed.current_password, "old_password", &mut faults).await?;
    app.hasher.check_strength(&password, &[&user.username, &user.name], "password", &mut faults).await?;
    if !faults.is_empty() {
        return answer(&req, &app, &user, Typed::default(), faults).await;
    }
    let hash = app.hasher.hash(password).await?;
    let mut tx = app.db.begin().await?;
    queries::update_password(&mut tx, user.id, &hash).await?;
    let ended = queries::revoke_other_sessions(&mut tx, user.id, user.session_id).await?;
    let entry = Entry {
        act: "account.change_password",
        object_kind: "user",
        object_id: Some(user.public_id),
        object: &user.username,
        after: Some(serde_json::json!({ "sessions_ended": ended })),
        ..Entry::default()
    };
    audit::record(&mut tx, &user.origin(&ids, None), entry).await?;
    tx.commit().await?;
    Ok(page::see_other("/settings?saved=password"))
}

async fn check_password(app: &AppState, user: &CurrentUser, typed: &str, field: &'static str, faults: &mut Faults) -> Result<()> {
    let stored = {
        let mut conn = app.db.fresh().await?;
        queries::credentials_of(&mut conn, user.id).await?.and_then(|c| c.password_hash)
    };
    if app.hasher.verify(typed.to_owned().into(), stored).await? == Verified::Wrong {
        faults.add(field, "This is not your present password.");
    }
    Ok(())
}

async fn answer(req: &HttpRequest, app: &AppState, user: &CurrentUser, typed: Typed, faults: Faults) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let stored = queries::profile(&mut conn, user.id).await?;
    let sessions = queries::sessions(&mut conn, user.id).await?;
    drop(conn);
    let view = SettingsPage {
        frame: site::private_frame(&site, &app.origin, "Settings", Some(user.viewer())),
        profile: typed.profile.unwrap_or(ProfileForm { name: user.name.clone(), bio: stored.bio, website: stored.website }),
        account: typed.account.unwrap_or(AccountForm {
            username: user.username.clone(),
            email: stored.email.unwrap_or_default(),
            current_password: String::new(),
        }),
        user,
        sessions,
        saved: saved_word(req),
        faults,
    };
    if view.faults.is_empty() { page::private(req, &view) } else { page::invalid(req, &view) }
}

/// The notice after a redirect, from a closed set: nothing of the address is shown.
fn saved_word(req: &HttpRequest) -> Option<&'static str> {
    match req.query_string() {
        "saved=profile" => Some("Your profile is saved."),
        "saved=account" => Some("Your account is saved. Old addresses lead to the new ones."),
        "saved=password" => Some("Your password is changed, and every other session is signed out."),
        "saved=avatar" => Some("Your picture is saved."),
        "saved=sessions" => Some("Signed out."),
        _ => None,
    }
}

/// The settings page again, with a fault of the picture form.
pub(super) async fn answer_with_fault(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    field: &'static str,
    fault: String,
) -> Result<HttpResponse, Error> {
    let mut faults = Faults::default();
    faults.add(field, fault);
    answer(req, app, user, Typed::default(), faults).await
}
