//! The purge status of a take-down: which nodes have given up their copies, and which may still show one.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::queries;
use super::queries::Answered;
use crate::db::{Db, Result};
use crate::messages::text;

/// Nodes answer within milliseconds; one that has not by then is named.
const TIMEOUT: Duration = Duration::from_millis(1500);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What is known about the copies.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PurgeStatus {
    /// Names of nodes that have not answered yet.
    pub waiting: Vec<String>,
    /// Names of nodes that have not been heard of for ten seconds: cut off, they may show old copies until they are
    /// back.
    pub silent: Vec<String>,
}

impl PurgeStatus {
    /// Every node that was there lately has given up its copies.
    pub fn is_complete(&self) -> bool {
        self.waiting.is_empty() && self.silent.is_empty()
    }

    /// Which nodes have not, for the author who took something down.
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if !self.waiting.is_empty() {
            text.push_str(&format!(
                " {}",
                text::cache_not_confirmed(self.waiting.join(", "))
            ));
        }
        if !self.silent.is_empty() {
            text.push_str(&format!(
                " {}",
                text::cache_out_of_touch(self.silent.join(", "))
            ));
        }
        text
    }
}

/// Waits a moment for the nodes to answer to the newest take-down of a business action. None where it took nothing
/// down.
pub async fn purge_status(db: &Db, transaction_id: Uuid) -> Result<Option<PurgeStatus>> {
    let began = Instant::now();
    loop {
        let Some(nodes) = queries::answered(&mut *db.fresh().await?, transaction_id).await? else {
            return Ok(None);
        };
        let status = sum(nodes);
        if status.waiting.is_empty() || began.elapsed() > TIMEOUT {
            return Ok(Some(status));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn sum(nodes: Vec<Answered>) -> PurgeStatus {
    let mut status = PurgeStatus::default();
    for node in nodes {
        match (node.acknowledged, node.silent) {
            (true, _) => {}
            (false, false) => status.waiting.push(node.name),
            (false, true) => status.silent.push(node.name),
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_still_have_a_copy_is_named() {
        let node = |name: &str, acknowledged, silent| Answered {
            name: name.into(),
            acknowledged,
            silent,
        };
        let all = sum(vec![node("a", true, false), node("b", true, true)]);
        assert_eq!((all.is_complete(), all.sentence().as_str()), (true, ""));
        let some = sum(vec![
            node("a", true, false),
            node("b", false, false),
            node("c", false, true),
        ]);
        assert!(!some.is_complete());
        assert_eq!(
            some.sentence(),
            " Not confirmed yet: b. Out of touch, so an old copy may be shown there until it is back: c."
        );
    }
}
