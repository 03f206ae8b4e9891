//! The forms of this feature as they come, unchecked: strings. What they become is said by the handlers.

use serde::Deserialize;

use crate::web::FormId;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SignInForm {
    #[serde(default)]
    pub login: String,
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub next: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SignUpForm {
    /// Of the account that the form makes: sent twice, it makes one.
    #[serde(default)]
    pub id: FormId,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleForm {
    pub role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeForm {
    pub username: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct InvitationForm {
    /// Of the invitation that the form makes: sent twice, it makes one.
    #[serde(default)]
    pub id: FormId,
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub max_uses: String,
    #[serde(default)]
    pub days: String,
}
