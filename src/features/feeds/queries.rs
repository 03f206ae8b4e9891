//! The newest listed posts with their whole texts.

use sqlx::postgres::PgConnection;

use crate::db::Result;
use crate::features::posts::Card;
use crate::features::posts::queries::{card, card_query};
use crate::features::reading::Scope;

/// A listed post with its whole text.
pub struct Row {
    pub card: Card,
    pub html: String,
    /// Where the text appeared first; empty when here.
    pub canonical_url: String,
}

macro_rules! entry_query {
    ($conn:expr, $listed:tt, $($arg:expr),*) => {
        card_query!(
            [r#", b.html, p.canonical_url as "canonical_url!""#],
            [$listed + " join public_posts p on p.id = l.id join post_bodies b on b.post_id = p.id
                        order by l.listed_at desc, l.id desc"],
            $($arg),*
        )
        .fetch_all($conn)
        .await?
        .into_iter()
        .map(|row| Row {
            html: row.html,
            canonical_url: row.canonical_url,
            card: card!(row),
        })
        .collect()
    };
}

/// The twenty newest listed posts of a scope, in one round trip: programs ask at least once a day, and nothing but an import
/// publishes more in between. Each arm walks one partial index backwards and stops. The limit is a number, not a parameter: a
/// plan that does not know it reads the whole table.
pub async fn entries(conn: &mut PgConnection, scope: Scope) -> Result<Vec<Row>> {
    Ok(match scope {
        Scope::Site => entry_query!(
            conn,
            "from (select id, listed_at from listed_posts order by listed_at desc, id desc limit 20) l",
        ),
        Scope::Author(author) => entry_query!(
            conn,
            "from (select post_id as id, listed_at from listed_posts_by_author
                   where user_id = $1 order by listed_at desc, post_id desc limit 20) l",
            author
        ),
        Scope::Tag(tag) => entry_query!(
            conn,
            "from (select post_id as id, listed_at from listed_posts_by_tag
                   where tag_id = $1 order by listed_at desc, post_id desc limit 20) l",
            tag
        ),
    })
}
