//! People as pages show them: found by handle, and changed by their owners.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{OnConstraint, Result, Tx};
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::email::Email;
use crate::features::accounts::key::key_of;
use crate::web::form::is_visible;

/// What pages show of a person.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub public_id: Uuid,
    pub username: String,
    pub name: String,
    pub avatar_id: Option<Uuid>,
    pub role: Role,
    pub bio: String,
    pub website: String,
    pub created_at: DateTime<Utc>,
}

impl Person {
    pub fn display_name(&self) -> &str {
        if !is_visible(&self.name) {
            &self.username
        } else {
            &self.name
        }
    }
}

macro_rules! person {
    ($row:expr) => {
        Person {
            id: $row.id,
            public_id: $row.public_id,
            username: $row.username,
            name: $row.name,
            avatar_id: $row.avatar_id,
            role: Role::from_column(&$row.role),
            bio: $row.bio,
            website: $row.website,
            created_at: $row.created_at,
        }
    };
}

/// The person whose present handle looks like this one.
pub async fn by_username(conn: &mut PgConnection, username: &str) -> Result<Option<Person>> {
    let row = sqlx::query!(
        "select u.id, u.public_id, u.username, u.name, u.avatar_id, u.role, p.bio, p.website, u.created_at
         from users u join user_profiles p on p.user_id = u.id
         where u.username_key = $1",
        key_of(username),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| person!(r)))
}

/// The person behind a handle, present or former. The caller compares `username` and redirects.
pub async fn person_by_handle(conn: &mut PgConnection, handle: &str) -> Result<Option<Person>> {
    if let Some(person) = by_username(conn, handle).await? {
        return Ok(Some(person));
    }
    let row = sqlx::query!(
        "select u.id, u.public_id, u.username, u.name, u.avatar_id, u.role, p.bio, p.website, u.created_at
         from username_history h join users u on u.id = h.user_id join user_profiles p on p.user_id = u.id
         where h.username_key = $1",
        key_of(handle),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| person!(r)))
}

/// The people meant by handles, present or former, in the order asked.
pub async fn people_by_handles(
    conn: &mut PgConnection,
    handles: &[String],
) -> Result<Vec<(String, Option<(i64, Role)>)>> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = handles.iter().map(|u| key_of(u)).collect();
    let rows = sqlx::query!(
        r#"select asked.place as "place!", u.id as "id?", u.role as "role?"
           from unnest($1::text[]) with ordinality as asked (key, place)
           left join users u on u.id = coalesce(
               (select id from users where username_key = asked.key),
               (select user_id from username_history where username_key = asked.key))
           order by asked.place"#,
        &keys,
    )
    .fetch_all(conn)
    .await?;
    let people = rows
        .into_iter()
        .map(|r| r.id.zip(r.role.map(|role| Role::from_column(&role))));
    Ok(handles.iter().cloned().zip(people).collect())
}

/// The private half of one's own profile.
pub struct Profile {
    pub email: Option<String>,
    pub bio: String,
    pub website: String,
}

pub async fn profile(conn: &mut PgConnection, user_id: i64) -> Result<Profile> {
    Ok(sqlx::query_as!(
        Profile,
        "select email, bio, website from user_profiles where user_id = $1",
        user_id
    )
    .fetch_one(conn)
    .await?)
}

pub async fn update_profile(
    tx: &mut Tx,
    user_id: i64,
    name: &str,
    bio: &str,
    website: &str,
) -> Result<()> {
    sqlx::query!("update users set name = $2 where id = $1", user_id, name)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "update user_profiles set bio = $2, website = $3, updated_at = now() where user_id = $1",
        user_id,
        bio,
        website,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn update_email(tx: &mut Tx, user_id: i64, email: &Email) -> Result<(), CreateError> {
    sqlx::query!(
        "update user_profiles set email = $2, email_key = $3, updated_at = now() where user_id = $1",
        user_id,
        email.as_str(),
        email.key(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("user_profiles_email_key_key", || CreateError::EmailTaken)?;
    Ok(())
}
