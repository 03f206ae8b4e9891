use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::app::AppState;
use crate::db::Reading;
use crate::db::audit::{self, Entry, Origin};
use crate::features::accounts::current_user::MaybeUser;
use crate::features::accounts::password::Verified;
use crate::features::accounts::views::SignInPage;
use crate::features::accounts::{queries, session};
use crate::features::site;
use crate::web::{Error, Faults, Form, Ids, Result, page};

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

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /login`
pub async fn show(req: HttpRequest, app: web::Data<AppState>, user: MaybeUser, query: web::Query<Next>) -> Result<HttpResponse> {
    if user.0.is_some() {
        return Ok(page::see_other(&own_path(&query.next)));
    }
    let form = SignInForm { next: own_path(&query.next), ..SignInForm::default() };
    answer(&req, &app, &form, Faults::default()).await
}

/// `POST /login`
pub async fn create(req: HttpRequest, app: web::Data<AppState>, ids: Ids, form: Form<SignInForm>) -> Result<HttpResponse> {
    let found = {
        let mut conn = app.db.fresh().await?;
        queries::credentials(&mut conn, &form.login).await?
    };
    // Also without an account there is one hash to compute: the time tells nothing.
    let stored = found.as_ref().and_then(|c| c.password_hash.clone());
    let verified = app.hasher.verify(form.password.clone().into(), stored).await?;
    let (Some(found), false) = (found, verified == Verified::Wrong) else {
        tracing::warn!("sign-in refused");
        let mut faults = Faults::default();
        faults.add("login", "No account has this name or address together with this password.");
        return answer(&req, &app, &form, faults).await;
    };
    let mut tx = app.db.begin().await?;
    if let Verified::RightRehashed(hash) = &verified {
        queries::update_password(&mut tx, found.user_id, hash).await?;
    }
    let cookie = session::open(&mut tx, found.user_id, &req, app.https).await?;
    let origin = Origin {
        actor_id: Some(found.user_id),
        actor: found.username.clone(),
        client: Some(ids.client.masked()),
        correlation_id: ids.correlation_id,
        transaction_id: ids.transaction(None),
    };
    audit::record(&mut tx, &origin, Entry { act: "session.create", object_kind: "user", object: &found.username, ..Entry::default() })
        .await?;
    tx.commit().await?;
    let mut response = page::see_other(&own_path(&form.next));
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

/// `POST /logout`
pub async fn delete(app: web::Data<AppState>, user: MaybeUser) -> Result<HttpResponse> {
    if let Some(user) = user.0 {
        let mut tx = app.db.begin().await?;
        queries::delete_session(&mut tx, user.id, user.session_id).await?;
        tx.commit().await?;
    }
    let mut response = page::see_other("/");
    response.add_cookie(&session::removal(app.https)).map_err(Error::internal)?;
    // Pages of this person must not come back with the Back button.
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\""),
    );
    Ok(response)
}

/// A path on this site, or the front page: never a way out (`//evil`, `/\evil`, schemes).
pub(super) fn own_path(next: &str) -> String {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t', '\0'])
        && url::Url::parse("http://own.invalid").and_then(|base| base.join(next)).is_ok_and(|u| u.host_str() == Some("own.invalid"));
    if inside { next.to_owned() } else { "/".to_owned() }
}

async fn answer(req: &HttpRequest, app: &AppState, form: &SignInForm, faults: Faults) -> Result<HttpResponse> {
    let site = site::load(&mut *app.db.read(&Reading::any()).await?).await?;
    let frame = site::private_frame(&site, &app.origin, "Sign in", None);
    let wrong = !faults.is_empty();
    let view = SignInPage { frame, form, faults, sign_up: site.sign_up };
    if wrong { page::invalid(req, &view) } else { page::private(req, &view) }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/", "/settings", "/@ann/hello?x=1#c-2"] {
            assert_eq!(own_path(good), good);
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "evil", "/a\r\nb"] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
