//! The private fetch: what is personal on public pages. `/me.json`, with `?post=` on a post's page. Public
//! pages are the same bytes for every client; this small answer fills in the reader's own name and links.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::{Action, Resource};
use crate::db::Availability;
use crate::features::accounts::{CurrentUser, MaybeUser};
use crate::features::comments::{self, Unseen};
use crate::features::posts::{Kind, queries};
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Result, page};

#[derive(Deserialize)]
pub struct ViewerQuery {
    post: Option<Uuid>,
}

/// `GET /me.json`
pub async fn show(
    app: web::Data<AppState>,
    user: MaybeUser,
    query: web::Query<ViewerQuery>,
) -> Result<HttpResponse> {
    let body = match user.0 {
        Some(user) => about(&app, &user, query.post).await?,
        None => json!({ "user": null, "read_only": read_only(&app) }),
    };
    Ok(page::json(StatusCode::OK, &body))
}

async fn about(app: &AppState, user: &CurrentUser, shown: Option<Uuid>) -> Result<Value> {
    let viewer = user.viewer();
    Ok(json!({
        "user": {
            "username": viewer.username,
            "name": viewer.name,
            "avatar": user.avatar_id.map(|id| format!("/avatars/{id}.jpg")),
            "role": user.role.as_str(),
        },
        "read_only": read_only(app),
        "can_write": viewer.can_write,
        "can_decide": viewer.can_decide,
        "can_manage": viewer.can_manage,
        "can_moderate": viewer.can_moderate,
        "waiting": waiting(app, user).await?,
        "post": match shown {
            Some(id) => post(app, user, id).await?,
            None => Value::Null,
        },
    }))
}

/// How many comments wait for this account to decide: on the whole site, or below its own posts. None where it decides on none, or
/// cannot now.
async fn waiting(app: &AppState, user: &CurrentUser) -> Result<Option<i64>> {
    let viewer = user.viewer();
    if read_only(app) || !viewer.can_decide {
        return Ok(None);
    }
    let mut conn = app.db.fresh().await?;
    let waiting = comments::waiting(&mut conn, user.id, viewer.can_moderate).await?;
    Ok(Some(waiting.held + waiting.reported))
}

/// Nothing can be saved, and no new session be recognised.
fn read_only(app: &AppState) -> bool {
    app.db.availability() != Availability::ReadWrite
}

async fn post(app: &AppState, user: &CurrentUser, id: Uuid) -> Result<Value> {
    let mut conn = app.db.fresh().await?;
    let Some(post) = queries::post(&mut conn, id).await? else {
        return Ok(Value::Null);
    };
    let unseen = comments::own_unseen(&mut conn, post.id, user.id).await?;
    drop(conn);
    let object = Resource::Post {
        authors: &post.author_ids,
        page: post.kind == Kind::Page,
    };
    let about_comments = Resource::Comment {
        author: 0,
        post_authors: &post.author_ids,
        open: false,
    };
    Ok(json!({
        "can_edit": user.can(Action::EditPost, object),
        "edit_url": format!("/p/{id}/edit"),
        "can_decide_comments": user.can(Action::ModerateComment, about_comments),
        "unseen_comments": unseen.iter().map(unseen_comment).collect::<Vec<_>>(),
    }))
}

/// What the page of all does not show: its author would look for it there.
fn unseen_comment(comment: &Unseen) -> Value {
    let (text, link) = if comment.is_held {
        (text::comments_own_held(), text::comments_own_held_link())
    } else {
        (
            text::comments_own_hidden(),
            text::comments_own_hidden_link(),
        )
    };
    json!({
        "text": text.words(),
        "link": link.words(),
        "url": format!("/comments/{}", comment.public_id),
    })
}
