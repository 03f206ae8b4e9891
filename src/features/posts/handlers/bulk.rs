//! `/dashboard/bulk`: one act on many posts. First it is shown what it will do, then it is done, and said of each post that it was
//! not done to; and undoing it.

use actix_web::HttpResponse;
use serde::Deserialize;
use uuid::Uuid;

use crate::features::accounts::PrivatePage;
use crate::features::posts::bulk::{self, MOST_CHOSEN, Outcome};
use crate::features::posts::bulk_act::{BulkAct, Chosen};
use crate::features::posts::bulk_page::{BulkDonePage, BulkStepPage, NotDone};
use crate::features::posts::bulk_undo::{self, Done};
use crate::features::posts::queries::ChosenPost;
use crate::features::posts::tag_name::TagName;
use crate::features::site::{self, Flash, Said};
use crate::messages::text;
use crate::web::{Error, Form, FormErrors, Result, form};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkForm {
    /// `<id>.<version>` of each post.
    #[serde(default)]
    post: Vec<String>,
    act: String,
    #[serde(default)]
    tag: String,
    /// The list that the posts were chosen in.
    #[serde(default)]
    back: String,
    /// It was looked at what will be done.
    #[serde(default)]
    confirmed: String,
}

impl BulkForm {
    fn act(&self) -> Result<BulkAct> {
        BulkAct::parse(&self.act).ok_or_else(|| Error::BadRequest(text::posts_bulk_no_such_act()))
    }

    /// Each once.
    fn chosen(&self) -> Result<Vec<Chosen>> {
        let mut chosen: Vec<Chosen> = Vec::new();
        for typed in &self.post {
            let one = Chosen::parse(typed)
                .ok_or_else(|| Error::BadRequest(text::posts_bulk_no_such_post()))?;
            if !chosen.iter().any(|other| other.id == one.id) {
                chosen.push(one);
            }
            if chosen.len() > MOST_CHOSEN {
                break;
            }
        }
        Ok(chosen)
    }

    fn back(&self) -> String {
        form::way_back(&self.back, "/dashboard")
    }
}

/// `POST /dashboard/bulk`
pub async fn create(page: PrivatePage, form: Form<BulkForm>) -> Result<HttpResponse> {
    let (act, chosen) = (form.act()?, form.chosen()?);
    let mut faults = FormErrors::default();
    if chosen.is_empty() {
        faults.add("", text::posts_bulk_choose());
    } else if chosen.len() > MOST_CHOSEN {
        faults.add("", text::posts_bulk_too_many(MOST_CHOSEN));
    }
    if !faults.is_empty() {
        return step(&page, act, (&form, Vec::new(), 0), faults).await;
    }
    let posts = bulk::look_up(&page.app.db, page.actor(), &chosen).await?;
    // Posts of others are as little there as those that were never there.
    if posts.is_empty() {
        return Err(Error::NotFound);
    }
    let unseen = chosen.len() - posts.len();
    let tag = tag(act, &form, &mut faults);
    if form.confirmed.is_empty() || !faults.is_empty() {
        return step(&page, act, (&form, posts, unseen), faults).await;
    }
    let outcomes = bulk::bulk(&page.app.db, page.actor(), act, &posts, tag.as_ref());
    let outcomes = Box::pin(outcomes).await?;
    say(&page, act, (posts, outcomes, unseen), form.back()).await
}

/// The tag that was typed, where the act is about one.
fn tag(act: BulkAct, form: &BulkForm, faults: &mut FormErrors) -> Option<TagName> {
    if act != BulkAct::Tag || form.confirmed.is_empty() {
        return None;
    }
    if form.tag.trim().is_empty() {
        faults.add("tag", text::posts_bulk_choose_a_tag());
        return None;
    }
    let mut tags = faults.take("tag", TagName::parse_list(&form.tag))?;
    if tags.len() != 1 {
        faults.add("tag", text::posts_bulk_one_tag());
    }
    tags.pop()
}

async fn step(
    page: &PrivatePage,
    act: BulkAct,
    (form, posts, unseen): (&BulkForm, Vec<ChosenPost>, usize),
    faults: FormErrors,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let mut chosen = Vec::new();
    let mut left = Vec::new();
    for post in posts {
        match act.refusal(&post) {
            Some(why) => left.push(NotDone::of(&post, why)),
            None => chosen.push(post),
        }
    }
    let status = faults.status();
    let view = BulkStepPage {
        frame: page.frame(&site, text::posts_bulk_title()),
        act,
        posts: chosen,
        left,
        unseen,
        tag: form.tag.clone(),
        back: form.back(),
        faults,
    };
    page.show_with(status, &view)
}

/// What was done, and what not.
async fn say(
    page: &PrivatePage,
    act: BulkAct,
    (posts, outcomes, unseen): (Vec<ChosenPost>, Vec<Outcome>, usize),
    back: String,
) -> Result<HttpResponse> {
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for (post, outcome) in posts.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(one) => done.push(one),
            Outcome::Refused(why) => left.push(NotDone::of(post, why)),
        }
    }
    let count = done.len();
    let undo = (count > 0).then(|| page.undo_ticket(Said::BulkUndone, &done));
    page.show(&BulkDonePage {
        frame: page.frame(&site, text::posts_bulk_title()),
        act: Some(act),
        count,
        left,
        unseen,
        undo: undo.flatten(),
        back,
    })
}

/// Undoes what was done to many posts: back to the list where everything is as before, else it is said what is not.
///
/// # Errors
///
/// Where nothing was undone.
pub async fn undo(page: &PrivatePage, done: &[Done], back: &str) -> Result<HttpResponse> {
    let left = Box::pin(bulk_undo::undo(&page.app.db, page.actor(), done)).await?;
    let back = form::way_back(back, "/dashboard");
    if left.is_empty() {
        return Ok(Flash::of(Said::BulkUndone).lead_to(&back));
    }
    let count = done.len() - left.len();
    let chosen: Vec<Chosen> = left.iter().map(still).collect();
    let posts = bulk::look_up(&page.app.db, page.actor(), &chosen).await?;
    let unseen = left.len() - posts.len();
    let why = |post| NotDone::of(post, text::posts_bulk_changed_since());
    let site = site::load(&mut *page.app.db.fresh().await?).await?;
    page.show(&BulkDonePage {
        frame: page.frame(&site, text::posts_bulk_title()),
        act: None,
        count,
        left: posts.iter().map(why).collect(),
        unseen,
        undo: None,
        back,
    })
}

fn still(id: &Uuid) -> Chosen {
    Chosen {
        id: *id,
        version: 0,
    }
}
