//! Listed posts, newest first, from a cursor on. Each query walks one index and stops: `plans` of the tests holds that.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Related, RelatedRow, Tag, tags};
use crate::db::Result;
use crate::db::cursor::Cursor;
use crate::features::posts::Card;
use crate::features::posts::queries::{card, card_query};
use crate::features::site::{self, Site, SiteRow};

/// Posts on a page of a list. The queries below read one more, by which a page knows of the next. They say how many as a number: plans
/// are made without the values of parameters, a limit that is one counts as a tenth of all rows, and to sort so many the whole
/// table would be read.
pub const PER_PAGE: usize = 20;
const _: () = assert!(PER_PAGE + 1 == 21, "the queries of lists say `limit 21`");

/// Which posts a list or feed holds.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    Site,
    /// Posts that this person wrote or co-wrote.
    Author(i64),
    Tag(i64),
}

/// A page of a list: `$listed` gives the id and `listed_at` of its posts as `l`.
macro_rules! list_query {
    ($conn:expr, $more:tt, $listed:tt, $($arg:expr),*) => {
        card_query!(
            [$more],
            [$listed + " join public_posts p on p.id = l.id order by l.listed_at desc, l.id desc"],
            $($arg),*
        )
        .fetch_all($conn)
        .await?
    };
}

pub(super) use list_query;

/// The list of the whole site, and what stands around it.
pub struct SiteList {
    pub site: Site,
    pub posts: Listed,
    /// The most used tags.
    pub tags: Vec<Tag>,
    /// The most discussed posts, as they are stored.
    pub discussed: Related,
}

/// Listed posts of the site, newest first, after `from`, with everything else that their page shows along in the first row:
/// one round trip, unless there are none. The pinned ones too, where `pins` says so.
pub async fn site_list(conn: &mut PgConnection, from: Cursor, pins: bool) -> Result<SiteList> {
    let rows = list_query!(
        &mut *conn,
        r#", l.pinned_at as "pinned_at?", case when l.place = 1 then (select frame from site_frame) end as "site?: Json<SiteRow>",
           case when l.place = 1 then array(
               select row(t.id, t.name, t.slug, t.post_count)
               from (select * from tags where post_count > 0 order by post_count desc, slug limit 12) t) end
               as "used?: Vec<(i64, String, String, i32)>",
           case when l.place = 1 and $3 then array(
               select row(row(o.public_id, o.owner, o.path, o.title, o.description, o.language, o.published_at), o.by_name)
               from public_offers o where o.list = 'discussed' order by o.place) end as "discussed?: Vec<RelatedRow>",
           case when l.place = 1 and $3 then array(select post_public_id from offered_posts where list = 'discussed') end
               as "stored?: Vec<Uuid>" "#,
        "from (select l.id, l.listed_at, row_number() over (order by l.listed_at desc, l.id desc) as place,
                      null::timestamptz as pinned_at
               from (select id, listed_at from listed_posts where (listed_at, id) < ($1, $2)
                     order by listed_at desc, id desc limit 21) l
               union all
               select l.id, l.listed_at, 0, b.pinned_at from pinned_posts b join listed_posts l on l.id = b.post_id
               where b.page_of = 0 and $3) l",
        from.bound(),
        from.key,
        pins
    );
    let mut around = None;
    let mut posts = Vec::with_capacity(rows.len());
    for mut row in rows {
        if let Some(found) = row.site.take().zip(row.used.take()) {
            let discussed = row.discussed.take().unwrap_or_default();
            let stored = row.stored.take().unwrap_or_default();
            around = Some((found, Related::of(discussed, stored)));
        }
        posts.push((row.pinned_at, card!(row)));
    }
    let posts = Listed::of(posts);
    let Some(((site, used), discussed)) = around else {
        return Ok(SiteList {
            site: site::load(conn).await?,
            tags: tags(conn, 12).await?,
            discussed: Related::default(),
            posts,
        });
    };
    let tags = used
        .into_iter()
        .map(|(id, name, slug, post_count)| Tag {
            id,
            name,
            slug,
            post_count,
        })
        .collect();
    Ok(SiteList {
        site: site.0.into(),
        posts,
        tags,
        discussed,
    })
}

/// A page of a list, and the posts that are pinned above it.
pub struct Listed {
    /// The one pinned last comes first.
    pub pinned: Vec<Card>,
    /// Those that are pinned stand here too.
    pub cards: Vec<Card>,
}

impl Listed {
    /// Each with when it was pinned, if it was selected as pinned.
    fn of(rows: impl IntoIterator<Item = (Option<DateTime<Utc>>, Card)>) -> Listed {
        let (mut pinned, mut cards) = (Vec::new(), Vec::new());
        for (pinned_at, card) in rows {
            match pinned_at {
                Some(at) => pinned.push((at, card)),
                None => cards.push(card),
            }
        }
        pinned.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Listed {
            pinned: pinned.into_iter().map(|(_, card)| card).collect(),
            cards,
        }
    }
}

/// Listed posts of an author, newest first, after `from`. Walks one partial index backwards. On the first page, what the author
/// has pinned comes along.
pub async fn cards_by(conn: &mut PgConnection, author: i64, from: Cursor) -> Result<Listed> {
    let rows = list_query!(
        conn,
        r#", l.pinned_at as "pinned_at?""#,
        "from (select l.id, l.listed_at, null::timestamptz as pinned_at
               from (select post_id as id, listed_at from listed_posts_by_author
                     where user_id = $3 and (listed_at, post_id) < ($1, $2)
                     order by listed_at desc, post_id desc limit 21) l
               union all
               select l.post_id, l.listed_at, b.pinned_at
               from pinned_posts b join listed_posts_by_author l on l.post_id = b.post_id and l.user_id = b.page_of
               where b.page_of = $3 and $4) l",
        from.bound(),
        from.key,
        author,
        from == Cursor::START
    );
    let rows = rows.into_iter();
    Ok(Listed::of(rows.map(|row| (row.pinned_at, card!(row)))))
}

/// Listed posts with a tag, as [`cards_by`] gives those of an author.
pub async fn cards_tagged(conn: &mut PgConnection, tag: i64, from: Cursor) -> Result<Vec<Card>> {
    let rows = list_query!(
        conn,
        "",
        "from (select post_id as id, listed_at from listed_posts_by_tag
               where tag_id = $3 and (listed_at, post_id) < ($1, $2)
               order by listed_at desc, post_id desc limit 21) l",
        from.bound(),
        from.key,
        tag
    );
    Ok(rows.into_iter().map(|row| card!(row)).collect())
}

/// Paths of the hundred newest listed posts.
pub async fn newest_paths(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select p.path as "path!"
           from (select id, listed_at from listed_posts order by listed_at desc, id desc limit 100) l
           join public_posts p on p.id = l.id
           order by l.listed_at desc, l.id desc"#
    )
    .fetch_all(conn)
    .await?)
}

/// Whether a cursor names a listed post, as those in our pages do. The start always does, and costs nothing.
pub async fn is_place(conn: &mut PgConnection, cursor: Cursor) -> Result<bool> {
    if cursor == Cursor::START {
        return Ok(true);
    }
    Ok(sqlx::query_scalar!(
        r#"select exists (select from listed_posts where id = $1 and listed_at = $2) as "known!""#,
        cursor.key,
        cursor.bound(),
    )
    .fetch_one(conn)
    .await?)
}
