//! `/admin/people`: the accounts of the site, each with the roles that the viewer may give it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::Role;
use crate::access::{Action, Resource};
use crate::features::accounts::change_role::change_role;
use crate::features::accounts::current_user::CurrentUser;
use crate::features::accounts::forms::RoleForm;
use crate::features::accounts::private_page::PrivatePage;
use crate::features::accounts::queries::{self, MEMBERS_PER_PAGE, Person};
use crate::features::accounts::views::{PeoplePage, PersonRow};
use crate::features::site::{self, Flash, Said};
use crate::messages::text;
use crate::web::{Error, Form, Result};

#[derive(Deserialize)]
pub struct Listing {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
    /// Whose role was changed a moment ago.
    changed: Option<Uuid>,
}

impl Listing {
    /// The same part of the list, which tells of a role that was changed.
    fn address(&self, changed: Uuid) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("after", &self.after)] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        pairs.append_pair("changed", &changed.to_string());
        format!("/admin/people?{}", pairs.finish())
    }
}

/// `GET /admin/people`
pub async fn list(page: PrivatePage, query: web::Query<Listing>) -> Result<HttpResponse> {
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let q: String = query.q.chars().take(40).collect();
    let changed = changed(&mut conn, query.changed).await?;
    let mut members = queries::members(&mut conn, &q, &query.after).await?;
    drop(conn);
    let more = members.len() > MEMBERS_PER_PAGE;
    members.truncate(MEMBERS_PER_PAGE);
    let next = members.last().filter(|_| more).map(|m| m.username.clone());
    let people = members.into_iter().map(|m| row(&page.user, m)).collect();
    let frame = page.frame(&site, text::accounts_title_people());
    page.show(&PeoplePage {
        frame,
        people,
        q,
        after: query.after.clone(),
        next,
        changed,
    })
}

/// The person as they are now, for the notice after a change of their role.
async fn changed(conn: &mut PgConnection, id: Option<Uuid>) -> Result<Option<Person>> {
    let Some(id) = id else { return Ok(None) };
    Ok(match queries::holder(conn, id).await? {
        Some(holder) => queries::by_username(conn, &holder.username).await?,
        None => None,
    })
}

fn row(user: &CurrentUser, member: queries::Member) -> PersonRow {
    let from = Role::parse(&member.role).unwrap_or(Role::Owner);
    let roles = Role::ALL
        .into_iter()
        .filter(|to| {
            user.can(
                Action::ChangeRole { from, to: *to },
                Resource::Person { id: member.id },
            )
        })
        .map(Role::as_str)
        .collect();
    PersonRow { member, roles }
}

/// `POST /admin/people/{id}/role`
pub async fn set_role(
    page: PrivatePage,
    id: web::Path<Uuid>,
    form: Form<RoleForm>,
    listing: web::Query<Listing>,
) -> Result<HttpResponse> {
    let to =
        Role::parse(&form.role).ok_or_else(|| Error::BadRequest(text::accounts_not_a_role()))?;
    let done = change_role(&page.app.db, page.actor(), *id, to).await?;
    let undo = done.and_then(|done| page.undo_ticket(Said::RoleBack, &done));
    let list = listing.address(*id);
    Ok(Flash::default().undone_by(undo).lead_to(&list))
}
