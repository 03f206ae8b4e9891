//! The forms of this feature as they come, unchecked: strings. What they become is said by the handlers.

use serde::Deserialize;

use crate::web::FormId;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommentForm {
    /// Public id, made when the form was shown: sending it twice writes one comment. May be left out.
    pub id: FormId,
    pub markdown: String,
    /// Public id of the comment answered, or nothing.
    pub parent: String,
    /// Which button was pressed: `save` (or nothing), `preview`.
    pub action: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EditForm {
    pub markdown: String,
    /// Which button was pressed: `save` (or nothing), `preview`.
    pub action: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportForm {
    pub reason: String,
    pub details: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModerationForm {
    pub decision: String,
    pub reason: String,
    /// Version of the comment that was on the screen. Without it nothing is decided.
    pub version: String,
    /// Address of the page to go back to.
    pub back: String,
}
