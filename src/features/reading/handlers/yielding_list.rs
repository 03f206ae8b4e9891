//! Lists that stand aside for a page or a redirect that had their address before the site had the list.

use std::ops::ControlFlow;

use super::article::kept_address;
use crate::cache::Public;
use crate::db::ReadConn;
use crate::features::reading::cache_tags as shown;
use crate::features::reading::queries;
use crate::state::PublicRequest;
use crate::web::Result;
use crate::web::route_words::YieldingList;

/// At the list's own path: what keeps it, else a connection for the list.
pub(super) async fn at_own_path(
    ask: &PublicRequest,
    list: &YieldingList,
) -> Result<ControlFlow<Public, ReadConn>> {
    kept_address(ask, ask.read().await?, list.path).await
}

/// Beside it: the way to the list's own path where that is free, else a connection for the list.
pub(super) async fn aside(
    ask: &PublicRequest,
    list: &YieldingList,
) -> Result<ControlFlow<Public, ReadConn>> {
    let mut conn = ask.read().await?;
    Ok(if queries::is_kept(&mut conn, list).await? {
        ControlFlow::Continue(conn)
    } else {
        let tags = shown::at(list.path);
        ControlFlow::Break(Public::moved(list.path.to_owned(), tags))
    })
}
