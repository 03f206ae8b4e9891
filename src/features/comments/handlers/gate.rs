//! What several pages about one comment ask before they answer.

use actix_web::http::StatusCode;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::access::{Action, Resource};
use crate::features::accounts::CurrentUser;
use crate::features::comments::model::State;
use crate::features::comments::queries::{self, Item, Place};
use crate::features::comments::thread::THREADS_PER_PAGE;
use crate::web::{Error, FormErrors, Result};

/// Lets `act` pass. Who may not see the comment learns no more than that there is nothing.
pub(super) fn allow(user: &CurrentUser, act: Action, item: &Item) -> Result<()> {
    if user.can(act, item.object()) {
        return Ok(());
    }
    if item.public() || item.writer_id == user.id {
        return user.require(act, item.object());
    }
    Err(Error::NotFound)
}

/// The title of a comment's post as `user` may read it: what was taken back, or written anew as a draft,
/// is for those who may edit it.
pub(super) fn post_title<'a>(
    user: &CurrentUser,
    title: &'a str,
    public: bool,
    authors: &[i64],
) -> &'a str {
    if !public
        && !user.can(
            Action::EditPost,
            Resource::Post {
                authors,
                page: false,
            },
        )
    {
        return "A text that is not public";
    }
    queries::shown_title(title)
}

/// Where a comment (or its stub) stands: on its post's page, else on its own.
pub(super) async fn address(conn: &mut PgConnection, item: &Item) -> Result<String> {
    if !item.post_public || matches!(item.state, State::Held) {
        return Ok(format!("/comments/{}", item.public_id));
    }
    let before = queries::page_before(conn, item.public_id, THREADS_PER_PAGE).await?;
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!("{}{page}#c-{}", item.post_path, item.public_id))
}

/// The same of a comment that was just written under a public post.
pub(super) async fn new_address(
    conn: &mut PgConnection,
    place: &Place,
    state: State,
    id: Uuid,
) -> Result<String> {
    if state == State::Held {
        return Ok(format!("/comments/{id}"));
    }
    // All comments of a post that has few stand on its page.
    let before = match place.comment_count < THREADS_PER_PAGE {
        true => None,
        false => queries::page_before(conn, id, THREADS_PER_PAGE).await?,
    };
    let page = before.map(|id| format!("?after={id}")).unwrap_or_default();
    Ok(format!("{}{page}#c-{id}", place.path))
}

/// An address of this site to go back to, as a form brought it; anything else becomes `otherwise`.
pub(super) fn way_back(typed: &str, otherwise: &str) -> String {
    let own = typed.starts_with('/')
        && !typed.starts_with("//")
        && typed.len() <= 300
        && typed.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if own {
        typed.to_owned()
    } else {
        otherwise.to_owned()
    }
}

/// How the page with the form comes back.
#[derive(Default)]
pub(super) struct Outcome {
    pub status: StatusCode,
    pub faults: FormErrors,
    /// What the text would look like.
    pub preview: Option<String>,
    /// What the same form made before, and where that stands.
    pub standing: Option<(Item, String)>,
}

impl Outcome {
    pub fn invalid(faults: FormErrors) -> Self {
        Outcome::refused(StatusCode::UNPROCESSABLE_ENTITY, faults)
    }

    pub fn refused(status: StatusCode, faults: FormErrors) -> Self {
        Outcome {
            status,
            faults,
            ..Outcome::default()
        }
    }

    pub fn preview(html: String) -> Self {
        Outcome {
            preview: Some(html),
            ..Outcome::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_the_site() {
        assert_eq!(
            way_back("/dashboard/comments?show=held", "/x"),
            "/dashboard/comments?show=held"
        );
        for away in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "dashboard",
            "/a b",
            "/a\r\nSet-Cookie:x",
        ] {
            assert_eq!(way_back(away, "/x"), "/x", "{away}");
        }
    }
}
