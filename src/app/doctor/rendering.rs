//! Texts whose HTML an older renderer made.

use sqlx::postgres::PgConnection;

use super::Finding;
use crate::db::Result;
use crate::features::rerender::job::RenderAgain;
use crate::features::rerender::queries::{self, Left, MOST_COUNTED, Refused};
use crate::jobs;
use crate::markdown::RENDERER_VERSION;

/// One line has to stay readable.
const MOST_NAMED: usize = 20;

pub(super) async fn examine(conn: &mut PgConnection) -> Result<Vec<Finding>> {
    let left = queries::left(conn, RENDERER_VERSION).await?;
    let under_way = jobs::is_waiting::<RenderAgain>(conn).await?;
    let mut found = vec![judge(left, under_way)];
    found.extend(name(&queries::refused(conn).await?));
    Ok(found)
}

fn judge(left: Left, under_way: bool) -> Finding {
    if (left.posts, left.comments) == (0, 0) {
        return Finding::ok("this version has rendered all posts, pages and comments");
    }
    let waiting = format!(
        "{} posts and pages and {} comments still have the HTML of an older version",
        counted(left.posts),
        counted(left.comments)
    );
    if under_way {
        return Finding::ok(format!(
            "{waiting}; a job is rendering them again, the newest first"
        ));
    }
    Finding::warning(
        format!("{waiting}, and no job is rendering them again"),
        "let `masthead serve` run, or `masthead worker` where the setting `jobs` is `external`; each looks when it starts, and every hour",
    )
}

fn counted(texts: i64) -> String {
    if texts >= MOST_COUNTED {
        format!("more than {}", MOST_COUNTED - 1)
    } else {
        texts.to_string()
    }
}

fn name(refused: &[Refused]) -> Option<Finding> {
    if refused.is_empty() {
        return None;
    }
    let named = list(refused);
    Some(Finding::warning(
        format!(
            "this version refuses to render texts, which keep the HTML that they have: {named}"
        ),
        "they can be read as before; what is wrong stands beside each, for when it is edited",
    ))
}

fn list(refused: &[Refused]) -> String {
    let more = refused.len().saturating_sub(MOST_NAMED);
    let shown = |text: &Refused| format!("{} ({})", text.address, text.reason);
    let mut named = refused
        .iter()
        .take(MOST_NAMED)
        .map(shown)
        .collect::<Vec<_>>()
        .join("; ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    named
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn what_is_left_is_said_with_whether_it_is_under_way() {
        let (none, some) = (
            Left {
                posts: 0,
                comments: 0,
            },
            Left {
                posts: 3,
                comments: MOST_COUNTED,
            },
        );
        assert_eq!(judge(none, false).level, Level::Ok);
        assert_eq!(judge(some, true).level, Level::Ok);
        assert!(
            judge(some, true)
                .what
                .starts_with("3 posts and pages and more than 999999 comments still have")
        );
        assert_eq!(judge(some, false).level, Level::Warning);
    }

    #[test]
    fn a_line_stays_readable() {
        let one = Refused {
            address: "/@ann/deep".to_owned(),
            reason: "Too deep.".to_owned(),
        };
        assert!(name(&[]).is_none());
        assert!(
            name(std::slice::from_ref(&one))
                .unwrap()
                .what
                .ends_with(": /@ann/deep (Too deep.)")
        );
        assert!(
            name(&vec![one; 50])
                .unwrap()
                .what
                .ends_with(") and 30 more")
        );
    }
}
