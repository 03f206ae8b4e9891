//! `/setup`: there is exactly one owner, whoever comes first.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;

use super::views::SetUpPage;
use crate::app::AppState;
use crate::db::audit::Origin;
use crate::features::accounts::create::{self, CreateError, Typed};
use crate::features::accounts::{Role, open_session};
use crate::features::{demo, site};
use crate::web::{Error, Faults, Form, Ids, Result, page};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SetUpForm {
    pub site_name: String,
    pub username: String,
    pub name: String,
    pub email: String,
    pub password: String,
    /// Ticked: load the sample content.
    pub sample: String,
}

/// `GET /setup`
pub async fn show(req: HttpRequest, app: web::Data<AppState>) -> Result<HttpResponse> {
    let form = SetUpForm { sample: "on".into(), ..SetUpForm::default() };
    answer(&req, &app, &form, Faults::default()).await
}

/// `POST /setup`
pub async fn create(req: HttpRequest, app: web::Data<AppState>, ids: Ids, form: Form<SetUpForm>) -> Result<HttpResponse> {
    // Before anything that costs: the address stays there for strangers after the site has its owner.
    if site::load(&mut *app.db.fresh().await?).await?.set_up {
        return Err(Error::NotFound);
    }
    let mut faults = Faults::default();
    let site_name = faults.take("site_name", super::settings::site_name(&form.site_name));
    let password = SecretString::from(form.password.clone());
    let typed = Typed { username: &form.username, email: &form.email, name: &form.name, password: &password };
    let account = create::parse(&app.hasher, &mut faults, typed).await?;
    let (Some(site_name), Some(account)) = (site_name, account) else {
        return answer(&req, &app, &form, faults).await;
    };
    let hash = create::hash(&app.hasher, &account).await?;
    let mut tx = app.db.begin().await?;
    if !site::claim_set_up(&mut tx, &site_name).await? {
        return Err(Error::NotFound);
    }
    let origin = Origin {
        actor_id: None,
        actor: account.username.as_str().to_owned(),
        client: Some(ids.client.masked()),
        correlation_id: ids.correlation_id,
        transaction_id: ids.transaction(None),
    };
    let owner = match create::insert(&mut tx, &account, &hash, Role::Owner, &origin).await {
        Ok(id) => id,
        Err(CreateError::Db(error)) => return Err(error.into()),
        Err(error) => {
            drop(tx);
            faults.add(create::field_of(&error), error.to_string());
            return answer(&req, &app, &form, faults).await;
        }
    };
    let Some(cookie) = open_session(&mut tx, owner, &hash, &req, app.https).await? else {
        return Err(Error::internal(anyhow::anyhow!("the owner's account was not written")));
    };
    tx.commit().await?;
    if !form.sample.is_empty() {
        // Apart from the owner's transaction: sample texts that fail must not undo the set-up.
        if let Err(error) = demo::load(&app.db, &origin).await {
            tracing::error!(error = format!("{error:#}"), "sample content was not loaded");
        }
    }
    let mut response = page::see_other("/");
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

async fn answer(req: &HttpRequest, app: &AppState, form: &SetUpForm, faults: Faults) -> Result<HttpResponse> {
    let site = site::load(&mut *app.db.fresh().await?).await?;
    if site.set_up {
        return Err(Error::NotFound);
    }
    let frame = site::private_frame(&site, &app.origin, "Welcome", None);
    let view = SetUpPage { frame, form, faults };
    if view.faults.is_empty() { page::private(req, &view) } else { page::invalid(req, &view) }
}
