//! Puts what was typed together with what was saved meanwhile: the texts by [`merge`](super::merge), of each setting the one
//! that was changed.

use serde_json::{Map, Value};

use super::draft::PostForm;
use super::merge::{Marks, Merged, merge};
use crate::messages::text;
use crate::web::{Error, Result};

/// A form that stands on the saved version.
pub struct MergedForm {
    pub form: PostForm,
    /// Places of the text that both have changed.
    pub clashes: usize,
}

/// `base`: the version that the text began from, or one before it. Takes as long as texts of a megabyte ask for.
pub fn merge_forms(
    base: Option<&PostForm>,
    saved: &PostForm,
    typed: &PostForm,
) -> Result<MergedForm> {
    let texts = merge_texts(base, saved, typed);
    let mut fields = settings(base, saved, typed);
    fields.insert("markdown".into(), texts.text.into());
    fields.insert("version".into(), saved.version.as_str().into());
    let form = serde_json::from_value(Value::Object(fields)).map_err(Error::internal)?;
    Ok(MergedForm {
        form,
        clashes: texts.clashes,
    })
}

fn merge_texts(base: Option<&PostForm>, saved: &PostForm, typed: &PostForm) -> Merged {
    let [of_saved, of_typed, end] = [
        text::posts_combine_saved(),
        text::posts_combine_typed(),
        text::posts_combine_end(),
    ]
    .map(|words| format!("<!-- {words} -->"));
    let marks = Marks {
        saved: &of_saved,
        typed: &of_typed,
        end: &end,
    };
    // As a browser sends them, lines end in another way than as they are kept.
    let typed = typed.markdown.replace("\r\n", "\n");
    merge(
        base.map(|base| &*base.markdown),
        &saved.markdown,
        &typed,
        marks,
    )
}

/// Of each field what was typed, where that changed it; else what was saved.
fn settings(base: Option<&PostForm>, saved: &PostForm, typed: &PostForm) -> Map<String, Value> {
    let base = base.map(PostForm::fields);
    let fields = saved.fields().into_iter().zip(typed.fields());
    let chosen = fields.enumerate().map(|(at, ((name, saved), (_, typed)))| {
        let is_untouched = base.is_some_and(|base| base[at].1 == typed.trim());
        let value = if is_untouched { saved } else { typed };
        (name.to_owned(), Value::from(value))
    });
    chosen.collect()
}
