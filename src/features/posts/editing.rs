//! The open editor that a save comes from, where its script names it in headers: forms have no fields for it, because nodes of the release
//! before refuse fields that they do not know.
//!
//! Two things follow from it. A save never conflicts with an earlier one of the same open editor, also where that one's answer was
//! lost. And what an editor saves by itself takes the place of what it saved by itself a moment ago, instead of making a version
//! every few seconds; a text that got much shorter stays, as it may have been deleted by mistake.

use actix_web::http::header::HeaderMap;
use uuid::Uuid;

use super::draft::Draft;

/// `Masthead-Editing: <id of the open editor> <edits so far> [auto]`.
const HEADER: &str = "masthead-editing";
/// Bytes that a text may lose before the version with them is kept.
const LOSS: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Editing {
    pub id: Uuid,
    /// How often something was changed in it. Saves may arrive in another order than they were sent.
    pub edit: i32,
    /// The script saves by itself; no button was pressed.
    pub is_autosave: bool,
}

impl Editing {
    /// None where the client names none, or not as the script does.
    pub fn read(headers: &HeaderMap) -> Option<Editing> {
        Editing::parse(headers.get(HEADER)?.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Editing> {
        let mut words = text.split(' ');
        let id = words.next()?.parse().ok()?;
        let edit = words.next()?.parse().ok()?;
        let is_autosave = match words.next() {
            None => false,
            Some("auto") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some(Editing {
            id,
            edit,
            is_autosave,
        })
    }
}

/// What a save began from.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// The number that the version had.
    pub version: i32,
    pub editing: Option<Editing>,
}

impl Base {
    /// By no open editor.
    pub fn version(version: i32) -> Base {
        Base {
            version,
            editing: None,
        }
    }
}

/// How the newest version came to be saved.
pub struct NewestSave {
    pub saved_by: i64,
    /// The open editor that sent it.
    pub editing: Option<Uuid>,
    pub edit: Option<i32>,
    pub is_autosave: bool,
    /// An autosave that the next one may take the place of: readers have not seen it, and it began not long ago.
    pub is_open_autosave: bool,
}

/// How a save stands to the newest version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequel {
    pub editing: Option<Editing>,
    /// The number of the version that it takes the place of.
    pub replaces: Option<i32>,
}

impl Sequel {
    /// It is an autosave, and the audit log has an entry for the version that it takes the place of.
    pub(super) fn is_noted_already(&self) -> bool {
        self.replaces.is_some() && self.editing.is_some_and(|editing| editing.is_autosave)
    }

    /// Of a save of `draft` by an account, over `newest`, which is version `version` and was saved like `by`.
    pub(super) fn of(
        (editing, account, draft): (Editing, i64, &Draft),
        (version, newest, by): (i32, &Draft, &NewestSave),
    ) -> Sequel {
        let loses_text = newest.markdown.len() > draft.markdown.len() + LOSS;
        let replaces = by.is_open_autosave && by.is_of(editing, account) && !loses_text;
        Sequel {
            editing: Some(editing),
            replaces: replaces.then_some(version),
        }
    }
}

impl NewestSave {
    /// The open editor that sent it is this one.
    pub(super) fn is_of(&self, editing: Editing, account: i64) -> bool {
        self.editing == Some(editing.id) && self.saved_by == account
    }

    /// The same open editor has saved what was typed after this.
    pub(super) fn overtakes(&self, editing: Editing, account: i64) -> bool {
        self.is_of(editing, account) && self.edit > Some(editing.edit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_taken_as_the_script_writes_it_and_no_other_way() {
        let id = "0199aaaa-0000-7000-8000-000000000001";
        let read = |rest: &str| Editing::parse(&format!("{id}{rest}"));
        let by_hand = Editing {
            id: id.parse().unwrap(),
            edit: 12,
            is_autosave: false,
        };
        assert_eq!(read(" 12"), Some(by_hand));
        let auto = Editing {
            is_autosave: true,
            ..by_hand
        };
        assert_eq!(read(" 12 auto"), Some(auto));
        for wrong in ["", " ", " x", " 12 ", " 12 auto auto", " 99999999999"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
