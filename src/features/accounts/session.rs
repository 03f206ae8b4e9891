//! Sessions: a 256-bit random token in the cookie, its SHA-256 in the table (rule D5).

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use chrono::{DateTime, Duration, Utc};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::current_user::CurrentUser;
use super::model::Role;
use super::queries;
use crate::db::{Db, DbError, Result, Tx};

const IDLE: Duration = Duration::days(14);
const ABSOLUTE: Duration = Duration::days(60);
/// Staff hold more power, so a forgotten browser of theirs closes sooner.
const STAFF_IDLE: Duration = Duration::minutes(30);
const STAFF_ABSOLUTE: Duration = Duration::hours(12);
/// `last_seen_at` is written at most this often: reading pages must not become writing rows.
const TOUCH_EVERY: Duration = Duration::minutes(5);

pub struct Token([u8; 32]);

impl Token {
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

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
pub async fn find(db: &Db, token: &Token) -> Result<Option<CurrentUser>> {
    let hash = token.hash();
    let Some(row) = db.ask_fresh(async |conn| queries::session_by_token(conn, &hash).await).await? else {
        return Ok(None);
    };
    if !alive(row.user.role, row.created_at, row.last_seen_at, Utc::now()) {
        return Ok(None);
    }
    if Utc::now() - row.last_seen_at > TOUCH_EVERY {
        // Where nothing can be written, it is only forgotten that somebody was here.
        match touch(db, row.user.session_id).await {
            Err(DbError::Refused(error)) => return Err(DbError::Refused(error)),
            Ok(()) | Err(DbError::Unavailable(_) | DbError::Overrun) => {}
        }
    }
    Ok(Some(row.user))
}

async fn touch(db: &Db, session_id: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    queries::touch_session(&mut tx, session_id).await?;
    tx.commit().await
}

fn alive(role: Role, created: DateTime<Utc>, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let (idle, absolute) = if role >= Role::Moderator { (STAFF_IDLE, STAFF_ABSOLUTE) } else { (IDLE, ABSOLUTE) };
    now - seen < idle && now - created < absolute
}

/// Opens a session and gives the cookie for it. Always a new token: one planted before sign-in is worth
/// nothing afterwards.
pub async fn open(tx: &mut Tx, user_id: i64, req: &HttpRequest, https: bool) -> Result<Cookie<'static>> {
    let token = Token::random();
    let user_agent = req.headers().get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let user_agent: String = user_agent.chars().take(256).collect();
    queries::insert_session(tx, user_id, &token.hash(), &user_agent, Utc::now() + ABSOLUTE).await?;
    Ok(cookie(token.encode(), CookieDuration::days(60), https))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_idle_and_absolutely_and_sooner_for_staff() {
        let now = Utc::now();
        let ago = |d: Duration| now - d;
        assert!(alive(Role::Author, ago(Duration::days(59)), ago(Duration::days(13)), now));
        assert!(!alive(Role::Author, ago(Duration::days(61)), now, now));
        assert!(!alive(Role::Author, ago(Duration::days(20)), ago(Duration::days(15)), now));
        assert!(!alive(Role::Admin, ago(Duration::hours(1)), ago(Duration::minutes(31)), now));
        assert!(!alive(Role::Moderator, ago(Duration::hours(13)), now, now));
    }
}
