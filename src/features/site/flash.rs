//! Flash messages: what an act says on the page that it leads to, and the ticket by which it is undone. They come in the
//! address, from a closed set of words, so that they need no cookie and no session, and every node can show them. Only private
//! pages show them: shared pages are the same bytes for all.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::take_down::take_down_notice;
use crate::access::Actor;
use crate::db::Result;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::web::frame::Notice;
use crate::web::page;
use crate::web::ticket::Tickets;

/// For how long an act can be undone.
pub const UNDO_SECONDS: i64 = 600;

/// The tickets by which an account undoes what it did.
pub fn undo_tickets(app: &AppState, account: Uuid) -> Tickets {
    Tickets::new(&app.key, "undo 1", account)
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Unpublished,
    /// Undone: it is where it was before it was unpublished.
    Republished,
    Trashed,
    /// Back from the trash, as a draft.
    Restored,
    /// Back from the trash, and in readers' sight.
    RestoredPublic,
    /// An account has the role back that it had. The ticket of the change has this word too.
    RoleBack,
    Hidden,
    Unhidden,
    Decided,
    SamplesRemoved,
    Pinned,
    Unpinned,
    /// An older version of a post is the newest one.
    VersionRestored,
    JobsRetried,
    /// A guest's edit is in the text.
    EditAccepted,
    NoteDone,
    NoteDismissed,
    /// A guest's note waits again.
    NoteReopened,
    Duplicated,
    MadeTemplate,
    UnmadeTemplate,
    /// An act on many posts was undone. Its ticket has this word too.
    BulkUndone,
}

impl Said {
    const ALL: [(Said, &'static str); 22] = [
        (Said::Unpublished, "unpublished"),
        (Said::Republished, "republished"),
        (Said::Trashed, "trashed"),
        (Said::Restored, "restored"),
        (Said::RestoredPublic, "restored-public"),
        (Said::RoleBack, "role-back"),
        (Said::Hidden, "hidden"),
        (Said::Unhidden, "unhidden"),
        (Said::Decided, "decided"),
        (Said::SamplesRemoved, "samples-removed"),
        (Said::Pinned, "pinned"),
        (Said::Unpinned, "unpinned"),
        (Said::VersionRestored, "version-restored"),
        (Said::JobsRetried, "jobs-retried"),
        (Said::EditAccepted, "edit-accepted"),
        (Said::NoteDone, "note-done"),
        (Said::NoteDismissed, "note-dismissed"),
        (Said::NoteReopened, "note-reopened"),
        (Said::BulkUndone, "bulk-undone"),
        (Said::Duplicated, "duplicated"),
        (Said::MadeTemplate, "made-template"),
        (Said::UnmadeTemplate, "unmade-template"),
    ];

    /// Of a post that is back from the trash.
    pub fn restored(is_public: bool) -> Said {
        if is_public {
            Said::RestoredPublic
        } else {
            Said::Restored
        }
    }

    pub fn word(self) -> &'static str {
        let found = Said::ALL.iter().find(|(said, _)| *said == self);
        found.map_or("", |(_, word)| word)
    }

    pub fn parse(word: &str) -> Option<Said> {
        let found = Said::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(said, _)| *said)
    }

    fn message(self) -> Message {
        match self {
            Said::Unpublished => text::site_unpublished(),
            Said::Republished => text::site_republished(),
            Said::Trashed => text::site_trashed(),
            Said::Restored => text::site_restored(),
            Said::RestoredPublic => text::site_restored_public(),
            Said::RoleBack => text::site_role_back(),
            Said::Hidden => text::site_hidden(),
            Said::Unhidden => text::site_unhidden(),
            Said::Decided => text::site_decided(),
            Said::SamplesRemoved => text::site_samples_removed(),
            Said::Pinned => text::site_pinned(),
            Said::Unpinned => text::site_unpinned(),
            Said::VersionRestored => text::site_version_restored(),
            Said::JobsRetried => text::site_jobs_retried(),
            Said::EditAccepted => text::site_edit_accepted(),
            Said::NoteDone => text::site_note_done(),
            Said::NoteDismissed => text::site_note_dismissed(),
            Said::NoteReopened => text::site_note_reopened(),
            Said::BulkUndone => text::site_bulk_undone(),
            Said::Duplicated => text::site_duplicated(),
            Said::MadeTemplate => text::site_made_template(),
            Said::UnmadeTemplate => text::site_unmade_template(),
        }
    }
}

/// The message on its way to the page.
#[derive(Default)]
pub struct Flash {
    said: Option<Said>,
    /// The business action that took something down.
    gone: Option<Uuid>,
    undo: Option<String>,
}

impl Flash {
    pub fn of(said: Said) -> Flash {
        Flash {
            said: Some(said),
            ..Flash::default()
        }
    }

    /// The page tells what has become of the copies that readers may still get.
    pub fn taking_down(self, takes_down: bool, actor: &Actor) -> Flash {
        let gone = takes_down.then(|| actor.transaction_id());
        Flash { gone, ..self }
    }

    /// The page offers to undo it.
    pub fn undone_by(self, ticket: Option<String>) -> Flash {
        Flash {
            undo: ticket,
            ..self
        }
    }

    /// Leads to a page, which says it.
    pub fn lead_to(&self, path: &str) -> HttpResponse {
        page::see_other(&self.address(path))
    }

    fn address(&self, path: &str) -> String {
        let (page, fragment) = path.split_once('#').unwrap_or((path, ""));
        let mut address = page.to_owned();
        let said = self.said.map(|said| ("said", said.word().to_owned()));
        let gone = self.gone.map(|id| ("gone", id.to_string()));
        let undo = self.undo.clone().map(|ticket| ("undo", ticket));
        for (name, value) in [said, gone, undo].into_iter().flatten() {
            let and = if address.contains('?') { '&' } else { '?' };
            address.push_str(&format!("{and}{name}={value}"));
        }
        if !fragment.is_empty() {
            address.push('#');
            address.push_str(fragment);
        }
        address
    }
}

/// Leads back to a page, which tells of what the action took down, if it took anything down.
pub fn back_to(path: &str, takes_down: bool, actor: &Actor) -> HttpResponse {
    let flash = Flash::default().taking_down(takes_down, actor);
    flash.lead_to(path)
}

/// What the address of a private page brings of it.
#[derive(Default, Deserialize)]
struct Brought {
    #[serde(default)]
    said: String,
    gone: Option<Uuid>,
    undo: Option<String>,
}

/// The message that the page asked for has to show to an account.
///
/// # Errors
///
/// Where the database does not answer the question which nodes have given up their copies.
pub async fn notice(app: &AppState, req: &HttpRequest, account: Uuid) -> Result<Notice> {
    let brought = web::Query::<Brought>::from_query(req.query_string());
    let brought = brought.map(web::Query::into_inner).unwrap_or_default();
    let said = Said::parse(&brought.said).map(|said| String::from(said.message()));
    let (gone, details) = take_down_notice(app, brought.gone)
        .await?
        .unwrap_or_default();
    let is_good = |ticket: &String| {
        let now = app.db.now().timestamp();
        undo_tickets(app, account).read(ticket, now).is_ok()
    };
    let words: Vec<String> = said.into_iter().chain(Some(gone)).collect();
    Ok(Notice {
        words: words.join(" ").trim().to_owned(),
        details,
        undo: brought
            .undo
            .filter(is_good)
            .map(|ticket| (ticket, plain_address(req))),
    })
}

/// The address of the page without the message.
pub fn plain_address(req: &HttpRequest) -> String {
    let mut address = req.path().to_owned();
    let of_flash = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(name, "said" | "gone" | "undo" | "changed" | "")
    };
    let others = req.query_string().split('&').filter(|pair| !of_flash(pair));
    for (at, pair) in others.enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        address.push_str(pair);
    }
    address
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_page_that_follows_keeps_its_address() {
        let id = Uuid::nil();
        let gone = Flash {
            gone: Some(id),
            ..Flash::default()
        };
        assert_eq!(
            gone.address("/settings?saved=avatar"),
            format!("/settings?saved=avatar&gone={id}")
        );
        let all = Flash {
            said: Some(Said::Trashed),
            undo: Some("t".into()),
            ..gone
        };
        assert_eq!(
            all.address("/dashboard#a"),
            format!("/dashboard?said=trashed&gone={id}&undo=t#a")
        );
        assert_eq!(Flash::default().address("/a#b"), "/a#b");
    }

    #[test]
    fn the_way_back_is_without_the_message() {
        let of = |address: &str| plain_address(&TestRequest::with_uri(address).to_http_request());
        assert_eq!(
            of("/dashboard?said=x&shelf=drafts&gone=1&undo=2"),
            "/dashboard?shelf=drafts"
        );
        assert_eq!(of("/p/1/edit?said=x"), "/p/1/edit");
        assert_eq!(of("/a?b=1&c=2"), "/a?b=1&c=2");
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for (said, word) in Said::ALL {
            assert_eq!((said.word(), Said::parse(word)), (word, Some(said)));
        }
        assert_eq!(Said::parse("<script>"), None);
    }
}
