//! The columns of a card. Every list of posts, also those of other features, selects them by these macros, so that none misses one.

/// A query of public posts as lists show them. In brackets: further columns, beginning with a comma, and what they are selected
/// from, with `public_posts` as `p`. [`card`] makes a card of a row.
///
/// The authors are rows inside of the row. As JSON they would take Postgres twice as long.
macro_rules! card_query {
    ([$($more:tt)+], [$($from:tt)+] $(, $arg:expr)* $(,)?) => {
        sqlx::query!(
            r#"select p.id as "id!", p.public_id as "public_id!", p.title = '' as "is_untitled!",
                      case when p.title = '' then coalesce((select heading from post_bodies where post_id = p.id), '')
                           else p.title end as "title!",
                      p.slug as "slug!", p.owner as "owner!",
                      p.description as "description!", p.language as "language!", p.cover_url as "cover_url!",
                      p.cover_alt as "cover_alt!", p.minutes as "minutes!", p.comment_count as "comment_count!",
                      p.published_at as "published_at!", p.changed_at as "changed_at!",
                      array(select row(a.position, w.username, w.name, w.avatar_id)
                            from post_authors a join users w on w.id = a.user_id where a.post_id = p.id)
                          as "authors!: Vec<crate::features::posts::AuthorRow>",
                      array(select row(pt.position, t.name, t.slug)
                            from post_tags pt join tags t on t.id = pt.tag_id where pt.post_id = p.id)
                          as "tags!: Vec<crate::features::posts::TagRow>""#
                + $($more)+ + " " + $($from)+,
            $($arg),*
        )
    };
}

macro_rules! card {
    ($row:ident) => {
        crate::features::posts::Card {
            id: $row.id,
            public_id: $row.public_id,
            title: $row.title,
            is_untitled: $row.is_untitled,
            slug: $row.slug,
            owner: $row.owner,
            description: $row.description,
            language: $row.language,
            cover_url: $row.cover_url,
            cover_alt: $row.cover_alt,
            minutes: $row.minutes,
            comment_count: $row.comment_count,
            published_at: $row.published_at,
            changed_at: $row.changed_at,
            authors: crate::features::posts::bylines($row.authors),
            tags: crate::features::posts::tag_names($row.tags),
        }
    };
}

pub(crate) use {card, card_query};
