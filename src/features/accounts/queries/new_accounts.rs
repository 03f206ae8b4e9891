//! Accounts when they are made, and what a form has made before.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::db::{OnConstraint, Result, Tx};
use crate::features::accounts::create_error::CreateError;
use crate::features::accounts::email::Email;
use crate::features::accounts::model::Username;

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
    .or_else(taken)
}

/// What the database refused to make.
fn taken(error: sqlx::Error) -> Result<i64, CreateError> {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("users_public_id_key") => Err(CreateError::Repeated),
        _ => Err(error).on_constraint("users_username_key_key", || CreateError::UsernameTaken),
    }
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
