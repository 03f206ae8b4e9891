use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx, public_id};
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::model::Role;

pub struct SessionRow {
    pub user: CurrentUser,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

pub async fn session_by_token(conn: &mut PgConnection, token_hash: &[u8]) -> Result<Option<SessionRow>> {
    let row = sqlx::query!(
        r#"select s.id as session_id, s.created_at, s.last_seen_at, u.id, u.public_id, u.username, u.name, u.avatar_id, u.role
           from sessions s join users u on u.id = s.user_id
           where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null"#,
        token_hash,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| SessionRow {
        user: CurrentUser {
            id: r.id,
            public_id: r.public_id,
            username: r.username,
            name: r.name,
            avatar_id: r.avatar_id,
            role: Role::from_column(&r.role),
            session_id: r.session_id,
        },
        created_at: r.created_at,
        last_seen_at: r.last_seen_at,
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

pub async fn insert_session(
    tx: &mut Tx,
    user_id: i64,
    token_hash: &[u8],
    user_agent: &str,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into sessions (public_id, token_hash, user_id, user_agent, expires_at) values ($1, $2, $3, $4, $5)",
        public_id(),
        token_hash,
        user_id,
        user_agent,
        expires_at,
    )
    .execute(&mut **tx)
    .await?;
    // Sessions that ended stay no longer than the next sign-in of the same person.
    sqlx::query!("delete from sessions where user_id = $1 and expires_at < now()", user_id).execute(&mut **tx).await?;
    Ok(())
}

pub async fn touch_session(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query!("update sessions set last_seen_at = now() where id = $1", id).execute(&mut **tx).await?;
    Ok(())
}

pub async fn delete_session(tx: &mut Tx, user_id: i64, id: i64) -> Result<()> {
    sqlx::query!("delete from sessions where id = $1 and user_id = $2", id, user_id).execute(&mut **tx).await?;
    Ok(())
}

/// False when there is no such session of this person.
pub async fn revoke_session(tx: &mut Tx, user_id: i64, public_id: Uuid) -> Result<bool> {
    let done = sqlx::query!("delete from sessions where public_id = $1 and user_id = $2", public_id, user_id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// All but `keep`; 0 keeps none.
pub async fn revoke_other_sessions(tx: &mut Tx, user_id: i64, keep: i64) -> Result<u64> {
    let done =
        sqlx::query!("delete from sessions where user_id = $1 and id <> $2", user_id, keep).execute(&mut **tx).await?;
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
