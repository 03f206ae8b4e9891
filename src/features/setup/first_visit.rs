//! `/setup`: there is exactly one owner, the first visitor who knows the code.

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::timeout;

use super::forms::SetUpForm;
use super::views::SetUpPage;
use super::{code, settings};
use crate::access::{Actor, Role};
use crate::features::accounts::create;
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::new_account::{self, NewAccount, Typed};
use crate::features::accounts::{Browser, Hasher, Pools, open_session, visitor};
use crate::features::site::{SignUp, SignUpRole};
use crate::features::{demo, site};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, Ids, Result, page};

#[derive(Deserialize)]
pub struct Printed {
    #[serde(default)]
    code: String,
}

/// `GET /setup`
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    query: web::Query<Printed>,
) -> Result<HttpResponse> {
    let form = SetUpForm {
        code: query.into_inner().code,
        ..SetUpForm::default()
    };
    answer(&req, &app, &form, FormErrors::default()).await
}

/// `POST /setup`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    pools: web::Data<Pools>,
    ids: Ids,
    form: Form<SetUpForm>,
) -> Result<HttpResponse> {
    // Before anything that costs: the address stays there for strangers after the site has its owner.
    if site::load(&mut *app.db.fresh().await?).await?.set_up {
        return Err(Error::NotFound);
    }
    if code::is_needed(&req, &app) && !code::is_right(&app.key, &form.code) {
        let faults = FormErrors::single("code", text::setup_wrong_code());
        return answer(&req, &app, &form, faults).await;
    }
    let mut faults = FormErrors::default();
    let site = form.site(&mut faults);
    let account = form.account(&pools.hasher, &mut faults).await?;
    let (Some(site), Some(account)) = (site, account) else {
        return answer(&req, &app, &form, faults).await;
    };
    let hash = new_account::hash(&pools.hasher, &account).await?;
    let actor = visitor(account.username.as_str(), &ids);
    let browser = Browser::of(&req, app.https);
    let made = make_owner(&app, &actor, &site, (&account, &hash), &browser).await?;
    let cookie = match made {
        Ok(cookie) => cookie,
        Err(error) => {
            let faults = FormErrors::single(error.field(), error.message());
            return answer(&req, &app, &form, faults).await;
        }
    };
    if !form.sample.is_empty() {
        load_samples(&app, actor).await;
    }
    page::see_other_with("/admin", &cookie)
}

/// Makes the site its owner's, and opens the owner's first session, in one transaction.
async fn make_owner(
    app: &AppState,
    actor: &Actor,
    site: &NewSite,
    (account, hash): (&NewAccount, &str),
    browser: &Browser,
) -> Result<std::result::Result<Cookie<'static>, CreateError>> {
    let mut tx = app.db.begin().await?;
    if !site::claim_set_up(&mut tx, &site.name, site.sign_up, site.role).await? {
        return Err(Error::NotFound);
    }
    tx.belongs_to(actor);
    let owner = match create::insert(&mut tx, account, hash, Role::Owner, actor).await {
        Ok(id) => id,
        Err(CreateError::Db(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(error)),
    };
    let Some(cookie) = open_session(&mut tx, owner, hash, browser).await? else {
        return Err(Error::internal(anyhow::anyhow!(
            "the owner's account was not written"
        )));
    };
    tx.commit().await?;
    Ok(Ok(cookie))
}

/// What a site is at its beginning.
struct NewSite {
    name: String,
    sign_up: SignUp,
    role: SignUpRole,
}

impl SetUpForm {
    fn site(&self, faults: &mut FormErrors) -> Option<NewSite> {
        let sign_up = settings::sign_up(&self.sign_up, &self.sign_up_role, faults);
        let name = faults.take("site_name", settings::site_name(&self.site_name));
        let (sign_up, role) = sign_up?;
        Some(NewSite {
            name: name?,
            sign_up,
            role,
        })
    }

    /// The owner's account.
    async fn account(
        &self,
        hasher: &Hasher,
        faults: &mut FormErrors,
    ) -> Result<Option<NewAccount>> {
        let password = SecretString::from(self.password.clone());
        let typed = Typed {
            username: &self.username,
            email: &self.email,
            name: &self.name,
            password: &password,
        };
        new_account::parse(hasher, faults, typed).await
    }
}

/// How long the answer waits for the sample texts. On a busy machine they come later than the page: were the whole time of the
/// request spent on them, its client would be told that nothing was saved, while the site has its owner.
const SAMPLES_WAIT: Duration = Duration::from_secs(20);

/// Apart from the owner's transaction: sample texts that fail must not undo the set-up. The owner acts, and is not their author.
async fn load_samples(app: &AppState, actor: Actor) {
    let actor = Actor {
        role: Role::Owner,
        ..actor
    };
    let db = app.db.clone();
    let loading = actix_web::rt::spawn(async move {
        if let Err(error) = demo::load(&db, &actor).await {
            tracing::error!(
                error = format!("{error:#}"),
                "sample content was not loaded"
            );
        }
    });
    let _ = timeout(SAMPLES_WAIT, loading).await;
}

/// As they stand on the page.
const FIELDS: [&str; 8] = [
    "code",
    "site_name",
    "sign_up",
    "sign_up_role",
    "username",
    "name",
    "email",
    "password",
];

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    form: &SetUpForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let site = site::load(&mut *app.db.fresh().await?).await?;
    if site.set_up {
        return Err(Error::NotFound);
    }
    let needs_code = code::is_needed(req, app);
    let view = SetUpPage {
        frame: site::private_frame(&site, &app.origin, text::setup_title_welcome(), None),
        form,
        faults: faults.in_order(&FIELDS),
        needs_code,
        knows_code: needs_code && code::is_right(&app.key, &form.code),
    };
    page::private_with(req, view.faults.status(), &view)
}
