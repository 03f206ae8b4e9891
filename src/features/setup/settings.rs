//! `/admin/site`: the settings of the site, and the checks of them that the set-up page takes, too.

use actix_web::HttpResponse;
use chrono_tz::Tz;

use super::footer;
use super::forms::SiteForm;
use super::queries;
use super::views::SiteSettingsPage;
use super::zones;
use crate::features::accounts::PrivatePage;
use crate::features::site::{self, CommentPolicy, Front, SignUp, SignUpRole, Site};
use crate::messages::{Message, text};
use crate::web::accent::Accent;
use crate::web::{Form, FormErrors, Result, form, page};

impl SiteForm {
    fn of(site: &Site) -> Self {
        SiteForm {
            name: site.name.clone(),
            tagline: site.tagline.clone(),
            description: site.description.clone(),
            language: site.language.clone(),
            time_zone: site.time_zone.name().to_owned(),
            sign_up: site.sign_up.as_str().to_owned(),
            sign_up_role: site.sign_up_role.as_str().to_owned(),
            comment_policy: site.comment_policy.as_str().to_owned(),
            accent: site.accent_text(),
            footer_links: footer::as_typed(&site.footer_links),
            typography: ticked(site.typography),
            front: site.front.page().unwrap_or(site.front.kind()).to_owned(),
            drop_cap: ticked(site.drop_cap),
        }
    }

    fn parse(&self, site: &Site, faults: &mut FormErrors) -> Option<Site> {
        let name = faults.take("name", site_name(&self.name));
        let tagline = form::line(text::setup_a_tagline(), &self.tagline, 200);
        let tagline = faults.take("tagline", tagline);
        let description = form::prose(text::setup_a_description(), &self.description, 300);
        let description = faults.take("description", description);
        let language = faults.take("language", language(&self.language));
        let time_zone = faults.take("time_zone", time_zone(&self.time_zone, site.time_zone));
        let sign_up = sign_up(&self.sign_up, &self.sign_up_role, faults);
        let policy = faults.take("comment_policy", policy(&self.comment_policy));
        let accent = faults.take("accent", accent(&self.accent));
        let footer_links = faults.take("footer_links", footer::parse(&self.footer_links));
        let front = faults.take("front", front(&self.front, &site.front));
        let (sign_up, sign_up_role) = sign_up?;
        Some(Site {
            name: name?,
            tagline: tagline?,
            description: description?,
            footer_links: footer_links?,
            accent: accent?,
            pictures: site.pictures.clone(),
            language: language?,
            time_zone: time_zone?,
            sign_up,
            sign_up_role,
            comment_policy: policy?,
            typography: !self.typography.is_empty(),
            front: front?,
            drop_cap: self.drop_cap(site),
            set_up: site.set_up,
            menu: site.menu.clone(),
        })
    }

    /// A form of a node of the release before has no such box.
    fn drop_cap(&self, site: &Site) -> bool {
        if self.front.is_empty() {
            site.drop_cap
        } else {
            !self.drop_cap.is_empty()
        }
    }
}

fn ticked(is_on: bool) -> String {
    if is_on { "on" } else { "" }.to_owned()
}

/// A form of a node of the release before has none. Whether there is such a page is for the database to say.
fn front(typed: &str, has: &Front) -> Result<Front, Message> {
    match typed {
        "" => Ok(has.clone()),
        "magazine" => Ok(Front::Magazine),
        "list" => Ok(Front::List),
        path if path.starts_with('/') => Ok(Front::Page(path.to_owned())),
        _ => Err(text::setup_front_unknown()),
    }
}

fn policy(word: &str) -> Result<CommentPolicy, Message> {
    CommentPolicy::parse(word).ok_or_else(text::setup_choose_of_four)
}

fn language(code: &str) -> Result<String, Message> {
    let language = form::language_code(code)?;
    if language.is_empty() {
        Err(text::setup_language_missing())
    } else {
        Ok(language)
    }
}

/// A form of a node of the release before has none.
fn time_zone(typed: &str, has: Tz) -> Result<Tz, Message> {
    match typed {
        "" => Ok(has),
        name => zones::parse(name).ok_or_else(text::setup_time_zone_unknown),
    }
}

/// A colour, also without its `#`. Empty: the design's own.
fn accent(typed: &str) -> Result<Option<Accent>, Message> {
    let typed = typed.trim().trim_start_matches('#');
    if typed.is_empty() {
        return Ok(None);
    }
    let accent = Accent::parse(&format!("#{typed}"));
    accent.map(Some).ok_or_else(text::setup_accent_unreadable)
}

/// One to eighty characters.
pub fn site_name(text: &str) -> Result<String, Message> {
    let name = form::line(text::setup_the_site_name(), text, 80)?;
    if name.is_empty() {
        Err(text::setup_name_missing())
    } else {
        Ok(name)
    }
}

/// The policy for signing up, and the role that it gives.
pub(super) fn sign_up(
    sign_up: &str,
    role: &str,
    faults: &mut FormErrors,
) -> Option<(SignUp, SignUpRole)> {
    let sign_up = SignUp::parse(sign_up).ok_or_else(text::setup_choose_of_three);
    let sign_up = faults.take("sign_up", sign_up);
    let role = SignUpRole::parse(role).ok_or_else(text::setup_choose_of_three);
    let role = faults.take("sign_up_role", role);
    Some((sign_up?, role?))
}

/// `GET /admin/site`
pub async fn show(page: PrivatePage) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    answer(&page, &site, &SiteForm::of(&site), FormErrors::default()).await
}

/// `POST /admin/site`
pub async fn update(page: PrivatePage, typed: Form<SiteForm>) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let mut faults = FormErrors::default();
    let Some(new) = typed.parse(&site, &mut faults) else {
        return answer(&page, &site, &typed, faults).await;
    };
    if let Some(faults) = unknown(&page, &site, &new).await? {
        return answer(&page, &site, &typed, faults).await;
    }
    site::update(&page.app.db, page.actor(), &site, &new).await?;
    page.app.origin.remember(&new.name);
    Ok(page::see_other("/admin/site?saved"))
}

/// What only the database knows of a change: whether it can count in a time zone, and whether there is a page.
async fn unknown(page: &PrivatePage, had: &Site, new: &Site) -> Result<Option<FormErrors>> {
    let mut conn = page.app.db.fresh().await?;
    if new.time_zone != had.time_zone && !site::knows_time_zone(&mut conn, &new.time_zone).await? {
        return Ok(Some(FormErrors::single(
            "time_zone",
            text::setup_time_zone_unknown(),
        )));
    }
    if let Some(path) = new.front.page()
        && !queries::pages(&mut conn)
            .await?
            .iter()
            .any(|page| page.path == path)
    {
        return Ok(Some(FormErrors::single(
            "front",
            text::setup_front_unknown(),
        )));
    }
    Ok(None)
}

/// As they stand on the page.
const FIELDS: [&str; 15] = [
    "name",
    "tagline",
    "description",
    "language",
    "time_zone",
    "front",
    "accent",
    "typography",
    "footer_links",
    "sign_up",
    "sign_up_role",
    "comment_policy",
    "logo",
    "icon",
    "social",
];

/// The page as it is stored, with the fault of a picture.
pub(super) async fn answer_with_fault(
    page: &PrivatePage,
    field: &'static str,
    fault: Message,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    answer(
        page,
        &site,
        &SiteForm::of(&site),
        FormErrors::single(field, fault),
    )
    .await
}

async fn answer(
    page: &PrivatePage,
    site: &Site,
    form: &SiteForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let frame = page.frame(site, text::setup_title_site());
    let view = SiteSettingsPage {
        frame,
        pages: queries::pages(&mut *page.app.db.fresh().await?).await?,
        accent: site.accent,
        form,
        faults: faults.in_order(&FIELDS),
        saved: page.req.query_string().split('&').next() == Some("saved"),
    };
    page.show_with(view.faults.status(), &view)
}
