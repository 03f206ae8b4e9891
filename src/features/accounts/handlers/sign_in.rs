//! `/login` and `/logout`: the form, where a sign-in leads, and the cookies of the answers.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::access::Role;
use crate::db::ReadRequirement;
use crate::features::accounts::current_user::{MaybeUser, visitor};
use crate::features::accounts::forms::SignInForm;
use crate::features::accounts::pools::Pools;
use crate::features::accounts::session::{self, Browser};
use crate::features::accounts::sign_in::{self, SignInRequest};
use crate::features::accounts::views::SignInPage;
use crate::features::site;
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Form, FormErrors, Ids, Result, page};

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /login`
pub async fn show(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: MaybeUser,
    query: web::Query<Next>,
) -> Result<HttpResponse> {
    if let Some(user) = user.0 {
        return Ok(page::see_other(&landing(&query.next, user.role)));
    }
    let form = empty_form(&query.next);
    answer(&req, &app, &form, FormErrors::default()).await
}

fn empty_form(next: &str) -> SignInForm {
    let next = if next.is_empty() {
        String::new()
    } else {
        own_path(next)
    };
    SignInForm {
        next,
        ..SignInForm::default()
    }
}

/// `POST /login`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    pools: web::Data<Pools>,
    ids: Ids,
    form: Form<SignInForm>,
) -> Result<HttpResponse> {
    let request = SignInRequest {
        login: &form.login,
        password: &form.password,
        browser: &Browser::of(&req, app.https),
    };
    let visitor = visitor("", &ids);
    let Some(opened) = sign_in::sign_in(&app.db, &visitor, &pools.hasher, request).await? else {
        let faults = FormErrors::single("login", text::accounts_sign_in_refused());
        return answer(&req, &app, &form, faults).await;
    };
    page::see_other_with(&landing(&form.next, opened.role), &opened.cookie)
}

/// `POST /logout`
pub async fn delete(app: web::Data<AppState>, user: MaybeUser) -> Result<HttpResponse> {
    if let Some(user) = user.0 {
        sign_in::sign_out(&app.db, user.actor(), &user).await?;
    }
    let mut response = page::see_other_with("/", &session::removal(app.https))?;
    // Pages of this person must not come back with the Back button.
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\""),
    );
    Ok(response)
}

/// Where a sign-in leads: to the page that asked for it, else authors to their dashboard and readers to the front page.
pub(super) fn landing(next: &str, role: Role) -> String {
    if next.is_empty() && role.writes() {
        "/dashboard".to_owned()
    } else {
        own_path(next)
    }
}

/// A path on this site, or the front page: never a way out (`//evil`, `/\evil`, schemes).
pub(super) fn own_path(next: &str) -> String {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t', '\0'])
        && url::Url::parse("http://own.invalid")
            .and_then(|base| base.join(next))
            .is_ok_and(|u| u.host_str() == Some("own.invalid"));
    if inside {
        next.to_owned()
    } else {
        "/".to_owned()
    }
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    form: &SignInForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let site = site::load(&mut *app.db.read(&ReadRequirement::any()).await?).await?;
    let frame = site::private_frame(&site, &app.origin, text::accounts_title_sign_in(), None);
    let view = SignInPage {
        frame,
        form,
        faults,
        sign_up: site.sign_up,
    };
    page::private_with(req, view.faults.status(), &view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_land_on_their_dashboard_unless_a_page_asked() {
        for (next, role, to) in [
            ("", Role::Author, "/dashboard"),
            ("", Role::Reader, "/"),
            ("/", Role::Author, "/"),
            ("/@ann/hello", Role::Owner, "/@ann/hello"),
            ("//evil.example", Role::Author, "/"),
        ] {
            assert_eq!(landing(next, role), to, "{next}");
        }
    }

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/", "/settings", "/@ann/hello?x=1#c-2"] {
            assert_eq!(own_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "evil",
            "/a\r\nb",
        ] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
