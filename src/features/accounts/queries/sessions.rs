//! Sessions: opened, found by the hash of their token, touched, ended. What ends one by its age is judged here, by the clock of
//! the database.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{Result, Tx, public_id};
use crate::features::site::SiteTypography;

/// How long sessions last, in seconds.
pub struct Lifetimes {
    pub idle: f64,
    pub absolute: f64,
    pub staff_idle: f64,
    pub staff_absolute: f64,
    /// `last_seen_at` is written at most this often.
    pub touch_every: f64,
}

/// A session that has not ended, and its account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub id: i64,
    pub public_id: Uuid,
    pub username: String,
    pub name: String,
    pub avatar_id: Option<Uuid>,
    pub role: Role,
    pub session_id: i64,
    pub site_typography: SiteTypography,
}

pub struct SessionRow {
    pub user: SignedIn,
    /// `last_seen_at` is so old that it should be written again.
    pub is_due: bool,
}

/// A session that has not ended, of an account that is not disabled.
pub async fn session_by_token(
    conn: &mut PgConnection,
    token_hash: &[u8],
    lifetimes: &Lifetimes,
) -> Result<Option<SessionRow>> {
    let row = sqlx::query!(
        r#"select s.id as session_id, u.id, u.public_id, u.username, u.name, u.avatar_id, u.role,
                  site.typography as site_typography, site.language as site_language,
                  s.last_seen_at < now() - make_interval(secs => $2) as "is_due!"
           from sessions s join users u on u.id = s.user_id cross join site
                cross join lateral (select u.role in ('moderator', 'admin', 'owner') as yes) as staff
           where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null
             and s.last_seen_at > now() - make_interval(secs => case when staff.yes then $3::float8 else $4::float8 end)
             and s.created_at > now() - make_interval(secs => case when staff.yes then $5::float8 else $6::float8 end)"#,
        token_hash,
        lifetimes.touch_every,
        lifetimes.staff_idle,
        lifetimes.idle,
        lifetimes.staff_absolute,
        lifetimes.absolute,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| SessionRow {
        user: SignedIn {
            id: r.id,
            public_id: r.public_id,
            username: r.username,
            name: r.name,
            avatar_id: r.avatar_id,
            role: Role::from_column(&r.role),
            session_id: r.session_id,
            site_typography: SiteTypography {
                is_on: r.site_typography,
                language: r.site_language,
            },
        },
        is_due: r.is_due,
    }))
}

pub struct OpenSession {
    pub id: i64,
    pub public_id: Uuid,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

pub async fn sessions(conn: &mut PgConnection, user_id: i64) -> Result<Vec<OpenSession>> {
    Ok(sqlx::query_as!(
        OpenSession,
        "select id, public_id, user_agent, created_at, last_seen_at from sessions
         where user_id = $1 and expires_at > now() order by last_seen_at desc limit 100",
        user_id,
    )
    .fetch_all(conn)
    .await?)
}

pub struct NewSession<'a> {
    pub token_hash: &'a [u8],
    pub user_agent: &'a str,
    /// In seconds.
    pub lasts: f64,
    /// Hash of the token that the browser had until now.
    pub replaces: Option<Vec<u8>>,
}

/// False, and nothing is done, where the account has another hash than `verified` by now. The row of the account is held
/// until the transaction ends, so a change of the password comes before the session, which then is not opened, or after
/// it, and ends it. Sessions that ended stay no longer than the next sign-in of the same person.
pub async fn insert_session(
    tx: &mut Tx,
    user_id: i64,
    verified: &str,
    new: NewSession<'_>,
) -> Result<bool> {
    let done = sqlx::query!(
        "with account as (
             select user_id from user_profiles where user_id = $3 and password_hash = $4 for update
         ), ended as (
             delete from sessions
             where exists (select from account)
               and id in (select id from sessions where token_hash = $5
                          union select id from sessions where user_id = $3 and expires_at <= now())
         )
         insert into sessions (public_id, token_hash, user_id, user_agent, created_at, last_seen_at, expires_at)
         select $1, $2, user_id, $6, now(), now(), now() + make_interval(secs => $7) from account",
        public_id(),
        new.token_hash,
        user_id,
        verified,
        new.replaces,
        new.user_agent,
        new.lasts,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn touch_session(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query!("update sessions set last_seen_at = now() where id = $1", id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn delete_session(tx: &mut Tx, user_id: i64, id: i64) -> Result<()> {
    sqlx::query!(
        "delete from sessions where id = $1 and user_id = $2",
        id,
        user_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False when there is no such session of this person.
pub async fn revoke_session(tx: &mut Tx, user_id: i64, public_id: Uuid) -> Result<bool> {
    let done = sqlx::query!(
        "delete from sessions where public_id = $1 and user_id = $2",
        public_id,
        user_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether this person has signed this session out: its row is gone, the record of the act stays.
pub async fn was_revoked(tx: &mut Tx, user_id: i64, public_id: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from audit_log where object_id = $1 and act = 'session.revoke' and actor_id = $2) as "revoked!""#,
        public_id,
        user_id
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// All but `keep`; 0 keeps none.
pub async fn revoke_other_sessions(tx: &mut Tx, user_id: i64, keep: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from sessions where user_id = $1 and id <> $2",
        user_id,
        keep
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// So many at most; gives how many it were.
pub async fn delete_ended_sessions(tx: &mut Tx, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from sessions where id in (select id from sessions where expires_at <= now() order by expires_at limit $1)",
        limit,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
