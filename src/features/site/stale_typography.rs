//! The job that follows a changed choice of typography. `rerender` does it; it is asked for where the choice is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::db::{Result, Tx};
use crate::jobs::{Ids, Job, JobSpec, enqueue};

/// Marks what was rendered under another choice, so that it is rendered again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StaleTypography {
    /// Posts and pages below this id are to be looked at. None: all have been.
    pub posts: Option<i64>,
    pub comments: Option<i64>,
    /// Only the comments under this post.
    pub under: Option<i64>,
    /// It has looked at everything once before: a save that had seen the former choice may have been committed behind its back.
    #[serde(default)]
    pub is_second: bool,
}

impl Job for StaleTypography {
    const SPEC: JobSpec = JobSpec {
        time_limit: Duration::from_secs(120),
        ..JobSpec::named("texts.stale_typography")
    };
}

impl StaleTypography {
    /// Everything on the site.
    pub const ALL: StaleTypography = StaleTypography {
        posts: Some(i64::MAX),
        comments: Some(i64::MAX),
        under: None,
        is_second: false,
    };

    /// The comments under a post: it is rendered by its save.
    pub fn under(post: i64) -> StaleTypography {
        StaleTypography {
            posts: None,
            comments: Some(i64::MAX),
            under: Some(post),
            is_second: false,
        }
    }

    /// The same once more. None where this is that.
    pub fn second(self) -> Option<StaleTypography> {
        let from_the_start = match self.under {
            Some(post) => StaleTypography::under(post),
            None => StaleTypography::ALL,
        };
        (!self.is_second).then_some(StaleTypography {
            is_second: true,
            ..from_the_start
        })
    }

    /// Asks for it in the transaction that changes the choice.
    ///
    /// # Errors
    ///
    /// When the database refuses or is gone.
    pub async fn ask(self, tx: &mut Tx, actor: &Actor) -> Result<()> {
        let ids = Ids {
            correlation_id: Some(actor.correlation_id),
            transaction_id: Some(actor.transaction_id()),
        };
        enqueue(tx, &self, ids, Duration::ZERO).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_looked_at_twice_and_no_more() {
        let over = StaleTypography {
            posts: None,
            comments: None,
            ..StaleTypography::under(7)
        };
        let second = over.second().expect("a second look");
        assert_eq!((second.under, second.comments), (Some(7), Some(i64::MAX)));
        assert!(second.second().is_none());
        let all = StaleTypography::ALL.second().expect("a second look");
        assert_eq!((all.under, all.posts), (None, Some(i64::MAX)));
    }
}
