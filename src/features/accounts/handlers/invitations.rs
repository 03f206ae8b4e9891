use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use hmac::Mac;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::AppState;
use crate::db::audit::{self, Entry};
use crate::db::public_id;
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::queries::{self, NewInvitation};
use crate::features::accounts::views::InvitationsPage;
use crate::features::site::{self, SignUpRole};
use crate::web::{Error, Faults, Form, Ids, Result, form, page};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct InvitationForm {
    /// Of the invitation that the form makes: sent twice, it makes one.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub max_uses: String,
    #[serde(default)]
    pub days: String,
}

/// `GET /admin/invitations`
pub async fn list(req: HttpRequest, app: web::Data<AppState>, user: CurrentUser) -> Result<HttpResponse> {
    let form = InvitationForm { role: "author".into(), max_uses: "1".into(), days: "14".into(), ..InvitationForm::default() };
    answer(&req, &app, &user, &form, Faults::default(), None).await
}

/// `POST /admin/invitations`: the link is shown once, only its hash is kept.
pub async fn create(
    req: HttpRequest,
    app: web::Data<AppState>,
    user: CurrentUser,
    ids: Ids,
    typed: Form<InvitationForm>,
) -> Result<HttpResponse> {
    let mut faults = Faults::default();
    let role = faults.take("role", SignUpRole::parse(&typed.role).ok_or("Choose reader or author."));
    let note = faults.take("note", form::line("A note", &typed.note, 200));
    let max_uses = faults.take("max_uses", whole(&typed.max_uses, 1000));
    let days = faults.take("days", whole(&typed.days, 365));
    let (Some(role), Some(note), Some(max_uses), Some(days)) = (role, note, max_uses, days) else {
        return answer(&req, &app, &user, &typed, faults, None).await;
    };
    let id = Uuid::parse_str(&typed.id).unwrap_or_else(|_| public_id());
    // Made from the id, so that the same form shows the same link; without the site's key nobody can.
    let token = app.key.key_for("invitations 1").chain_update(user.public_id).chain_update(id).finalize().into_bytes();
    let token_hash = Sha256::digest(token);
    let link = app.url(&format!("/signup?invitation={}", BASE64URL_NOPAD.encode(&token)));
    let mut tx = app.db.begin().await?;
    let new = NewInvitation { id, token_hash: &token_hash, role: role.as_str(), note: &note, max_uses, days };
    if !queries::insert_invitation(&mut tx, user.id, new).await? {
        drop(tx);
        return answer(&req, &app, &user, &typed, faults, Some(link)).await;
    }
    let entry = Entry { act: "invitation.create", object_kind: "invitation", object_id: Some(id), object: &note, ..Entry::default() };
    audit::record(&mut tx, &user.origin(&ids, None), entry).await?;
    tx.commit().await?;
    answer(&req, &app, &user, &typed, faults, Some(link)).await
}

fn whole(text: &str, max: i32) -> Result<i32, String> {
    let number = text.trim().parse().ok().filter(|n| (1..=max).contains(n));
    number.ok_or_else(|| format!("This is a whole number from 1 to {max}."))
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(app: web::Data<AppState>, user: CurrentUser, ids: Ids, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mut tx = app.db.begin().await?;
    if !queries::revoke_invitation(&mut tx, *id).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry { act: "invitation.revoke", object_kind: "invitation", object_id: Some(*id), ..Entry::default() };
    audit::record(&mut tx, &user.origin(&ids, None), entry).await?;
    tx.commit().await?;
    Ok(page::see_other("/admin/invitations"))
}

async fn answer(
    req: &HttpRequest,
    app: &AppState,
    user: &CurrentUser,
    form: &InvitationForm,
    faults: Faults,
    link: Option<String>,
) -> Result<HttpResponse> {
    let mut conn = app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let invitations = queries::invitations(&mut conn).await?;
    drop(conn);
    let frame = site::private_frame(&site, &app.origin, "Invitations", Some(user.viewer()));
    // What is made next is another one.
    let id = if link.is_some() || form.id.is_empty() { public_id().to_string() } else { form.id.clone() };
    let view = InvitationsPage { frame, id, form, faults, link, invitations, sign_up: site.sign_up };
    if view.faults.is_empty() { page::private(req, &view) } else { page::invalid(req, &view) }
}
