//! Whether a sign-up form may make an account: by the site's policy, its invitation, and what it has made before.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::queries;
use crate::db::Db;
use crate::features::site::{self, SignUp, Site};
use crate::web::Result;

/// Whether a form may make an account, asked before anything that costs: strangers send these.
pub enum Gate {
    Open(Box<Site>),
    /// The form made an account already, which may have used its invitation up.
    Repeated,
    Shut {
        invited: bool,
    },
}

/// The gate for a form with this invitation; `id` is that of the account which it makes.
pub async fn gate(db: &Db, invitation: &str, id: Option<Uuid>) -> Result<Gate> {
    let mut conn = db.fresh().await?;
    let site = site::load(&mut conn).await?;
    if !site.set_up {
        return Ok(Gate::Shut { invited: false });
    }
    if is_open(&mut conn, &site, invitation).await? {
        return Ok(Gate::Open(Box::new(site)));
    }
    if let Some(id) = id
        && queries::made_by_form(&mut conn, id).await?.is_some()
    {
        return Ok(Gate::Repeated);
    }
    Ok(Gate::Shut {
        invited: site.sign_up == SignUp::Invite,
    })
}

async fn is_open(conn: &mut PgConnection, site: &Site, invitation: &str) -> Result<bool> {
    match site.sign_up {
        SignUp::Closed => Ok(false),
        SignUp::Invite => is_usable(conn, invitation).await,
        SignUp::Open => Ok(true),
    }
}

/// Whether an invitation stands that has this token.
pub async fn is_usable(conn: &mut PgConnection, invitation: &str) -> Result<bool> {
    match token_hash(invitation) {
        Some(hash) => Ok(queries::invitation_usable(conn, &hash).await?),
        None => Ok(false),
    }
}

/// By which the table knows the invitation with this token; `None` where it cannot be one.
pub(super) fn token_hash(token: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD
        .decode(token.trim().as_bytes())
        .ok()
        .filter(|b| b.len() == 32)?;
    Some(Sha256::digest(bytes).to_vec())
}
