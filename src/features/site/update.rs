//! Changing the settings of the site: every page shows some of them, so all are invalidated.

use serde_json::{Value, json};

use super::model::Site;
use super::stale_typography::StaleTypography;
use super::{cache_tags, queries};
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{self, Db};
use crate::web::{Result, assets};

/// Changes the settings of the site.
///
/// # Errors
///
/// Where the actor may not manage it.
pub async fn update(db: &Db, actor: &Actor, before: &Site, new: &Site) -> Result<()> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = db.begin().await?;
    let had = queries::update(&mut tx, new).await?;
    cache_tags::invalidate(&mut tx);
    let entry = Entry {
        act: "site.update",
        object_kind: "site",
        object: &new.name,
        before: Some(state(before)),
        after: Some(state(new)),
        ..Entry::default()
    };
    tx.belongs_to(actor);
    if had != new.typography() {
        StaleTypography::ALL.ask(&mut tx, actor).await?;
    }
    if let Some(accent) = new.accent {
        assets::share_accent(&mut tx, accent).await?;
    }
    audit::record(&mut tx, actor, entry).await?;
    Ok(tx.commit().await?)
}

/// Keeps the style sheet of the accent for nodes of other versions, as [`assets::share`] does with the embedded files.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn share_accent(db: &Db) -> db::Result<()> {
    let mut tx = db.begin().await?;
    if let Some(accent) = queries::load(&mut tx).await?.accent {
        assets::share_accent(&mut tx, accent).await?;
    }
    tx.commit().await
}

fn state(site: &Site) -> Value {
    json!({
        "name": site.name, "tagline": site.tagline, "language": site.language, "sign_up": site.sign_up.as_str(),
        "sign_up_role": site.sign_up_role.as_str(), "comment_policy": site.comment_policy.as_str(),
        "typography": site.typography, "description": site.description, "footer_links": site.footer_links,
        "accent": site.accent_text(), "time_zone": site.time_zone.name(), "front": site.front.kind(),
        "front_page": site.front.page(), "drop_cap": site.drop_cap,
    })
}
