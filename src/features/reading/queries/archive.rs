//! The archive: months that have listed posts, and the posts of a month.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::postgres::PgConnection;

use super::list_query;
use crate::db::Result;
use crate::db::cursor::Cursor;
use crate::features::posts::Card;
use crate::features::posts::queries::{card, card_query};

/// Posts on a page of a month. The query reads one more, and says how many as a number, as those of lists do.
pub const PER_MONTH_PAGE: usize = 100;
const _: () = assert!(
    PER_MONTH_PAGE + 1 == 101,
    "the query of a month says `limit 101`"
);

/// First days of the months that have listed posts, newest first. Jumps from month to month along the index of the list, so a
/// million posts cost no more than their months.
pub async fn months(conn: &mut PgConnection, zone: &Tz) -> Result<Vec<NaiveDate>> {
    // Where clocks are put back to the beginning of a month, Postgres takes the later of the two: `least` goes on from the post
    // that was found, which may be before it.
    Ok(sqlx::query_scalar!(
        r#"with recursive month (first, listed_at) as (
               (select date_trunc('month', listed_at at time zone $1::text), listed_at
                from listed_posts order by listed_at desc, id desc limit 1)
               union all
               select next.* from month, lateral (
                   select date_trunc('month', l.listed_at at time zone $1::text), l.listed_at from listed_posts l
                   where (l.listed_at, l.id) < (least(month.first at time zone $1::text, month.listed_at), 0)
                   order by l.listed_at desc, l.id desc limit 1) next)
           select distinct first::date as "first!" from month order by 1 desc"#,
        zone.name(),
    )
    .fetch_all(conn)
    .await?)
}

/// Listed posts from `since` on, newest first, after `from`. Walks the index of the list.
pub async fn cards_since(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
    from: Cursor,
) -> Result<Vec<Card>> {
    let rows = list_query!(
        conn,
        "",
        "from (select id, listed_at from listed_posts where (listed_at, id) < ($1, $2) and listed_at >= $3
               order by listed_at desc, id desc limit 101) l",
        from.bound(),
        from.key,
        since
    );
    Ok(rows.into_iter().map(|row| card!(row)).collect())
}
