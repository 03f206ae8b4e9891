use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::access::Actor;
use crate::access::Role;
use crate::db::ReadRequirement;
use crate::db::audit::{self, Entry};
use crate::features::accounts::current_user::{MaybeUser, visitor};
use crate::features::accounts::forms::SignInForm;
use crate::features::accounts::password::{Hasher, Verified};
use crate::features::accounts::pools::Pools;
use crate::features::accounts::queries::{self, Failure};
use crate::features::accounts::session;
use crate::features::accounts::views::SignInPage;
use crate::features::site;
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Error, Form, FormErrors, Ids, Result, page};

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
    let next = if query.next.is_empty() {
        String::new()
    } else {
        own_path(&query.next)
    };
    let form = SignInForm {
        next,
        ..SignInForm::default()
    };
    answer(&req, &app, &form, FormErrors::default()).await
}

/// `POST /login`
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    pools: web::Data<Pools>,
    ids: Ids,
    form: Form<SignInForm>,
) -> Result<HttpResponse> {
    // Twice, where another sign-in of the same account wrote its hash again meanwhile, with the costs of today.
    let mut refused = Refused {
        account: None,
        reason: "the password was changed meanwhile",
    };
    for _ in 0..2 {
        let account = match verify(&app, &pools.hasher, &form).await? {
            Ok(account) => account,
            Err(why) => {
                refused = why;
                break;
            }
        };
        if let Some(cookie) = open(&app, &req, &ids, &account).await? {
            let mut response = page::see_other(&landing(&form.next, account.role));
            response.add_cookie(&cookie).map_err(Error::internal)?;
            return Ok(response);
        }
    }
    refused.note(&app, &ids).await;
    let mut faults = FormErrors::default();
    faults.add("login", text::accounts_sign_in_refused());
    answer(&req, &app, &form, faults).await
}

/// An account and the hash that its password was verified against.
struct Account {
    user_id: i64,
    username: String,
    role: Role,
    verified: String,
    /// The same password with the costs of today.
    rehashed: Option<String>,
}

/// Why a sign-in was refused, for the operator: the client is told the same whatever it was.
struct Refused {
    account: Option<(i64, String)>,
    reason: &'static str,
}

impl Refused {
    /// One line, and one in the count of the account or network. A name is written only where an account has it: people
    /// type passwords there.
    async fn note(self, app: &AppState, ids: &Ids) {
        let client = ids.client.masked();
        let (user_id, account) = self.account.unzip();
        tracing::warn!(client, reason = self.reason, account, "sign-in refused");
        let counted = async {
            let mut tx = app.db.begin().await?;
            let failure = Failure {
                user_id,
                client: &client,
                reason: self.reason,
                correlation_id: ids.correlation_id,
            };
            queries::count_failure(&mut tx, failure).await?;
            tx.commit().await
        };
        // Where nothing can be written, the line is there.
        if let Err(error) = counted.await {
            tracing::warn!(%error, "a refused sign-in was not counted");
        }
    }
}

/// Also without an account there is one hash to compute: the time tells nothing.
async fn verify(
    app: &AppState,
    hasher: &Hasher,
    form: &SignInForm,
) -> Result<Result<Account, Refused>> {
    let found = app
        .db
        .ask_fresh(async |conn| queries::credentials(conn, &form.login).await)
        .await?;
    let stored = found.as_ref().and_then(|c| c.password_hash.clone());
    let verified = hasher
        .verify(form.password.clone().into(), stored.clone())
        .await?;
    let Some(found) = found else {
        return Ok(Err(Refused {
            account: None,
            reason: "no account has this name",
        }));
    };
    let refused = |reason| Refused {
        account: Some((found.user_id, found.username.clone())),
        reason,
    };
    let Some(stored) = stored else {
        return Ok(Err(refused("the account has no password")));
    };
    let rehashed = match verified {
        Verified::Wrong => return Ok(Err(refused("wrong password"))),
        Verified::Right => None,
        Verified::RightRehashed(hash) => Some(hash),
    };
    Ok(Ok(Account {
        user_id: found.user_id,
        username: found.username,
        role: Role::from_column(&found.role),
        verified: stored,
        rehashed,
    }))
}

/// The session of a new sign-in, unless the password was changed since it was verified.
async fn open(
    app: &AppState,
    req: &HttpRequest,
    ids: &Ids,
    account: &Account,
) -> Result<Option<Cookie<'static>>> {
    let mut tx = app.db.begin().await?;
    if let Some(new) = &account.rehashed
        && !queries::replace_password(&mut tx, account.user_id, &account.verified, new).await?
    {
        return Ok(None);
    }
    let hash = account.rehashed.as_ref().unwrap_or(&account.verified);
    let Some(cookie) = session::open(&mut tx, account.user_id, hash, req, app.https).await? else {
        return Ok(None);
    };
    let actor = Actor {
        id: Some(account.user_id),
        ..visitor(&account.username, ids)
    };
    let entry = Entry {
        act: "session.create",
        object_kind: "user",
        object: &account.username,
        ..Entry::default()
    };
    tx.belongs_to(&actor);
    audit::record(&mut tx, &actor, entry).await?;
    tx.commit().await?;
    Ok(Some(cookie))
}

/// `POST /logout`
pub async fn delete(app: web::Data<AppState>, user: MaybeUser) -> Result<HttpResponse> {
    if let Some(user) = user.0 {
        let mut tx = app.db.begin().await?;
        queries::delete_session(&mut tx, user.id, user.session_id).await?;
        let entry = Entry {
            act: "session.end",
            object_kind: "user",
            object_id: Some(user.public_id),
            object: &user.username,
            ..Entry::default()
        };
        let actor = user.actor();
        tx.belongs_to(actor);
        audit::record(&mut tx, actor, entry).await?;
        tx.commit().await?;
    }
    let mut response = page::see_other("/");
    response
        .add_cookie(&session::removal(app.https))
        .map_err(Error::internal)?;
    // Pages of this person must not come back with the Back button.
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\""),
    );
    Ok(response)
}

/// Where a sign-in leads: to the page that asked for it, else authors to their dashboard and readers to the front page.
pub(super) fn landing(next: &str, role: Role) -> String {
    if next.is_empty() && role >= Role::Author {
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
    let wrong = !faults.is_empty();
    let view = SignInPage {
        frame,
        form,
        faults,
        sign_up: site.sign_up,
    };
    if wrong {
        page::invalid(req, &view)
    } else {
        page::private(req, &view)
    }
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
