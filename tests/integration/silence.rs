//! A replica that freezes while it is asked.

use crate::support::{Cluster, Line, PATIENCE, Proxy, until};
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
    until("it was asked of a replica", PATIENCE, async || {
        // On a busy machine both may be left out for a moment, and the primary is asked.
        until("replicas are read from", PATIENCE, async || {
            app.metric("masthead_db_in_rotation") == 2.0
        })
        .await;
        app.anonymous().get("/newest").await.assert_status(200);
        app.forget_pages();
        proxies[1..]
            .iter()
            .for_each(|replica| replica.set(Line::Silent));
        app.anonymous().get("/").await.assert_status(200);
        proxies[1..].iter().for_each(|replica| replica.mend());
        app.metric("masthead_db_read_failovers_total") >= 1.0
    })
    .await;
}
