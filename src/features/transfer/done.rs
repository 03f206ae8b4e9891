//! What became of one document: written, kept, or left out with the reason, and what writing it brought besides.

use super::outcome::Outcome;
use super::queries::Led;
use super::work::Work;
use crate::db::Tx;
use crate::features::posts::cache_tags::invalidate_address;
use crate::features::posts::save_error::SaveError;
use crate::import::Visibility;

/// Why one document is left out; the next goes on.
pub enum ImportError {
    Rejected(String),
    Internal(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for ImportError {
    fn from(error: E) -> Self {
        ImportError::Internal(error.into())
    }
}

/// What became of a document that was to be written.
pub struct Done {
    /// Or why it was left out.
    pub became: Result<Written, String>,
    pub side_effects: SideEffects,
}

impl Done {
    /// Of which nothing is known yet but what was noted of its text.
    pub fn begun(work: &Work) -> Done {
        Done::failed(work, String::new())
    }

    pub fn failed(work: &Work, why: String) -> Done {
        let side_effects = SideEffects {
            warnings: work.document.warnings.clone(),
            ..SideEffects::default()
        };
        Done {
            became: Err(why),
            side_effects,
        }
    }
}

pub struct Written {
    pub change: Change,
    /// Where it is now; empty where it is nowhere.
    pub path: String,
}

/// What writing one document brings besides the document itself.
#[derive(Default)]
pub struct SideEffects {
    pub warnings: Vec<String>,
    /// Keys of the people made with it.
    pub fresh: Vec<String>,
    /// Old addresses that lead to it from now on.
    pub redirects: Vec<String>,
    /// Whose it became, where the document names no author.
    pub unnamed: Option<String>,
}

impl SideEffects {
    /// Tells what became of old addresses that were to lead to the document.
    pub fn led(&mut self, tx: &mut Tx, paths: Vec<String>, led: &[Led]) {
        for path in paths {
            match led.iter().find(|led| led.path == path) {
                Some(led) if led.is_new => {
                    invalidate_address(tx, &path);
                    self.redirects.push(path);
                }
                Some(led) if led.is_own => {}
                _ => self.warnings.push(format!(
                    "the old address {path} leads to another text already"
                )),
            }
        }
    }
}

/// What became of a document.
pub enum Change {
    /// How it was changed here.
    Kept(&'static str),
    /// `before`: how visible the post was; `None` when there was none or only a draft.
    Written {
        outcome: Outcome,
        before: Option<Visibility>,
    },
}

/// A text that was refused is left out; where the database failed, the import ends.
pub fn import_error(error: SaveError) -> ImportError {
    match error {
        SaveError::Db(error) => ImportError::Internal(error.into()),
        refused => ImportError::Rejected(refused.to_string()),
    }
}
