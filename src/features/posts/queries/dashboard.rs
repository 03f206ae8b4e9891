//! An author's texts as the dashboard lists them, tab by tab.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::Result;
use crate::db::cursor::Cursor;
use crate::features::posts::model::PostId;

/// A line of the dashboard.
pub struct DashboardRow {
    pub id: PostId,
    pub public_id: Uuid,
    pub kind: String,
    pub title: String,
    /// By which the list is sorted by title: as its author wrote it.
    pub title_key: String,
    pub path: String,
    pub status: String,
    pub unlisted: bool,
    /// The newest one.
    pub version: i32,
    /// A draft that others are begun from.
    pub is_template: bool,
    pub saved_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    /// When it becomes public.
    pub scheduled_for: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    /// From then on it may be deleted for good, where it lies in the trash.
    pub deleted_for_good_at: Option<DateTime<Utc>>,
    pub comment_count: i32,
    pub pending: bool,
    /// What its last review came to, where it is not over: `open`, or `returned` to its author.
    pub review: Option<String>,
    /// Handle of the account at whose address it stands.
    pub owner: String,
    /// The account is named as author, and the post stands at another one's address.
    pub shared: bool,
}

/// Which of a person's texts the dashboard shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Posts,
    Drafts,
    /// What becomes public at a time to come.
    Scheduled,
    /// What waits for an editor: for editors that of all, else the account's own.
    InReview,
    /// Drafts that others are begun from.
    Templates,
    Trash,
    Pages,
}

impl Tab {
    pub fn parse(word: &str) -> Option<Tab> {
        Some(match word {
            "" | "posts" => Tab::Posts,
            "drafts" => Tab::Drafts,
            "scheduled" => Tab::Scheduled,
            "review" => Tab::InReview,
            "templates" => Tab::Templates,
            "trash" => Tab::Trash,
            "pages" => Tab::Pages,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Tab::Posts => "posts",
            Tab::Drafts => "drafts",
            Tab::Scheduled => "scheduled",
            Tab::InReview => "review",
            Tab::Templates => "templates",
            Tab::Trash => "trash",
            Tab::Pages => "pages",
        }
    }
}

/// Lines of the dashboard. `$ids` names the posts of one page of it, from which they are ordered by `$order`.
macro_rules! dashboard_rows {
    ($conn:expr, $ids:tt, $($arg:expr),*) => {
        dashboard_rows!($conn, [$ids] by ["l.saved_at desc, l.id desc"], $($arg),*)
    };
    ($conn:expr, [$($ids:tt)+] by [$($order:tt)+], $($arg:expr),*) => {
        sqlx::query_as!(
            DashboardRow,
            r#"select p.id, p.public_id, p.kind,
                      case when p.title = '' then name_of_untitled(p.id, p.description) else p.title end as "title!",
                      left(p.title, 80) as "title_key!",
                      post_path(p.kind, p.page_path, u.username, p.slug) as "path!",
                      p.status, p.unlisted, p.version, (p.is_template and p.status = 'draft') as "is_template!", p.saved_at, p.published_at, p.deleted_at, p.comment_count,
                      greatest(p.deleted_at, (select ages_from from site where p.deleted_at is not null)) + interval '30 days'
                          as deleted_for_good_at,
                      case when p.status = 'scheduled' then p.scheduled_for end as scheduled_for,
                      (p.status <> 'draft' and coalesce(b.revision_number, 0) < p.version) as "pending!",
                      u.username as owner,
                      (select case when v.ended_at is null then 'open' else v.outcome end
                       from standing_submissions v where v.post_id = p.id) as review,
                      (p.owner_id <> $1 and exists (select 1 from post_authors a where a.post_id = p.id and a.user_id = $1)) as "shared!"
               from ("# + $($ids)+ + r#") l
               join posts p on p.id = l.id join users u on u.id = p.owner_id left join post_bodies b on b.post_id = p.id
               order by "# + $($order)+,
            $($arg),*
        )
        .fetch_all($conn)
        .await
    };
}
pub(super) use dashboard_rows;

/// Lines on a page of the dashboard. The queries below read one more, and say so as a number: see `reading::queries::PER_PAGE`.
pub const LINES_PER_PAGE: usize = 50;
const _: () = assert!(
    LINES_PER_PAGE + 1 == 51,
    "the queries of the dashboard say `limit 51`"
);

/// Posts that an account wrote or co-wrote (pages: those of all), newest save first; [`super::dashboard_search`] has the other orders. Own ones come from the index `posts_shelf`
/// in that order. Those of others, which stand in `shared_posts`, are few. Each of them is looked up (`offset 0`): joined
/// otherwise, all that lies in one tab is read.
pub async fn dashboard(
    conn: &mut PgConnection,
    user_id: i64,
    tab: Tab,
    from: Cursor,
) -> Result<Vec<DashboardRow>> {
    if tab == Tab::Pages {
        return Ok(dashboard_rows!(
            conn,
            "select id, saved_at from posts
             where kind = 'page' and deleted_at is null and (saved_at, id) < ($2, $3)
             order by saved_at desc, id desc limit 51",
            user_id,
            from.bound(),
            from.key
        )?);
    }
    if tab == Tab::Scheduled {
        // All are on one page: what is planned is little. Those of others come by the list of what an account shares.
        return Ok(dashboard_rows!(
            conn,
            "(select id, saved_at from posts
              where owner_id = $1 and status = 'scheduled' and deleted_at is null and kind = 'post' and (saved_at, id) < ($2, $3)
              order by saved_at desc, id desc limit 51)
             union all
             (select g.id, g.saved_at
              from shared_posts s cross join lateral (select * from posts where id = s.post_id offset 0) g
              where s.user_id = $1 and g.status = 'scheduled' and g.deleted_at is null and (g.saved_at, g.id) < ($2, $3)
              order by g.saved_at desc, g.id desc limit 51)
             order by saved_at desc, id desc limit 51",
            user_id,
            from.bound(),
            from.key
        )?);
    }
    if tab == Tab::Templates {
        return Ok(dashboard_rows!(
            conn,
            "(select id, saved_at from posts
              where owner_id = $1 and is_template and status = 'draft' and deleted_at is null and (saved_at, id) < ($2, $3)
              order by saved_at desc, id desc limit 51)
             union all
             (select g.id, g.saved_at
              from shared_posts s cross join lateral (select * from posts where id = s.post_id offset 0) g
              where s.user_id = $1 and g.is_template and g.status = 'draft' and g.deleted_at is null and (g.saved_at, g.id) < ($2, $3)
              order by g.saved_at desc, g.id desc limit 51)
             order by saved_at desc, id desc limit 51",
            user_id,
            from.bound(),
            from.key
        )?);
    }
    Ok(dashboard_rows!(
        conn,
        "(select id, saved_at from posts
          where owner_id = $1 and case when deleted_at is not null then 'trash' when kind = 'page' then 'pages'
                                       when status = 'draft' then 'drafts' else 'posts' end = $4
            and (status <> 'scheduled' or $4 = 'trash') and ($4 <> 'drafts' or not is_template) and (saved_at, id) < ($2, $3)
          order by saved_at desc, id desc limit 51)
         union all
         (select g.id, g.saved_at
          from shared_posts s cross join lateral (select * from posts where id = s.post_id offset 0) g
          where s.user_id = $1 and case when g.deleted_at is not null then 'trash' when g.kind = 'page' then 'pages'
                     when g.status = 'draft' then 'drafts' else 'posts' end = $4
            and (g.status <> 'scheduled' or $4 = 'trash') and ($4 <> 'drafts' or not g.is_template) and (g.saved_at, g.id) < ($2, $3)
          order by g.saved_at desc, g.id desc limit 51)
         order by saved_at desc, id desc limit 51",
        user_id,
        from.bound(),
        from.key,
        tab.as_str()
    )?)
}
