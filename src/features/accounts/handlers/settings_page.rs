//! The settings page, with what stands in the database or, after a fault, with what was typed.

use actix_web::{HttpRequest, HttpResponse};

use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::forms::{AccountForm, ProfileForm};
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries;
use crate::features::accounts::views::SettingsPage;
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, FormErrors, Result};

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
pub(super) struct Typed {
    pub profile: Option<ProfileForm>,
    pub account: Option<AccountForm>,
}

pub(super) async fn answer(
    page: &PrivatePage,
    typed: Typed,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let stored = queries::profile(&mut conn, page.user.id).await?;
    let sessions = queries::sessions(&mut conn, page.user.id).await?;
    drop(conn);
    let (profile, account) = stored_forms(&page.user, stored);
    let view = SettingsPage {
        frame: page.frame(&site, text::accounts_title_settings()),
        profile: typed.profile.unwrap_or(profile),
        account: typed.account.unwrap_or(account),
        user: &page.user,
        sessions,
        saved: saved_word(&page.req),
        faults: faults.in_order(&FIELDS),
    };
    page.show_with(view.faults.status(), &view)
}

/// The forms as the database fills them.
fn stored_forms(user: &CurrentUser, stored: queries::Profile) -> (ProfileForm, AccountForm) {
    let profile = ProfileForm {
        name: user.name.clone(),
        bio: stored.bio,
        website: stored.website,
    };
    let account = AccountForm {
        username: user.username.clone(),
        email: stored.email.unwrap_or_default(),
        current_password: String::new(),
    };
    (profile, account)
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

/// The settings page again, with a fault of one field, without anything that was typed.
pub(super) async fn answer_with_fault(
    page: &PrivatePage,
    field: &'static str,
    fault: Message,
) -> Result<HttpResponse, Error> {
    answer(page, Typed::default(), FormErrors::single(field, fault)).await
}
