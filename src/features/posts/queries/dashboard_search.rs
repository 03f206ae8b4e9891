//! A tab of the dashboard in another order than the usual one, and what of it holds the words that are looked for.
//!
//! Both read no more than the tab of one account, by the index `posts_shelf`; texts only where words are looked for. No index of texts
//! stands behind it: it would be one of the whole site, to be kept up with every save.

use sqlx::postgres::PgConnection;

use super::{DashboardRow, Tab, dashboard_rows};
use crate::db::Result;
use crate::db::cursor::Cursor;

/// Of whom, and what.
pub struct Sought<'a> {
    pub user_id: i64,
    pub tab: Tab,
    /// Patterns of `like`, all of which have to match; none: everything.
    pub patterns: &'a [String],
}

impl Sought<'_> {
    /// The part of the index that it stands in. What is planned stands among what is published, templates among drafts.
    fn shelf(&self) -> &'static str {
        match self.tab {
            Tab::Scheduled => Tab::Posts.as_str(),
            Tab::Templates => Tab::Drafts.as_str(),
            tab => tab.as_str(),
        }
    }

    /// No letter but those of ASCII has another case, as in Japanese or Arabic: then Postgres folds texts several times as fast.
    fn is_plainly_cased(&self) -> bool {
        let has_case = |c: char| c.is_lowercase() || c.is_uppercase();
        let mut letters = self.patterns.iter().flat_map(|pattern| pattern.chars());
        !letters.any(|c| !c.is_ascii() && has_case(c))
    }

    fn is_scheduled(&self) -> bool {
        self.tab == Tab::Scheduled
    }
}

/// One page. `$key` is what it is sorted by, of the post `p`; `$behind` and `$way` say in which direction.
macro_rules! sought_rows {
    ($conn:expr, $sought:expr, $key:tt $behind:tt $way:tt, $at:expr, $id:expr) => {
        Ok(dashboard_rows!(
            $conn,
            [
                "select p.id, " + $key + " as key
                 from (select o.id, o.title, o.version, o.status, o.saved_at, o.published_at, o.scheduled_for
                       from posts o
                       where o.owner_id = $1
                         and case when deleted_at is not null then 'trash' when kind = 'page' then 'pages'
                                  when status = 'draft' then 'drafts' else 'posts' end = nullif($4::text, 'pages')
                         and ($4 = 'trash' or (o.status = 'scheduled') = $5::boolean) and ($4 <> 'drafts' or o.is_template = $8::boolean)
                       union all
                       select g.id, g.title, g.version, g.status, g.saved_at, g.published_at, g.scheduled_for
                       from shared_posts s cross join lateral (select * from posts where id = s.post_id offset 0) g
                       where s.user_id = $1
                         and case when g.deleted_at is not null then 'trash' when g.kind = 'page' then 'pages'
                                  when g.status = 'draft' then 'drafts' else 'posts' end = nullif($4, 'pages')
                         and ($4 = 'trash' or (g.status = 'scheduled') = $5) and ($4 <> 'drafts' or g.is_template = $8)
                       union all
                       select w.id, w.title, w.version, w.status, w.saved_at, w.published_at, w.scheduled_for
                       from posts w
                       where $4 = 'pages' and w.kind = 'page' and w.deleted_at is null) p
                 where (" + $key + ", p.id) " + $behind + " ($2, $3)
                   and (cardinality($6::text[]) = 0
                        -- One after the other: a text is read only where it is asked for.
                        or exists (select from post_bodies b
                                   where b.post_id = p.id
                                     and (case when $7::boolean then lower(p.title || E'\\n' || b.text collate \"C\")
                                               else lower(p.title || E'\\n' || b.text) end
                                          like all (array(select lower(pattern) from unnest($6) pattern))
                                          -- What is saved and not public yet stands in the newest revision alone.
                                          or p.version > b.revision_number
                                             and exists (select from revisions r
                                                         where r.post_id = p.id and r.number = p.version
                                                           and lower(r.title || E'\\n' || r.markdown)
                                                               like all (array(select lower(pattern) from unnest($6) pattern))))))
                 order by " + $key + $way + ", p.id" + $way + " limit 51"
            ] by ["l.key" + $way + ", l.id" + $way],
            $sought.user_id,
            $at,
            $id,
            $sought.shelf(),
            $sought.is_scheduled(),
            $sought.patterns,
            $sought.is_plainly_cased(),
            $sought.tab == Tab::Templates
        )?)
    };
}

/// Newest save first.
pub async fn newest_sought(
    conn: &mut PgConnection,
    sought: &Sought<'_>,
    from: Cursor,
) -> Result<Vec<DashboardRow>> {
    sought_rows!(conn, sought, "p.saved_at" "<" " desc", from.bound(), from.key)
}

/// Oldest save first.
pub async fn oldest_sought(
    conn: &mut PgConnection,
    sought: &Sought<'_>,
    from: Cursor,
) -> Result<Vec<DashboardRow>> {
    sought_rows!(conn, sought, "p.saved_at" ">" " asc", from.bound(), from.key)
}

/// What is or will be public latest first.
pub async fn published_sought(
    conn: &mut PgConnection,
    sought: &Sought<'_>,
    from: Cursor,
) -> Result<Vec<DashboardRow>> {
    sought_rows!(
        conn,
        sought,
        "coalesce(case when p.status = 'scheduled' then p.scheduled_for end, p.published_at, p.saved_at)" "<" " desc",
        from.bound(),
        from.key
    )
}

/// By title, as dictionaries of most languages have it; those without one first.
pub async fn titles_sought(
    conn: &mut PgConnection,
    sought: &Sought<'_>,
    (title, id): (&str, i64),
) -> Result<Vec<DashboardRow>> {
    sought_rows!(conn, sought, r#"left(p.title, 80) collate "und-x-icu""# ">" " asc", title, id)
}
