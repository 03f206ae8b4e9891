//! What the pages of comments show, as their templates take it.

use askama::Template;

use super::forms::{CommentForm, EditForm, ModerationForm, ReportForm};
use super::model::{EDIT_WINDOW, ModerationAction, ReportReason, State};
use super::queries::{
    CommentRow, OwnReport, PostRef, QueueLine, ReportLine, Revision, Show, Waiting,
};
use super::text::MAX_CHARS;
use crate::messages::{Message, html as t, text};
use crate::web::{FormErrors, Frame, time};

#[derive(Template)]
#[template(path = "comments/compose.html")]
pub struct ComposePage<'a> {
    pub frame: Frame,
    pub post: &'a PostRef,
    pub answered: Option<CommentRow>,
    pub form: &'a CommentForm,
    pub faults: FormErrors,
    /// What the text would look like.
    pub preview: Option<String>,
    /// What this form made before, with other words, and where that stands.
    pub standing: Option<(CommentRow, String)>,
    /// It will wait for approval.
    pub waits: bool,
}

impl ComposePage<'_> {
    fn path(&self) -> String {
        format!("{}/comment", self.post.path)
    }

    fn max_chars(&self) -> usize {
        MAX_CHARS
    }

    fn edit_minutes(&self) -> i64 {
        EDIT_WINDOW.num_minutes()
    }
}

#[derive(Template)]
#[template(path = "comments/show.html")]
pub struct ShowPage<'a> {
    pub frame: Frame,
    pub comment: &'a CommentRow,
    pub post_title: &'a str,
    pub mine: bool,
    pub can_edit: bool,
    pub can_decide: bool,
}

impl ShowPage<'_> {
    /// What the state means for the one who looks.
    fn notice(&self) -> Message {
        match (self.comment.state, self.mine) {
            (State::Held, true) => text::comments_notice_own_held(),
            (State::Held, false) => text::comments_notice_held(),
            (State::Hidden, _) => text::comments_notice_hidden(),
            (State::Deleted, _) if self.comment.withdrawn => text::comments_notice_withdrawn(),
            (State::Deleted, _) => text::comments_notice_deleted(),
            (State::Visible, _) if self.comment.post_public => text::comments_notice_visible(),
            (State::Visible, _) => text::comments_notice_post_not_public(),
        }
    }
}

#[derive(Template)]
#[template(path = "comments/edit.html")]
pub struct EditPage<'a> {
    pub frame: Frame,
    pub comment: &'a CommentRow,
    pub post_title: &'a str,
    pub form: &'a EditForm,
    pub faults: FormErrors,
    pub preview: Option<String>,
}

impl EditPage<'_> {
    fn max_chars(&self) -> usize {
        MAX_CHARS
    }

    /// Something stands in the way that is no fault of the text, and the comment is another than the one typed.
    fn is_changed(&self) -> bool {
        self.faults.of("").is_some() && self.comment.markdown != self.form.markdown
    }

    /// The moment at which the edit window closes.
    fn until(&self) -> Message {
        let until = self.comment.created_at + EDIT_WINDOW;
        time::minute(&until, &self.frame.site.time_zone)
    }
}

#[derive(Template)]
#[template(path = "comments/delete.html")]
pub struct DeletePage {
    pub frame: Frame,
    pub comment: CommentRow,
    pub back: String,
}

#[derive(Template)]
#[template(path = "comments/report.html")]
pub struct ReportPage<'a> {
    pub frame: Frame,
    pub comment: &'a CommentRow,
    pub form: &'a ReportForm,
    pub faults: FormErrors,
    pub back: String,
    /// What this reader has reported already.
    pub own: Option<OwnReport>,
}

impl ReportPage<'_> {
    fn reasons(&self) -> [ReportReason; 5] {
        ReportReason::ALL
    }
}

#[derive(Template)]
#[template(path = "comments/queue.html")]
pub struct QueuePage {
    pub frame: Frame,
    pub show: Show,
    pub lines: Vec<QueueLine>,
    pub waiting: Waiting,
    /// Address of this page, to come back to after a decision.
    pub here: String,
    pub older: Option<String>,
    pub newest: Option<String>,
    /// The viewer is a moderator: sees the whole site and who reported, and can change what a moderator decided.
    pub staff: bool,
}

impl Revision {
    fn shown_name(&self) -> &str {
        if self.author_name.is_empty() {
            &self.author
        } else {
            &self.author_name
        }
    }
}

impl QueuePage {
    fn tabs(&self) -> [(Show, Message, i64); 4] {
        [
            (Show::Held, text::comments_tab_held(), self.waiting.held),
            (
                Show::Reported,
                text::comments_tab_reported(),
                self.waiting.reported,
            ),
            (Show::Hidden, text::comments_tab_hidden(), 0),
            (Show::All, text::comments_tab_all(), 0),
        ]
    }
}

#[derive(Template)]
#[template(path = "comments/moderate.html")]
pub struct ModeratePage<'a> {
    pub frame: Frame,
    pub comment: &'a CommentRow,
    pub post_title: &'a str,
    pub form: &'a ModerationForm,
    pub faults: FormErrors,
    pub reports: Vec<ReportLine>,
    /// What was reported, where the comment says something else now.
    pub reported_words: Vec<Revision>,
    /// What the comment said when it was opened, where a decision came back because that has changed.
    pub read_before: Option<Revision>,
    /// The viewer is a moderator: sees who reported, and can change what a moderator decided.
    pub staff: bool,
    pub back: String,
}

impl ModeratePage<'_> {
    /// The decisions that make sense for the present state.
    fn decisions(&self) -> Vec<ModerationAction> {
        let fits = |d: &ModerationAction| match d {
            ModerationAction::Approve => self.comment.state != State::Visible,
            ModerationAction::Keep => self.comment.open_reports,
            ModerationAction::Hide => self.comment.state != State::Hidden,
            ModerationAction::Delete => true,
        };
        let open =
            |d: &ModerationAction| self.staff || !self.comment.decided_by_staff || !d.overrules();
        ModerationAction::ALL
            .into_iter()
            .filter(|d| d.apply(self.comment.state).is_ok() && fits(d) && open(d))
            .collect()
    }
}
