//! Tags, for admins: the list, another name or address, what is said of one, and two that become one.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::tag_page::{Typed, answer, manageable, meant};
use crate::access::{Action, Resource};
use crate::features::accounts::PrivatePage;
use crate::features::posts::describe_tag::{self, DESCRIPTION_CHARS};
use crate::features::posts::forms::{DescriptionForm, MergeForm, RenameForm};
use crate::features::posts::merge_tags;
use crate::features::posts::queries::{self, TagRow};
use crate::features::posts::tag_changes::{self, RenameError, Renaming};
use crate::features::posts::tag_name::TagName;
use crate::features::posts::views::{MergeTagPage, TagsAdminPage};
use crate::features::site;
use crate::markdown;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::{Form, FormErrors, Result, form, page};

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

impl RenameForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<Renaming> {
        let name = faults.take("name", self.name());
        let slug = faults.take("slug", self.slug());
        Some(Renaming {
            name: name?,
            slug: slug?,
            frees_name: !self.frees_name.is_empty(),
        })
    }

    fn name(&self) -> Result<TagName, Message> {
        match self.name.trim() {
            "" => Err(text::posts_tag_without_name()),
            typed if typed.contains([',', '、', '،', '，']) => Err(text::posts_tag_with_comma()),
            typed => TagName::parse(typed),
        }
    }

    fn slug(&self) -> Result<Option<String>, Message> {
        match self.slug.trim() {
            "" => Ok(None),
            typed => Some(markdown::slug(typed))
                .filter(|slug| !slug.is_empty())
                .map(Some)
                .ok_or_else(text::posts_address_empty),
        }
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
    let tag = manageable(&page, &slug).await?;
    let saved = Some(query.into_inner().saved).filter(|saved| !saved.is_empty());
    let typed = Typed {
        saved,
        ..Typed::of(&tag)
    };
    answer(&page, &tag, typed).await
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
                let renamed = format!("/admin/tags/{slug}?saved=renamed");
                return Ok(page::see_other(&renamed));
            }
            Err(error) => tell(error, &mut faults)?,
        }
    }
    let tag = manageable(&page, &slug).await?;
    let typed = Typed::renaming(&tag, form.0, faults);
    answer(&page, &tag, typed).await
}

/// What is taken is a fault of its field.
fn tell(error: RenameError, faults: &mut FormErrors) -> Result<()> {
    match error {
        RenameError::NameTaken(_) => faults.add("name", error.message()),
        RenameError::AddressTaken(_) => faults.add("slug", error.message()),
        error => return Err(error.into()),
    }
    Ok(())
}

/// `POST /admin/tags/{tag}/description`
pub async fn describe(
    page: PrivatePage,
    slug: web::Path<String>,
    form: Form<DescriptionForm>,
) -> Result<HttpResponse> {
    let mut faults = FormErrors::default();
    if let Some(text) = form.parse(&mut faults) {
        describe_tag::describe(&page.app.db, page.actor(), &slug, &text).await?;
        let described = format!("/admin/tags/{slug}?saved=described");
        return Ok(page::see_other(&described));
    }
    let tag = manageable(&page, &slug).await?;
    let typed = Typed {
        description: form.0.description,
        faults,
        ..Typed::of(&tag)
    };
    answer(&page, &tag, typed).await
}

impl DescriptionForm {
    fn parse(&self, faults: &mut FormErrors) -> Option<String> {
        let title = text::posts_a_description();
        let text = form::prose(title, &self.description, DESCRIPTION_CHARS);
        faults.take("description", text)
    }
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
    let from = manageable(&page, &slug).await?;
    let mut conn = page.app.db.fresh().await?;
    let into = meant(&mut conn, query.into.trim())
        .await?
        .into_iter()
        .next();
    let site = site::load(&mut conn).await?;
    drop(conn);
    let Some(into) = into.filter(|into| into.id != from.id) else {
        return refuse_merge(&page, &from, &query.into).await;
    };
    page.show(&MergeTagPage {
        frame: page.frame(&site, text::posts_title_merge()),
        ends: feed(&page.app, &from),
        stays: feed(&page.app, &into),
        from,
        into,
    })
}

async fn refuse_merge(page: &PrivatePage, from: &TagRow, into: &str) -> Result<HttpResponse> {
    let faults = FormErrors::single("into", text::posts_no_other_tag(into.trim()));
    let form = RenameForm {
        into: into.to_owned(),
        ..RenameForm::of(from)
    };
    answer(page, from, Typed::renaming(from, form, faults)).await
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
    merge_tags::merge(&page.app.db, page.actor(), &slug, into).await?;
    Ok(page::see_other(&format!("/admin/tags/{into}?saved=merged")))
}
