//! The page of one tag, with its forms as they stand or as they were typed.

use actix_web::HttpResponse;

use crate::access::{Action, Resource};
use crate::features::accounts::PrivatePage;
use crate::features::posts::forms::RenameForm;
use crate::features::posts::queries::{self, TagRow};
use crate::features::posts::tag_name::key_of;
use crate::features::posts::views::TagAdminPage;
use crate::features::site;
use crate::markdown;
use crate::messages::text;
use crate::web::{FormErrors, OrNotFound, Result};

/// A tag that is there, for those who manage the site; a former address is none.
pub(super) async fn manageable(page: &PrivatePage, slug: &str) -> Result<TagRow> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    queries::tag_row(&mut *page.app.db.fresh().await?, slug)
        .await?
        .filter(|tag| tag.leads_to.is_none())
        .or_not_found()
}

/// The tags that typed words may mean, the likeliest first.
pub(super) async fn meant(conn: &mut sqlx::PgConnection, typed: &str) -> Result<Vec<TagRow>> {
    let slugs = [
        typed.to_owned(),
        markdown::slug(typed),
        markdown::ascii_slug(typed),
    ];
    Ok(queries::tags_meant(conn, &key_of(typed), &slugs).await?)
}

impl RenameForm {
    pub(super) fn of(tag: &TagRow) -> Self {
        RenameForm {
            name: tag.name.clone(),
            slug: tag.slug.clone(),
            ..RenameForm::default()
        }
    }
}

/// What stands in the forms of the page of a tag, and what is said of it.
pub(super) struct Typed {
    pub form: RenameForm,
    pub description: String,
    pub faults: FormErrors,
    pub saved: Option<String>,
}

impl Typed {
    pub(super) fn of(tag: &TagRow) -> Self {
        Typed {
            form: RenameForm::of(tag),
            description: tag.description.clone().unwrap_or_default(),
            faults: FormErrors::default(),
            saved: None,
        }
    }

    pub(super) fn renaming(tag: &TagRow, form: RenameForm, faults: FormErrors) -> Self {
        Typed {
            form,
            faults,
            ..Typed::of(tag)
        }
    }
}

pub(super) async fn answer(page: &PrivatePage, tag: &TagRow, typed: Typed) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let mut frame = page.frame(&site, text::posts_title_tags());
    frame.head.title.clone_from(&tag.name);
    let view = TagAdminPage {
        frame,
        tag,
        form: &typed.form,
        description: &typed.description,
        faults: typed.faults,
        saved: typed.saved.as_deref(),
    };
    page.show_with(view.faults.status(), &view)
}
