//! `/settings`: the page with all its forms, and what each of them sends. A form with faults shows the page again, as it was typed.

use actix_web::cookie::Cookie;
use actix_web::{HttpResponse, web};
use secrecy::SecretString;

use super::settings_page::{Typed, answer, answer_with_fault};
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::email::Email;
use crate::features::accounts::forms::{AccountForm, PasswordForm, ProfileForm};
use crate::features::accounts::model::Username;
use crate::features::accounts::own_account::{self, NewPassword, Profile};
use crate::features::accounts::password::Hasher;
use crate::features::accounts::pools::Pools;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::session::Browser;
use crate::features::site;
use crate::messages::text;
use crate::web::{Form, FormErrors, Result, form, page};

/// `GET /settings`
pub async fn show(page: PrivatePage) -> Result<HttpResponse> {
    answer(&page, Typed::default(), FormErrors::default()).await
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
    let address = typed.address(&page.user.username, &mut faults);
    let current = ("current_password", typed.current_password.as_str());
    let verified = verify(&page, &pools.hasher, current, &mut faults).await?;
    if let (Some(new), Some(verified)) = (address, verified)
        && change_address(&page, &verified, new, &mut faults).await?
    {
        return Ok(site::back_to("/settings?saved=account", true, page.actor()));
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

/// The hash that the present password, as it was typed into `field`, was verified against; `None` with a fault there.
async fn verify(
    page: &PrivatePage,
    hasher: &Hasher,
    (field, typed): (&'static str, &str),
    faults: &mut FormErrors,
) -> Result<Option<String>> {
    let verified = own_account::verify_password(&page.app.db, hasher, &page.user, typed).await?;
    if verified.is_none() {
        faults.add(field, text::accounts_password_not_current());
    }
    Ok(verified)
}

/// True where it is done; a handle or address that cannot be had is a fault of its field.
async fn change_address(
    page: &PrivatePage,
    verified: &str,
    (username, email): (Username, Email),
    faults: &mut FormErrors,
) -> Result<bool> {
    let (db, new) = (&page.app.db, (&username, &email));
    match own_account::change_address(db, page.actor(), &page.user, verified, new).await {
        Ok(true) => return Ok(true),
        Ok(false) => {
            let fault = text::accounts_password_changed_meanwhile();
            faults.add("current_password", fault);
        }
        Err(CreateError::Db(e)) => return Err(e.into()),
        Err(CreateError::Denied(denied)) => return Err(denied.into()),
        Err(taken) => faults.add(taken.field(), taken.message()),
    }
    Ok(false)
}

/// `POST /settings/password`: every session ends, and this browser gets a new one.
pub async fn update_password(
    page: PrivatePage,
    pools: web::Data<Pools>,
    typed: Form<PasswordForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let checked = check_new_password(&page, &pools.hasher, &typed, &mut faults).await?;
    let Some(checked) = checked else {
        return answer(&page, Typed::default(), faults).await;
    };
    let Some(cookie) = change_password(&page, &pools.hasher, checked).await? else {
        let fault = text::accounts_password_changed_meanwhile();
        return answer_with_fault(&page, "old_password", fault).await;
    };
    page::see_other_with("/settings?saved=password", &cookie)
}

/// A new password that may be taken.
struct Checked {
    /// The hash that the present one was verified against.
    verified: String,
    password: SecretString,
}

async fn check_new_password(
    page: &PrivatePage,
    hasher: &Hasher,
    typed: &PasswordForm,
    faults: &mut FormErrors,
) -> Result<Option<Checked>> {
    let password = SecretString::from(typed.password.clone());
    let current = ("old_password", typed.current_password.as_str());
    let verified = verify(page, hasher, current, faults).await?;
    let known = [page.user.username.as_str(), &page.user.name];
    hasher
        .check_strength(&password, &known, "password", faults)
        .await?;
    Ok(verified
        .filter(|_| faults.is_empty())
        .map(|verified| Checked { verified, password }))
}

/// The cookie of the new session; `None` where the present password is another by now.
async fn change_password(
    page: &PrivatePage,
    hasher: &Hasher,
    checked: Checked,
) -> Result<Option<Cookie<'static>>> {
    let new = NewPassword {
        verified: &checked.verified,
        password: checked.password,
        browser: &Browser::of(&page.req, page.app.https),
    };
    own_account::change_password(&page.app.db, page.actor(), &page.user, hasher, new).await
}
