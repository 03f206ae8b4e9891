//! Tags, for admins: the list, another name or address, what is said of one, and two that become one.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::access::{Action, Resource};
use crate::features::accounts::PrivatePage;
use crate::features::posts::forms::{DescriptionForm, MergeForm, RenameForm};
use crate::features::posts::queries::{self, TagRow};
use crate::features::posts::tag_changes::{self, RenameError, Renaming};
use crate::features::posts::tag_name::{TagName, key_of};
use crate::features::posts::views::{MergeTagPage, TagAdminPage, TagsAdminPage};
use crate::features::site;
use crate::markdown;
use crate::messages::text;
use crate::state::AppState;
use crate::web::{Form, FormErrors, OrNotFound, Result, form, page};

/// The most used ones; the others are found by name.
const LISTED: i64 = 200;

#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
}

/// `GET /admin/tags`
pub async fn list(page: PrivatePage, query: web::Query<ListQuery>) -> Result<HttpResponse> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let mut conn = page.app.db.fresh().await?;
    let q = query.q.trim().to_owned();
    let tags = if q.is_empty() {
        queries::used_tags(&mut conn, LISTED).await?
    } else {
        meant(&mut conn, &q).await?
    };
    let site = site::load(&mut conn).await?;
    let frame = page.frame(&site, text::posts_title_tags());
    page.show(&TagsAdminPage { frame, tags, q })
}

async fn meant(conn: &mut sqlx::PgConnection, typed: &str) -> Result<Vec<TagRow>> {
    let slugs = [
        typed.to_owned(),
        markdown::slug(typed),
        markdown::ascii_slug(typed),
    ];
    Ok(queries::tags_meant(conn, &key_of(typed), &slugs).await?)
}

impl RenameForm {
    fn of(tag: &TagRow) -> Self {
        RenameForm {
            name: tag.name.clone(),
            slug: tag.slug.clone(),
            ..RenameForm::default()
        }
    }

    fn parse(&self, faults: &mut FormErrors) -> Option<Renaming> {
        let name = match self.name.trim() {
            "" => Err(text::posts_tag_without_name()),
            typed if typed.contains([',', '、', '،', '，']) => Err(text::posts_tag_with_comma()),
            typed => TagName::parse(typed),
        };
        let name = faults.take("name", name);
        let slug = match self.slug.trim() {
            "" => Ok(None),
            typed => Some(markdown::slug(typed))
                .filter(|slug| !slug.is_empty())
                .map(Some)
                .ok_or_else(text::posts_address_empty),
        };
        let slug = faults.take("slug", slug);
        Some(Renaming {
            name: name?,
            slug: slug?,
            frees_name: !self.frees_name.is_empty(),
        })
    }
}

#[derive(Deserialize)]
pub struct ShowQuery {
    #[serde(default)]
    saved: String,
}

/// `GET /admin/tags/{tag}`
pub async fn show(
    page: PrivatePage,
    slug: web::Path<String>,
    query: web::Query<ShowQuery>,
) -> Result<HttpResponse> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let tag = present(&page.app, &slug).await?;
    let saved = Some(query.into_inner().saved).filter(|saved| !saved.is_empty());
    let typed = Typed {
        saved,
        ..Typed::of(&tag)
    };
    answer(&page, &tag, typed).await
}

/// A tag that is there; a former address is none.
async fn present(app: &AppState, slug: &str) -> Result<TagRow> {
    queries::tag_row(&mut *app.db.fresh().await?, slug)
        .await?
        .filter(|tag| tag.leads_to.is_none())
        .or_not_found()
}

/// What stands in the forms of the page of a tag, and what is said of it.
struct Typed {
    form: RenameForm,
    description: String,
    faults: FormErrors,
    saved: Option<String>,
}

impl Typed {
    fn of(tag: &TagRow) -> Self {
        Typed {
            form: RenameForm::of(tag),
            description: tag.description.clone().unwrap_or_default(),
            faults: FormErrors::default(),
            saved: None,
        }
    }

    fn renaming(tag: &TagRow, form: RenameForm, faults: FormErrors) -> Self {
        Typed {
            form,
            faults,
            ..Typed::of(tag)
        }
    }
}

async fn answer(page: &PrivatePage, tag: &TagRow, typed: Typed) -> Result<HttpResponse> {
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
    if view.faults.is_empty() {
        page.show(&view)
    } else {
        page.invalid(&view)
    }
}

/// `POST /admin/tags/{tag}`. Once more changes nothing, although the tag stands elsewhere by then.
pub async fn rename(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<RenameForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    if let Some(new) = form.parse(&mut faults) {
        match tag_changes::rename(&page.app.db, page.actor(), &slug, &new).await {
            Ok(slug) => {
                return Ok(page::see_other(&format!(
                    "/admin/tags/{slug}?saved=renamed"
                )));
            }
            Err(taken @ RenameError::NameTaken(_)) => faults.add("name", taken.message()),
            Err(taken @ RenameError::AddressTaken(_)) => faults.add("slug", taken.message()),
            Err(error) => return Err(error.into()),
        }
    }
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let tag = present(&page.app, &slug).await?;
    let typed = Typed::renaming(&tag, form.0, faults);
    answer(&page, &tag, typed).await
}

/// `POST /admin/tags/{tag}/description`
pub async fn describe(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<DescriptionForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    let (title, longest) = (text::posts_a_description(), tag_changes::DESCRIPTION_CHARS);
    let text = form::prose(title, &form.description, longest);
    if let Some(text) = faults.take("description", text) {
        tag_changes::describe(&page.app.db, page.actor(), &slug, &text).await?;
        let described = format!("/admin/tags/{slug}?saved=described");
        return Ok(page::see_other(&described));
    }
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let tag = present(&page.app, &slug).await?;
    let typed = Typed {
        description: form.0.description,
        faults,
        ..Typed::of(&tag)
    };
    answer(&page, &tag, typed).await
}

#[derive(Deserialize)]
pub struct MergeQuery {
    #[serde(default)]
    into: String,
}

/// `GET /admin/tags/{tag}/merge`: the question before two tags become one.
pub async fn ask(
    page: PrivatePage,
    slug: web::Path<String>,
    query: web::Query<MergeQuery>,
) -> Result<HttpResponse> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let from = present(&page.app, &slug).await?;
    let mut conn = page.app.db.fresh().await?;
    let into = meant(&mut conn, query.into.trim())
        .await?
        .into_iter()
        .next();
    let site = site::load(&mut conn).await?;
    drop(conn);
    let Some(into) = into.filter(|into| into.id != from.id) else {
        let mut faults = FormErrors::default();
        faults.add("into", text::posts_no_other_tag(query.into.trim()));
        let form = RenameForm {
            into: query.into.clone(),
            ..RenameForm::of(&from)
        };
        let typed = Typed::renaming(&from, form, faults);
        return answer(&page, &from, typed).await;
    };
    let frame = page.frame(&site, text::posts_title_merge());
    let (ends, stays) = (feed(&page.app, &from), feed(&page.app, &into));
    page.show(&MergeTagPage {
        frame,
        from,
        into,
        ends,
        stays,
    })
}

/// The address at which a tag's feed is read.
fn feed(app: &AppState, tag: &TagRow) -> String {
    app.url(&page::encoded(&format!("/t/{}/feed.atom", tag.feed_slug)))
}

/// `POST /admin/tags/{tag}/merge`. Once more changes nothing.
pub async fn merge(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<MergeForm>,
) -> Result<HttpResponse> {
    let into = &form.into;
    tag_changes::merge(&page.app.db, page.actor(), &slug, into).await?;
    Ok(page::see_other(&format!("/admin/tags/{into}?saved=merged")))
}
