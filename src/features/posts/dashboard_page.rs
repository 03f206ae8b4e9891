//! What the dashboard shows, as its template takes it.

use askama::Template;

use super::copy_address::copy_address;
use super::dashboard_order::{MOST_SOUGHT, Order};
use super::queries::{BylineRequest, DashboardRow, Tab};
use crate::access::{Action, Resource};
use crate::features::accounts::CurrentUser;
use crate::messages::{Markup, Message, html as t, text};
use crate::web::{FormErrors, FormIds, Frame, time};

#[derive(Template)]
#[template(path = "posts/dashboard.html")]
pub struct DashboardPage<'a> {
    pub frame: Frame,
    pub user: &'a CurrentUser,
    pub tab: Tab,
    pub order: Order,
    /// Words that are looked for.
    pub q: String,
    pub lines: Vec<DashboardRow>,
    pub next: Option<String>,
    /// Posts that others have named the viewer as author of.
    pub requests: Vec<BylineRequest>,
    /// What became of the one that was answered a moment ago.
    pub answered: Option<Message>,
    /// The address of this part of the list: acts lead back to it.
    pub here: String,
    /// Ids of copies that the rows' buttons make.
    pub copies: FormIds,
    pub faults: FormErrors,
}

impl DashboardPage<'_> {
    /// A reader, once an author or named by one, is offered what a reader can do.
    fn can_write(&self) -> bool {
        self.user.can(Action::WritePost, Resource::Nothing)
    }

    /// A contributor submits what others publish.
    fn can_publish(&self) -> bool {
        self.user.role.publishes()
    }

    /// What is in review is looked at one by one.
    fn has_bulk(&self) -> bool {
        self.can_write() && self.tab != Tab::InReview
    }

    /// Where the button of a row leads that makes a copy.
    fn duplicate_action(&self, line: &DashboardRow) -> String {
        copy_address(&self.copies, line.public_id)
    }

    /// There is something to look through, or was looked for.
    fn has_tools(&self) -> bool {
        self.tab != Tab::InReview
            && (!self.lines.is_empty() || self.is_searched() || !self.faults.is_empty())
    }

    fn is_searched(&self) -> bool {
        !self.q.is_empty()
    }

    /// Words and order in the address of another tab or page, which keeps them.
    fn kept(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() && self.faults.is_empty() {
            pairs.append_pair("q", &self.q);
        }
        if self.order != Order::default() {
            pairs.append_pair("sort", self.order.as_str());
        }
        match pairs.finish() {
            kept if kept.is_empty() => kept,
            kept => format!("&{kept}"),
        }
    }

    /// The same without words.
    fn all_of_tab(&self) -> String {
        format!("/dashboard?shelf={}", self.tab.as_str())
    }

    fn orders(&self) -> [(Order, Markup); 4] {
        [
            (Order::Newest, t::posts_sort_newest()),
            (Order::Oldest, t::posts_sort_oldest()),
            (Order::Title, t::posts_sort_title()),
            (Order::Published, t::posts_sort_published()),
        ]
    }
}

impl DashboardRow {
    fn is_in_review(&self) -> bool {
        self.review.as_deref() == Some("open")
    }

    fn is_sent_back(&self) -> bool {
        self.review.as_deref() == Some("returned")
    }

    fn shown_title(&self) -> &str {
        if self.title.is_empty() {
            text::posts_untitled().words()
        } else {
            &self.title
        }
    }
}

impl BylineRequest {
    fn shown_title(&self) -> &str {
        if self.title.is_empty() {
            text::posts_untitled().words()
        } else {
            &self.title
        }
    }
}
