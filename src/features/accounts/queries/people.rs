//! People: found by handle or id, listed for admins, written when an account is made or its owner changes it.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{OnConstraint, Result, Tx};
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::key::key_of;
use crate::features::accounts::model::{Email, Username};
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

pub struct Member {
    pub public_id: Uuid,
    pub id: i64,
    pub username: String,
    pub name: String,
    pub role: String,
    pub email: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Has handles that were given up.
    pub was_renamed: bool,
}

/// People on a page of the admin's list. The query reads one more, and says so as a number: a plan that does not know the limit
/// reads the whole table.
pub const MEMBERS_PER_PAGE: usize = 50;
const _: () = assert!(
    MEMBERS_PER_PAGE + 1 == 51,
    "the query of members says `limit 51`"
);

/// People for the admin's list whose handle begins with `search`, by handle, after a handle. In the order of bytes, in which
/// everything with one beginning lies between it and it with the last character of all behind.
pub async fn members(conn: &mut PgConnection, search: &str, after: &str) -> Result<Vec<Member>> {
    Ok(sqlx::query_as!(
        Member,
        r#"select u.public_id, u.id, u.username, u.name, u.role, (select p.email from user_profiles p where p.user_id = u.id) as email, u.created_at,
                  coalesce((select true from username_history h where h.user_id = u.id limit 1), false) as "was_renamed!"
           from users u
           where u.username_key collate "C" > $1 and u.username_key collate "C" >= $2
             and u.username_key collate "C" < $2 || chr(1114111)
           order by u.username_key collate "C" limit 51"#,
        key_of(after),
        key_of(search),
    )
    .fetch_all(conn)
    .await?)
}

pub async fn member(tx: &mut Tx, id: Uuid) -> Result<Option<Member>> {
    Ok(sqlx::query_as!(
        Member,
        r#"select u.public_id, u.id, u.username, u.name, u.role, p.email, u.created_at,
                  exists (select from username_history h where h.user_id = u.id) as "was_renamed!"
           from users u join user_profiles p on p.user_id = u.id where u.public_id = $1 for update of u"#,
        id,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert_user(
    tx: &mut Tx,
    id: Uuid,
    username: &Username,
    name: &str,
    role: Role,
) -> Result<i64, CreateError> {
    sqlx::query_scalar!(
        "insert into users (public_id, username, username_key, name, role) values ($1, $2, $3, $4, $5) returning id",
        id,
        username.as_str(),
        username.key(),
        name,
        role.as_str(),
    )
    .fetch_one(&mut **tx)
    .await
    .or_else(|error| match error.as_database_error().and_then(|e| e.constraint()) {
        Some("users_public_id_key") => Err(CreateError::Repeated),
        _ => Err(error).on_constraint("users_username_key_key", || CreateError::UsernameTaken),
    })
}

/// An account as its sign-up form made it.
pub struct MadeAccount {
    pub user_id: i64,
    pub username: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password_hash: Option<String>,
}

/// By the id that a sign-up form gave to its account.
pub async fn made_by_form(conn: &mut PgConnection, id: Uuid) -> Result<Option<MadeAccount>> {
    let row = sqlx::query!(
        r#"select u.id as user_id, u.username, u.name, u.role, coalesce(p.email, '') as "email!", p.password_hash
           from users u join user_profiles p on p.user_id = u.id where u.public_id = $1 and u.disabled_at is null"#,
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| MadeAccount {
        user_id: r.user_id,
        username: r.username,
        name: r.name,
        email: r.email,
        role: Role::from_column(&r.role),
        password_hash: r.password_hash,
    }))
}

pub async fn insert_profile(
    tx: &mut Tx,
    user_id: i64,
    email: Option<&Email>,
    password_hash: Option<&str>,
) -> Result<(), CreateError> {
    sqlx::query!(
        "insert into user_profiles (user_id, email, email_key, password_hash) values ($1, $2, $3, $4)",
        user_id,
        email.map(Email::as_str),
        email.map(Email::key),
        password_hash,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("user_profiles_email_key_key", || CreateError::EmailTaken)?;
    Ok(())
}

/// The profile of an author whom an import brought along.
pub async fn insert_imported_profile(
    tx: &mut Tx,
    user_id: i64,
    bio: &str,
    website: &str,
    import_key: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "insert into user_profiles (user_id, bio, website, import_key) values ($1, $2, $3, $4)",
        user_id,
        bio,
        website,
        import_key,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
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

pub async fn set_role(tx: &mut Tx, user_id: i64, role: Role) -> Result<()> {
    sqlx::query!(
        "update users set role = $2 where id = $1",
        user_id,
        role.as_str()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
