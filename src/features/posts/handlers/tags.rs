//! Tags, for admins: the list, another name or address, what is said of one, and two that become one.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::access::{Action, Resource};
use crate::db::Tx;
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

    fn parse(&self, tag: &TagRow, faults: &mut FormErrors) -> Option<Renaming> {
        let name = match self.name.trim() {
            "" => Err(text::posts_tag_without_name()),
            typed if typed.contains([',', '、', '،', '，']) => Err(text::posts_tag_with_comma()),
            typed => TagName::parse(typed),
        };
        let name = faults.take("name", name);
        let slug = match self.slug.trim() {
            "" => Ok(tag.slug.clone()),
            typed => Some(markdown::slug(typed))
                .filter(|slug| !slug.is_empty())
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

/// The same, held until the transaction ends.
async fn held(tx: &mut Tx, slug: String) -> Result<TagRow> {
    let mut tags = queries::lock_tags(tx, &[slug]).await?;
    tags.pop().or_not_found()
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
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = page.app.db.begin().await?;
    let Some(tag) = queries::lock_tags(&mut tx, std::slice::from_ref(&slug))
        .await?
        .pop()
    else {
        let tag = queries::tag_of_former(&mut tx, &slug).await?;
        return renamed_before(&tag.or_not_found()?, &form);
    };
    let mut faults = FormErrors::default();
    let Some(new) = form.parse(&tag, &mut faults) else {
        drop(tx);
        let typed = Typed::renaming(&tag, form.0, faults);
        return answer(&page, &tag, typed).await;
    };
    let actor = page.actor();
    tx.belongs_to(actor);
    let field = match tag_changes::rename(&mut tx, &tag, &new, actor).await {
        Ok(()) => {
            tx.commit().await?;
            return Ok(renamed(&new.slug));
        }
        Err(RenameError::Db(error)) => return Err(error.into()),
        Err(error) => (
            if matches!(error, RenameError::NameTaken(_)) {
                "name"
            } else {
                "slug"
            },
            error.message(),
        ),
    };
    drop(tx);
    faults.add(field.0, field.1);
    let typed = Typed::renaming(&tag, form.0, faults);
    answer(&page, &tag, typed).await
}

fn renamed(slug: &str) -> HttpResponse {
    page::see_other(&format!("/admin/tags/{slug}?saved=renamed"))
}

/// The answer to a form of a page whose tag has left that address: found only where the tag is what the form asks for.
fn renamed_before(tag: &TagRow, form: &RenameForm) -> Result<HttpResponse> {
    let asked = form.parse(tag, &mut FormErrors::default());
    asked
        .filter(|new| new.name.name == tag.name && new.slug == tag.slug)
        .map(|new| renamed(&new.slug))
        .or_not_found()
}

/// `POST /admin/tags/{tag}/description`
pub async fn describe(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<DescriptionForm>,
) -> Result<HttpResponse> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = page.app.db.begin().await?;
    let tag = held(&mut tx, slug.into_inner()).await?;
    let mut faults = FormErrors::default();
    let text = form::prose(
        text::posts_a_description(),
        &form.description,
        tag_changes::DESCRIPTION_CHARS,
    );
    let Some(text) = faults.take("description", text) else {
        drop(tx);
        let typed = Typed {
            description: form.0.description,
            faults,
            ..Typed::of(&tag)
        };
        return answer(&page, &tag, typed).await;
    };
    let actor = page.actor();
    tx.belongs_to(actor);
    tag_changes::describe(&mut tx, &tag, &text, true, actor).await?;
    tx.commit().await?;
    Ok(page::see_other(&format!(
        "/admin/tags/{}?saved=described",
        tag.slug
    )))
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
    let origin: &str = &page.app.origin;
    let feed = |tag: &TagRow| {
        format!(
            "{origin}{}",
            page::encoded(&format!("/t/{}/feed.atom", tag.feed_slug))
        )
    };
    let (ends, stays) = (feed(&from), feed(&into));
    page.show(&MergeTagPage {
        frame,
        from,
        into,
        ends,
        stays,
    })
}

/// `POST /admin/tags/{tag}/merge`. Once more changes nothing.
pub async fn merge(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<MergeForm>,
) -> Result<HttpResponse> {
    page.user.require(Action::ManageSite, Resource::Nothing)?;
    let mut tx = page.app.db.begin().await?;
    tx.allow_long_work().await?;
    let tags = queries::lock_tags(&mut tx, &[slug.clone(), form.into.clone()]).await?;
    let Some(from) = tags.iter().find(|tag| tag.slug == *slug) else {
        let into = queries::tag_of_former(&mut tx, &slug).await?;
        let into = into.filter(|into| into.slug == form.into).or_not_found()?;
        return Ok(merged(&into));
    };
    let into = tags
        .iter()
        .find(|tag| tag.slug == form.into && tag.id != from.id)
        .or_not_found()?;
    let actor = page.actor();
    tx.belongs_to(actor);
    tag_changes::merge(&mut tx, from, into, actor).await?;
    tx.commit().await?;
    Ok(merged(into))
}

fn merged(into: &TagRow) -> HttpResponse {
    page::see_other(&format!("/admin/tags/{}?saved=merged", into.slug))
}
