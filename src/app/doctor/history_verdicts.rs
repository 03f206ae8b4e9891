//! Whether the database is the one that the site was on.

use std::path::Path;

use super::Finding;
use crate::app::config::Settings;
use crate::app::history as app_history;
use crate::db::Role;
use crate::db::cluster::history;
use crate::db::cluster::history::{HistoryId, Refusal};

pub(super) fn judge_history(settings: &Settings, (found, role): (HistoryId, Role)) -> Finding {
    let file = app_history::file(settings);
    let remembered = match history::read(&file) {
        Ok(remembered) => remembered,
        Err(error) => return unreadable_history(&file, &error),
    };
    if let Some(refusal) = remembered.and_then(|known| known.judge(found, role)) {
        return refused_history("the database", &refusal);
    }
    match (remembered, found.system) {
        (_, None) => Finding::warning(
            "the serving role may not ask which cluster the database is of, so another one in its place cannot be told",
            "as a superuser: grant execute on function pg_control_system() to the serving role",
        ),
        (None, _) => Finding::ok(format!(
            "the database is {found}; no history is remembered here yet"
        )),
        (Some(_), _) => Finding::ok(format!("the database is {found}, as remembered")),
    }
}

fn unreadable_history(file: &Path, error: &std::io::Error) -> Finding {
    Finding::warning(
        format!(
            "what is remembered of the database's history in {} cannot be read: {error}",
            file.display()
        ),
        "the next `masthead serve` remembers what it finds; before, make sure that it finds the right primary",
    )
}

pub(super) fn refused_history(who: &str, refusal: &Refusal) -> Finding {
    Finding::problem(
        format!(
            "{who} is refused: its history is {}, and the site's is {}",
            refusal.found, refusal.known
        ),
        refusal.advice(),
    )
}
