//! The names of people without an account: they must not pass for an account of the site.

use sqlx::postgres::PgConnection;
use unicode_normalization::char::is_combining_mark;

use super::queries;
use super::reserved_words::looks_reserved;
use crate::db::Result;
use crate::messages::{Message, text};
use crate::web::form;

/// Characters of such a name.
const LONGEST: usize = 40;

/// The name that was typed, or what is wrong with it. Empty where none was.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn guest_name(
    conn: &mut PgConnection,
    typed: &str,
) -> Result<std::result::Result<String, Message>> {
    let name = match form::prose_line(text::accounts_guest_name(), typed, LONGEST) {
        Ok(name) => name,
        Err(fault) => return Ok(Err(fault)),
    };
    if name.contains(['@', '＠', '﹫']) {
        return Ok(Err(text::accounts_guest_name_at()));
    }
    let handle = as_handle(&name);
    let is_taken = !handle.is_empty()
        && (looks_reserved(&handle) || queries::passes_for_account(conn, &handle).await?);
    Ok(match is_taken {
        true => Err(text::accounts_guest_name_taken()),
        false => Ok(name),
    })
}

/// What a reader takes for the handle in a name: neither blanks nor signs keep two names apart.
fn as_handle(name: &str) -> String {
    let is_of_handle = |c: &char| {
        (c.is_alphanumeric() || is_combining_mark(*c) || matches!(c, '-' | '_'))
            && !form::is_default_ignorable(*c)
    };
    name.chars().filter(is_of_handle).collect()
}
