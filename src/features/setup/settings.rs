use actix_web::HttpResponse;
use serde::Deserialize;

use super::views::SiteSettingsPage;
use crate::features::accounts::PrivatePage;
use crate::features::site::{self, CommentPolicy, SignUp, SignUpRole, Site};
use crate::web::{Form, FormErrors, Result, form, page};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SiteForm {
    pub name: String,
    pub tagline: String,
    pub language: String,
    pub sign_up: String,
    pub sign_up_role: String,
    pub comment_policy: String,
}

impl SiteForm {
    fn of(site: &Site) -> Self {
        SiteForm {
            name: site.name.clone(),
            tagline: site.tagline.clone(),
            language: site.language.clone(),
            sign_up: site.sign_up.as_str().to_owned(),
            sign_up_role: site.sign_up_role.as_str().to_owned(),
            comment_policy: site.comment_policy.as_str().to_owned(),
        }
    }

    fn parse(&self, site: &Site, faults: &mut FormErrors) -> Option<Site> {
        let name = faults.take("name", site_name(&self.name));
        let tagline = faults.take("tagline", form::line("A tagline", &self.tagline, 200));
        let language = faults.take(
            "language",
            form::language_code(&self.language).and_then(|l| {
                if l.is_empty() {
                    Err("A site needs a language, such as en.".into())
                } else {
                    Ok(l)
                }
            }),
        );
        let sign_up = faults.take(
            "sign_up",
            SignUp::parse(&self.sign_up).ok_or("Choose one of the three."),
        );
        let role = faults.take(
            "sign_up_role",
            SignUpRole::parse(&self.sign_up_role).ok_or("Choose one of the two."),
        );
        let policy = faults.take(
            "comment_policy",
            CommentPolicy::parse(&self.comment_policy).ok_or("Choose one of the four."),
        );
        Some(Site {
            name: name?,
            tagline: tagline?,
            language: language?,
            sign_up: sign_up?,
            sign_up_role: role?,
            comment_policy: policy?,
            set_up: site.set_up,
            menu: site.menu.clone(),
        })
    }
}

/// One to eighty characters.
pub fn site_name(text: &str) -> Result<String, String> {
    let name = form::line("The site’s name", text, 80)?;
    if name.is_empty() {
        Err("The site needs a name.".into())
    } else {
        Ok(name)
    }
}

/// `GET /admin/site`
pub async fn show(page: PrivatePage) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    answer(&page, &site, &SiteForm::of(&site), FormErrors::default())
}

/// `POST /admin/site`
pub async fn update(page: PrivatePage, typed: Form<SiteForm>) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let mut faults = FormErrors::default();
    let Some(new) = typed.parse(&site, &mut faults) else {
        return answer(&page, &site, &typed, faults);
    };
    site::update(&page.app.db, page.actor(), &site, &new).await?;
    page.app.origin.remember(&new.name);
    Ok(page::see_other("/admin/site?saved"))
}

fn answer(
    page: &PrivatePage,
    site: &Site,
    form: &SiteForm,
    faults: FormErrors,
) -> Result<HttpResponse> {
    let frame = page.frame(site, "Site");
    let view = SiteSettingsPage {
        frame,
        form,
        faults,
        saved: page.req.query_string() == "saved",
    };
    if view.faults.is_empty() {
        page.show(&view)
    } else {
        page.invalid(&view)
    }
}
