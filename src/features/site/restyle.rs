//! The job that follows a changed choice of typography. `rerender` does it; it is asked for where the choice is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::db::{Result, Tx};
use crate::jobs::{Ids, Job, JobSpec, enqueue};

/// Marks what was rendered under another choice, so that it is rendered again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Restyle {
    /// Posts and pages below this id are to be looked at. None: all have been.
    pub posts: Option<i64>,
    pub comments: Option<i64>,
    /// Only the comments under this post.
    pub under: Option<i64>,
}

impl Job for Restyle {
    const SPEC: JobSpec = JobSpec {
        time_limit: Duration::from_secs(120),
        ..JobSpec::named("texts.restyle")
    };
}

impl Restyle {
    /// Everything on the site.
    pub const ALL: Restyle = Restyle {
        posts: Some(i64::MAX),
        comments: Some(i64::MAX),
        under: None,
    };

    /// The comments under a post: it is rendered by its save.
    pub fn under(post: i64) -> Restyle {
        Restyle {
            posts: None,
            comments: Some(i64::MAX),
            under: Some(post),
        }
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
