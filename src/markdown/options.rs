//! Which Markdown is read.

use comrak::Options;

use super::state::Kind;

/// `sets`: the punctuation is to be set, and what was escaped has to be told from what was not.
pub(super) fn options(kind: Kind, sets: bool) -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    extension.cjk_friendly_emphasis = true;
    extension.footnotes = kind == Kind::Post;
    extension.description_lists = kind == Kind::Post;
    options.parse.escaped_char_spans = sets;
    // Raw HTML and any address pass here; the sanitiser decides. In comments raw HTML is text.
    options.render.r#unsafe = true;
    options.render.escape = kind == Kind::Comment;
    options.render.tasklist_classes = true;
    options
}
