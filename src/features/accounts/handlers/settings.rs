//! `/settings`: the page with all its forms, and what each of them sends. A form with faults shows the page again, as it was typed.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::forms::{AccountForm, PasswordForm, ProfileForm};
use crate::features::accounts::model::{Email, Username};
use crate::features::accounts::own_account::{self, NewPassword, Profile};
use crate::features::accounts::pools::Pools;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries;
use crate::features::accounts::session::Browser;
use crate::features::accounts::views::SettingsPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, Form, FormErrors, Result, form, page};

/// As they stand on the page.
const FIELDS: [&str; 9] = [
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
    let Some(new) = typed.parse(&mut faults) else {
        let typed = Typed {
            profile: Some(typed.0),
            ..Typed::default()
        };
        return answer(&page, typed, faults).await;
    };
    own_account::update_profile(&page.app.db, page.actor(), &page.user, new).await?;
    Ok(page::see_other("/settings?saved=profile"))
}

impl ProfileForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<Profile> {
        let name = form::line(text::accounts_a_name(), &self.name, 80);
        let name = faults.take("name", name);
        let bio = form::short_text(text::accounts_a_profile_text(), &self.bio, 1000);
        let bio = faults.take("bio", bio);
        let website = form::web_address(text::accounts_a_website(), &self.website, 500);
        let website = faults.take("website", website);
        Some(Profile {
            name: name?,
            bio: bio?,
            website: website?,
        })
    }
}

/// `POST /settings/account`: handle and mail address, with the password typed again.
pub async fn update_account(
    page: PrivatePage,
    pools: web::Data<Pools>,
    typed: Form<AccountForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let (db, actor) = (&page.app.db, page.actor());
    let address = typed.address(&page.user.username, &mut faults);
    let current = &typed.current_password;
    let verified = own_account::verify_password(db, &pools.hasher, &page.user, current).await?;
    if verified.is_none() {
        let fault = text::accounts_password_not_current();
        faults.add("current_password", fault);
    }
    if let (Some((username, email)), Some(verified)) = (address, verified) {
        let new = (&username, &email);
        match own_account::change_address(db, actor, &page.user, &verified, new).await {
            Ok(false) => {
                let fault = text::accounts_password_changed_meanwhile();
                faults.add("current_password", fault);
            }
            Ok(true) => {
                return Ok(site::back_to("/settings?saved=account", true, actor));
            }
            Err(CreateError::Db(e)) => return Err(e.into()),
            Err(CreateError::Denied(denied)) => return Err(denied.into()),
            Err(taken) => faults.add(taken.field(), taken.message()),
        }
    }
    let typed = Typed {
        account: Some(typed.0),
        ..Typed::default()
    };
    answer(&page, typed, faults).await
}

impl AccountForm {
    /// A handle that stays as it is may be one that could not be chosen any more.
    fn address(&self, present: &str, faults: &mut FormErrors) -> Option<(Username, Email)> {
        let username = if self.username.trim() == present {
            Ok(Username::kept(present))
        } else {
            Username::parse(&self.username)
        };
        let username = faults.take("username", username);
        let email = faults.take("email", Email::parse(&self.email));
        username.zip(email)
    }
}

/// `POST /settings/password`: every session ends, and this browser gets a new one.
pub async fn update_password(
    page: PrivatePage,
    pools: web::Data<Pools>,
    typed: Form<PasswordForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let (db, hasher) = (&page.app.db, &pools.hasher);
    let password = SecretString::from(typed.password.clone());
    let current = &typed.current_password;
    let verified = own_account::verify_password(db, hasher, &page.user, current).await?;
    if verified.is_none() {
        faults.add("old_password", text::accounts_password_not_current());
    }
    let known = [page.user.username.as_str(), &page.user.name];
    hasher
        .check_strength(&password, &known, "password", &mut faults)
        .await?;
    let Some(verified) = verified.filter(|_| faults.is_empty()) else {
        return answer(&page, Typed::default(), faults).await;
    };
    let new = NewPassword {
        verified: &verified,
        password,
        browser: &Browser::of(&page.req, page.app.https),
    };
    let cookie = own_account::change_password(db, page.actor(), &page.user, hasher, new).await?;
    let Some(cookie) = cookie else {
        faults.add("old_password", text::accounts_password_changed_meanwhile());
        return answer(&page, Typed::default(), faults).await;
    };
    let mut response = page::see_other("/settings?saved=password");
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

async fn answer(page: &PrivatePage, typed: Typed, faults: FormErrors) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let stored = queries::profile(&mut conn, page.user.id).await?;
    let sessions = queries::sessions(&mut conn, page.user.id).await?;
    drop(conn);
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
        faults: faults.in_order(&FIELDS),
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
