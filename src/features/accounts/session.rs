//! Sessions: a 256-bit random token in the cookie, its SHA-256 in the table. When one begins, was last used and ends is
//! judged by the clock of the database alone: a node whose clock is wrong neither signs people out nor keeps them in.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use actix_web::http::header::USER_AGENT;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::queries::{self, Lifetimes, NewSession, SignedIn};
use crate::access::Role;
use crate::db::{Db, DbError, Result, Tx};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

const LIFETIMES: Lifetimes = Lifetimes {
    idle: 14.0 * DAY,
    absolute: 60.0 * DAY,
    // Staff hold more power, so a forgotten browser of theirs closes sooner.
    staff_idle: 30.0 * MINUTE,
    staff_absolute: 12.0 * HOUR,
    // Reading pages must not become writing rows.
    touch_every: 5.0 * MINUTE,
};

pub struct Token([u8; 32]);

impl Token {
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no jitter: this generator is fit for secrets"
    )]
    fn random() -> Token {
        Token(rand::random())
    }

    fn encode(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

/// The token that the request carries, if it is one of ours by its form.
pub fn token(req: &HttpRequest, https: bool) -> Option<Token> {
    let cookie = req.cookie(cookie_name(https))?;
    let bytes = BASE64URL_NOPAD.decode(cookie.value().as_bytes()).ok()?;
    Some(Token(bytes.try_into().ok()?))
}

/// The person whose session this is, if it is still good.
pub async fn find(db: &Db, token: &Token) -> Result<Option<SignedIn>> {
    let hash = token.hash();
    let found = db
        .ask_fresh(async |conn| queries::session_by_token(conn, &hash, &LIFETIMES).await)
        .await?;
    let Some(row) = found else { return Ok(None) };
    if row.is_due {
        // Where nothing can be written, it is only forgotten that the account was here.
        match touch(db, row.user.session_id).await {
            Err(DbError::Refused(error)) => return Err(DbError::Refused(error)),
            Ok(()) | Err(DbError::Unavailable(_) | DbError::Overloaded) => {}
        }
    }
    Ok(Some(row.user))
}

async fn touch(db: &Db, session_id: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    queries::touch_session(&mut tx, session_id).await?;
    tx.commit().await
}

/// The browser that a session is opened for, as its request tells.
pub struct Browser {
    user_agent: String,
    /// Of the session that it has until now.
    token: Option<Token>,
    https: bool,
}

impl Browser {
    pub fn of(req: &HttpRequest, https: bool) -> Browser {
        let user_agent = req
            .headers()
            .get(USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        Browser {
            user_agent: user_agent.chars().take(256).collect(),
            token: token(req, https),
            https,
        }
    }
}

/// A session that was opened a moment ago.
pub struct Opened {
    /// For the answer, to be set there.
    pub cookie: Cookie<'static>,
    pub role: Role,
}

/// Opens a session for the account whose password was verified against the hash `verified`, and gives the cookie for it.
/// `None` where the account has another hash by now: a client that knows only the old password gets no session. Always a new
/// token: one planted before sign-in is worth nothing afterwards. The session that the browser had before ends.
pub async fn open(
    tx: &mut Tx,
    user_id: i64,
    verified: &str,
    browser: &Browser,
) -> Result<Option<Cookie<'static>>> {
    let new = Token::random();
    let session = NewSession {
        token_hash: &new.hash(),
        user_agent: &browser.user_agent,
        lasts: LIFETIMES.absolute,
        replaces: browser.token.as_ref().map(Token::hash),
    };
    let opened = queries::insert_session(tx, user_id, verified, session).await?;
    Ok(opened.then(|| cookie(new.encode(), CookieDuration::days(60), browser.https)))
}

/// The cookie that removes ours.
pub fn removal(https: bool) -> Cookie<'static> {
    cookie(String::new(), CookieDuration::ZERO, https)
}

fn cookie(value: String, age: CookieDuration, https: bool) -> Cookie<'static> {
    Cookie::build(cookie_name(https), value)
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

/// Browsers accept the `__Host-` prefix only with `Secure`, which plain http cannot have.
fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-sid" } else { "sid" }
}
