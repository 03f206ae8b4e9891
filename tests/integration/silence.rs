//! A replica that freezes while it is asked.

use crate::support::{Cluster, Line, Proxy};
use masthead::db::embedded::Role;

/// The question was sent, and no answer comes: before it is known that the server is gone, the page is read on another.
#[actix_web::test]
async fn a_page_that_a_replica_keeps_waiting_is_read_elsewhere() {
    let cluster = Cluster::start().await;
    let mut proxies = Vec::new();
    for number in 0..3 {
        proxies.push(Proxy::start(&cluster.servers.connect_options(number, Role::App)).await);
    }
    let app = cluster.node_behind(&proxies).await;
    app.set_up().await;
    app.anonymous().get("/newest").await.assert_status(200);
    app.forget_pages();
    for replica in &proxies[1..] {
        replica.set(Line::Silent);
    }
    app.anonymous().get("/").await.assert_status(200);
    assert!(app.metric("masthead_db_moves_total") >= 1.0, "it was not asked of a replica, so nothing was proved");
}
