//! What the author is told after taking a text down: who may still show a copy (rule B12).

use uuid::Uuid;

use crate::app::AppState;
use crate::web::Result;
use crate::{cache, jobs};

/// One sentence or two about the take-down of a business action; nothing when there was none.
pub(super) async fn of(app: &AppState, gone: Option<Uuid>) -> Result<Option<String>> {
    let Some(transaction_id) = gone else { return Ok(None) };
    let Some(receipt) = cache::receipt(&app.db, transaction_id).await? else { return Ok(None) };
    let mut text = receipt.sentence();
    if app.cdn.is_configured() {
        let left = jobs::purges_left(&mut *app.db.fresh().await?, transaction_id).await?;
        text.push_str(match left {
            0 => " The CDN has dropped its copies.",
            _ => " The CDN is being told: load this page again to see whether it has dropped its copies.",
        });
    }
    Ok(Some(text))
}
