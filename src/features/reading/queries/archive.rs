//! The archive: months that have listed posts, and the posts of a month.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
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
pub async fn months(conn: &mut PgConnection) -> Result<Vec<NaiveDate>> {
    Ok(sqlx::query_scalar!(
        r#"with recursive month (first) as (
               (select date_trunc('month', listed_at at time zone 'UTC') from listed_posts order by listed_at desc, id desc limit 1)
               union all
               select (select date_trunc('month', l.listed_at at time zone 'UTC') from listed_posts l
                       where (l.listed_at, l.id) < (month.first at time zone 'UTC', 0)
                       order by l.listed_at desc, l.id desc limit 1)
               from month where month.first is not null)
           select first::date as "first!" from month where first is not null"#
    )
    .fetch_all(conn)
    .await?)
}

/// The beginning of a day, in the time by which posts are listed.
pub fn begin(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Listed posts from `first` on, newest first, after `from`. Walks the index of the list.
pub async fn cards_since(
    conn: &mut PgConnection,
    first: NaiveDate,
    from: Cursor,
) -> Result<Vec<Card>> {
    let rows = list_query!(
        conn,
        "",
        "from (select id, listed_at from listed_posts where (listed_at, id) < ($1, $2) and listed_at >= $3
               order by listed_at desc, id desc limit 101) l",
        from.bound(),
        from.key,
        begin(first)
    );
    Ok(rows.into_iter().map(|row| card!(row)).collect())
}
