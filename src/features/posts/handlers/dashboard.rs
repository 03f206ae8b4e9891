//! `/dashboard`: an author's texts in tabs, and the requests to be named in the byline of others.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use sqlx::postgres::PgConnection;

use super::gate::form_ids;
use crate::db;
use crate::features::accounts::{CurrentUser, PrivatePage};
use crate::features::posts::dashboard_order::{self, MOST_SOUGHT, Order, Place};
use crate::features::posts::dashboard_page::DashboardPage;
use crate::features::posts::queries::{
    self, BylineRequest, DashboardRow, LINES_PER_PAGE, Sought, Tab,
};
use crate::features::site;
use crate::messages::{Message, text};
use crate::web::{Error, FormErrors, OrNotFound, Result};

#[derive(Deserialize)]
pub struct DashboardQuery {
    #[serde(default)]
    shelf: String,
    #[serde(default)]
    sort: String,
    /// Words that are looked for.
    #[serde(default)]
    q: String,
    before: Option<String>,
    /// What was answered to a request a moment ago.
    #[serde(default)]
    byline: String,
}

/// `GET /dashboard`
pub async fn show(page: PrivatePage, query: web::Query<DashboardQuery>) -> Result<HttpResponse> {
    let list = List::read(&page.user, &query)?;
    let mut faults = FormErrors::default();
    let count = query.q.chars().count();
    if count > MOST_SOUGHT {
        let what = text::posts_words_sought();
        faults.add("q", text::forms_text_too_long(count, MOST_SOUGHT, what));
    }
    let mut conn = page.app.db.fresh().await?;
    let site = site::load(&mut conn).await?;
    let mut lines = match faults.is_empty() {
        true => list.load(&mut conn, &page.user).await?,
        false => Vec::new(),
    };
    let requests = open_requests(&mut conn, &page.user, list.is_plain()).await?;
    drop(conn);
    let next = list.cut(&mut lines);
    let status = faults.status();
    let view = DashboardPage {
        frame: page.frame(&site, text::posts_title_posts()),
        user: &page.user,
        tab: list.tab,
        order: list.order,
        q: query.q.trim().to_owned(),
        lines,
        next,
        requests,
        answered: answered(&query.byline),
        here: page.here(),
        copies: form_ids(&page.app, &page.user),
        faults,
    };
    page.show_with(status, &view)
}

/// What of the posts is shown, and from where on.
struct List {
    tab: Tab,
    order: Order,
    patterns: Vec<String>,
    from: Place,
}

impl List {
    fn read(user: &CurrentUser, query: &DashboardQuery) -> Result<List> {
        let tab = Tab::parse(&query.shelf).or_not_found()?;
        if tab == Tab::Pages && !user.role.manages() {
            return Err(Error::NotFound);
        }
        let order = Order::parse(&query.sort).or_not_found()?;
        if tab == Tab::InReview && (order != Order::default() || !query.q.is_empty()) {
            return Err(Error::NotFound);
        }
        let from = match &query.before {
            Some(text) => order.decode(text).or_not_found()?,
            None => order.start(),
        };
        Ok(List {
            tab,
            order,
            patterns: dashboard_order::patterns(&query.q),
            from,
        })
    }

    /// Nothing is looked for, and it begins at its begin.
    fn is_plain(&self) -> bool {
        self.patterns.is_empty() && self.from == self.order.start()
    }

    async fn load(
        &self,
        conn: &mut PgConnection,
        user: &CurrentUser,
    ) -> db::Result<Vec<DashboardRow>> {
        let sought = Sought {
            user_id: user.id,
            tab: self.tab,
            patterns: &self.patterns,
        };
        match (self.order, &self.from) {
            (_, Place::Title(title, id)) => {
                queries::titles_sought(conn, &sought, (title, *id)).await
            }
            (Order::Oldest, Place::Time(from)) => {
                queries::oldest_sought(conn, &sought, *from).await
            }
            (Order::Published, Place::Time(from)) => {
                queries::published_sought(conn, &sought, *from).await
            }
            (_, Place::Time(from)) if self.tab == Tab::InReview => {
                queries::in_review(conn, (user.id, user.role.edits_all()), *from).await
            }
            (_, Place::Time(from)) if self.patterns.is_empty() => {
                queries::dashboard(conn, user.id, self.tab, *from).await
            }
            (_, Place::Time(from)) => queries::newest_sought(conn, &sought, *from).await,
        }
    }

    /// Leaves the lines of one page, and gives where the next one begins.
    fn cut(&self, lines: &mut Vec<DashboardRow>) -> Option<String> {
        let more = lines.len() > LINES_PER_PAGE;
        lines.truncate(LINES_PER_PAGE);
        let last = lines.last().filter(|_| more)?;
        Some(self.order.encode(&self.order.behind(last)))
    }
}

/// The requests to be named, which stand on the first page.
async fn open_requests(
    conn: &mut PgConnection,
    user: &CurrentUser,
    is_first: bool,
) -> Result<Vec<BylineRequest>> {
    if is_first {
        Ok(queries::open_requests(conn, user.id).await?)
    } else {
        Ok(Vec::new())
    }
}

/// The notice after a redirect, from a closed set: nothing of the address is shown.
fn answered(word: &str) -> Option<Message> {
    match word {
        "accepted" => Some(text::posts_byline_accepted()),
        "declined" => Some(text::posts_byline_declined()),
        _ => None,
    }
}
