//! What several pages about one comment ask before they answer.

use actix_web::http::StatusCode;

use crate::access::{Action, Resource};
use crate::features::accounts::CurrentUser;
use crate::features::comments::queries::{self, CommentRow};
use crate::features::comments::text::{self, Checked};
use crate::markdown::Typography;
use crate::messages;
use crate::web::{FormErrors, Result};

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
        return messages::text::comments_text_not_public().words();
    }
    queries::shown_title(title)
}

pub(super) fn post_title_of<'a>(user: &CurrentUser, comment: &'a CommentRow) -> &'a str {
    post_title(
        user,
        &comment.post_title,
        comment.post_public,
        &comment.post_authors,
    )
}

/// The text as it can be stored; else how the page comes back: with what is wrong, or with a preview.
pub(super) async fn checked(
    markdown: &str,
    typography: &Typography,
    action: &str,
) -> Result<std::result::Result<Checked, Outcome>> {
    let mut faults = FormErrors::default();
    Ok(
        match text::check(markdown, typography, &mut faults).await? {
            Some(checked) if action == "preview" => Err(Outcome::preview(checked.html)),
            Some(checked) => Ok(checked),
            None => Err(Outcome::invalid(faults)),
        },
    )
}

/// How the page with the form comes back.
#[derive(Default)]
pub(super) struct Outcome {
    pub status: StatusCode,
    pub faults: FormErrors,
    /// What the text would look like.
    pub preview: Option<String>,
    /// What the same form made before, and where that stands.
    pub standing: Option<(CommentRow, String)>,
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
