//! What a person is told after taking something down: which nodes and caches may still show a copy, and for how long.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::cache::UNPURGED_SECONDS;
use crate::db::Result;
use crate::jobs::PurgesLeft;
use crate::messages::{Message, text};
use crate::state::AppState;
use crate::{cache, jobs};

/// Purges take some hundred milliseconds; a CDN that has not confirmed by then is said to be outstanding.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What has become of the copies of what a business action took down, and which nodes have not confirmed it, once nodes and CDN
/// have had their time; nothing where that action took nothing down.
pub(super) async fn take_down_notice(
    app: &AppState,
    gone: Option<Uuid>,
) -> Result<Option<(String, String)>> {
    let Some(transaction_id) = gone else {
        return Ok(None);
    };
    let Some(status) = cache::purge_status(&app.db, transaction_id).await? else {
        return Ok(None);
    };
    let left = if app.cdn.is_configured() {
        Some(purges_left(app, transaction_id).await?)
    } else {
        None
    };
    let sentence = sentence(status.is_complete(), left);
    Ok(Some((sentence.into(), status.sentence().trim().to_owned())))
}

async fn purges_left(app: &AppState, transaction_id: Uuid) -> Result<PurgesLeft> {
    let began = Instant::now();
    loop {
        let left = jobs::purges_left(&mut *app.db.fresh().await?, transaction_id).await?;
        if left.due == 0 || began.elapsed() > PATIENCE {
            return Ok(left);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// `complete`: every node has confirmed. `left`: what the CDN has to confirm; none where there is no CDN.
fn sentence(complete: bool, left: Option<PurgesLeft>) -> Message {
    match left {
        None if complete => text::site_no_longer_seen(UNPURGED_SECONDS),
        None => text::site_taken_down(),
        Some(left) if left.due > 0 => text::site_taken_down_here(),
        Some(left) if left.all > 0 => text::site_taken_down_but_fetching(),
        Some(_) => text::site_taken_down_at_cdn(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_gone_that_is_not_confirmed() {
        let left = |due, all| Some(PurgesLeft { due, all });
        let said = |complete, left| sentence(complete, left).to_string();
        assert!(said(true, None).contains("10 seconds"));
        assert_eq!(said(false, None), "Taken down.");
        assert!(said(true, left(1, 2)).contains("not confirmed it yet"));
        assert!(said(true, left(0, 1)).contains("within a few seconds"));
        assert_eq!(
            said(true, left(0, 0)),
            "Taken down. The CDN has dropped its copies."
        );
    }
}
