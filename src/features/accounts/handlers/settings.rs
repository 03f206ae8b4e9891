use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use crate::db::audit::{self, Entry};
use crate::features::accounts::create::{CreateError, field_of};
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::forms::{AccountForm, PasswordForm, ProfileForm};
use crate::features::accounts::model::{Email, Username};
use crate::features::accounts::own_account::{self, Profile};
use crate::features::accounts::password::{Hasher, Verified};
use crate::features::accounts::pools::Pools;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::views::SettingsPage;
use crate::features::accounts::{queries, session};
use crate::features::site;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, Result, form, page};

/// What the settings page shows back; empty parts are filled from the database.
#[derive(Default)]
struct Typed {
    profile: Option<ProfileForm>,
    account: Option<AccountForm>,
    /// Who may still show what was taken down a moment ago.
    take_down_notice: Option<String>,
}

#[derive(Deserialize)]
pub struct SettingsQuery {
    /// The business action that took something down a moment ago.
    gone: Option<Uuid>,
}

/// `GET /settings`
pub async fn show(page: PrivatePage, query: web::Query<SettingsQuery>) -> Result<HttpResponse> {
    let take_down_notice = site::take_down_notice(&page.app, query.gone).await?;
    answer(
        &page,
        Typed {
            take_down_notice,
            ..Typed::default()
        },
        FormErrors::default(),
    )
    .await
}

/// `POST /settings/profile`
pub async fn update_profile(page: PrivatePage, typed: Form<ProfileForm>) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let name = faults.take("name", form::line(text::accounts_a_name(), &typed.name, 80));
    let bio = faults.take(
        "bio",
        form::short_text(text::accounts_a_profile_text(), &typed.bio, 1000),
    );
    let website = faults.take(
        "website",
        form::web_address(text::accounts_a_website(), &typed.website, 500),
    );
    let (Some(name), Some(bio), Some(website)) = (name, bio, website) else {
        return answer(
            &page,
            Typed {
                profile: Some(typed.0),
                ..Typed::default()
            },
            faults,
        )
        .await;
    };
    let new = Profile {
        name: &name,
        bio: &bio,
        website: &website,
    };
    own_account::update_profile(&page.app.db, page.actor(), &page.user, new).await?;
    Ok(page::see_other("/settings?saved=profile"))
}

/// `POST /settings/account`: handle and mail address, with the password typed again.
pub async fn update_account(
    page: PrivatePage,
    pools: web::Data<Pools>,
    typed: Form<AccountForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let unchanged = typed.username.trim() == page.user.username;
    let username = if unchanged {
        Ok(Username::kept(&page.user.username))
    } else {
        Username::parse(&typed.username)
    };
    let username = faults.take("username", username);
    let email = faults.take("email", Email::parse(&typed.email));
    let verified = check_password(
        (&page.app, &pools.hasher),
        &page.user,
        &typed.current_password,
        "current_password",
        &mut faults,
    )
    .await?;
    if let (Some(username), Some(email), Some(verified)) = (username, email, verified) {
        let (db, actor) = (&page.app.db, page.actor());
        let new = (&username, &email);
        match own_account::change_address(db, actor, &page.user, &verified, new).await {
            Ok(false) => {
                faults.add(
                    "current_password",
                    text::accounts_password_changed_meanwhile(),
                );
            }
            Ok(true) => {
                return Ok(page::see_other(&site::told_at(
                    "/settings?saved=account",
                    actor.transaction_id(),
                )));
            }
            Err(CreateError::Db(e)) => return Err(e.into()),
            Err(CreateError::Denied(denied)) => return Err(denied.into()),
            Err(taken) => faults.add(field_of(&taken), taken.message()),
        }
    }
    answer(
        &page,
        Typed {
            account: Some(typed.0),
            ..Typed::default()
        },
        faults,
    )
    .await
}

/// `POST /settings/password`: every session ends, and this browser gets a new one, so that a copied cookie is worth nothing
/// afterwards.
pub async fn update_password(
    page: PrivatePage,
    pools: web::Data<Pools>,
    typed: Form<PasswordForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let password = SecretString::from(typed.password.clone());
    let verified = check_password(
        (&page.app, &pools.hasher),
        &page.user,
        &typed.current_password,
        "old_password",
        &mut faults,
    )
    .await?;
    pools
        .hasher
        .check_strength(
            &password,
            &[&page.user.username, &page.user.name],
            "password",
            &mut faults,
        )
        .await?;
    let Some(verified) = verified.filter(|_| faults.is_empty()) else {
        return answer(&page, Typed::default(), faults).await;
    };
    let hash = pools.hasher.hash(password).await?;
    let mut tx = page.app.db.begin().await?;
    if !queries::replace_password(&mut tx, page.user.id, &verified, &hash).await? {
        drop(tx);
        faults.add("old_password", text::accounts_password_changed_meanwhile());
        return answer(&page, Typed::default(), faults).await;
    }
    let ended = queries::revoke_other_sessions(&mut tx, page.user.id, 0).await?;
    let Some(cookie) =
        session::open(&mut tx, page.user.id, &hash, &page.req, page.app.https).await?
    else {
        return Err(Error::internal(anyhow::anyhow!(
            "a new password has no session"
        )));
    };
    let entry = Entry {
        act: "account.change_password",
        object_kind: "user",
        object_id: Some(page.user.public_id),
        object: &page.user.username,
        after: Some(serde_json::json!({ "sessions_ended": ended })),
        ..Entry::default()
    };
    let actor = page.actor();
    tx.belongs_to(actor);
    audit::record(&mut tx, actor, entry).await?;
    tx.commit().await?;
    let mut response = page::see_other("/settings?saved=password");
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

/// The hash that the password was verified against; what follows from it first looks whether it is still the account's.
async fn check_password(
    (app, hasher): (&AppState, &Hasher),
    user: &CurrentUser,
    typed: &str,
    field: &'static str,
    faults: &mut FormErrors,
) -> Result<Option<String>> {
    let stored = {
        let mut conn = app.db.fresh().await?;
        queries::credentials_of(&mut conn, user.id)
            .await?
            .and_then(|c| c.password_hash)
    };
    if hasher
        .verify(typed.to_owned().into(), stored.clone())
        .await?
        == Verified::Wrong
    {
        faults.add(field, text::accounts_password_not_current());
        return Ok(None);
    }
    Ok(stored)
}

async fn answer(page: &PrivatePage, typed: Typed, faults: FormErrors) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let stored = queries::profile(&mut conn, page.user.id).await?;
    let sessions = queries::sessions(&mut conn, page.user.id).await?;
    drop(conn);
    let fields = [
        "name",
        "bio",
        "website",
        "avatar",
        "username",
        "email",
        "current_password",
        "old_password",
        "password",
    ];
    let view = SettingsPage {
        frame: page.frame(&site, text::accounts_title_settings()),
        profile: typed.profile.unwrap_or(ProfileForm {
            name: page.user.name.clone(),
            bio: stored.bio,
            website: stored.website,
        }),
        account: typed.account.unwrap_or(AccountForm {
            username: page.user.username.clone(),
            email: stored.email.unwrap_or_default(),
            current_password: String::new(),
        }),
        user: &page.user,
        sessions,
        saved: saved_word(&page.req),
        take_down_notice: typed.take_down_notice,
        faults: faults.in_order(&fields),
    };
    if view.faults.is_empty() {
        page.show(&view)
    } else {
        page.invalid(&view)
    }
}

/// The notice after a redirect, from a closed set: nothing of the address is shown.
fn saved_word(req: &HttpRequest) -> Option<Message> {
    match req.query_string().split('&').next().unwrap_or_default() {
        "saved=profile" => Some(text::accounts_saved_profile()),
        "saved=account" => Some(text::accounts_saved_account()),
        "saved=password" => Some(text::accounts_saved_password()),
        "saved=avatar" => Some(text::accounts_saved_picture()),
        "saved=avatar_removed" => Some(text::accounts_removed_picture()),
        "saved=sessions" => Some(text::accounts_signed_out_elsewhere()),
        _ => None,
    }
}

/// The settings page again, with a fault of the picture form.
pub(super) async fn answer_with_fault(
    page: &PrivatePage,
    field: &'static str,
    fault: Message,
) -> Result<HttpResponse, Error> {
    let mut faults = FormErrors::default();
    faults.add(field, fault);
    answer(page, Typed::default(), faults).await
}
