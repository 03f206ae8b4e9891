//! Replicas that freeze while they are asked, and those to which connections open slowly.

use crate::support::{Cluster, Line, PATIENCE, Proxy, until};
use masthead::db::ReadRequirement;
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

/// A node that is too busy to open connections in time takes no replica out of rotation for that: readers would crowd into the
/// primary, which they are kept from. The probes, whose connections are open, go on well.
#[actix_web::test]
async fn a_replica_to_which_connections_open_slowly_stays_in_rotation() {
    let cluster = Cluster::start().await;
    let mut proxies = Vec::new();
    for number in 0..3 {
        proxies.push(Proxy::start(&cluster.servers.connect_options(number, Role::App)).await);
    }
    let app = cluster.node_behind(&proxies).await;
    app.set_up().await;
    let transitions = app.metric("masthead_db_transitions_total");
    let moves = app.metric("masthead_db_read_failovers_total");
    proxies[1..]
        .iter()
        .for_each(|replica| replica.set(Line::Unopened));
    let mut held = Vec::new();
    until("no open connection is left", PATIENCE, async || {
        held.extend(app.db().read(&ReadRequirement::any()).await);
        app.metric("masthead_db_read_failovers_total") > moves
    })
    .await;
    assert_eq!(app.metric("masthead_db_transitions_total"), transitions);
    drop(held);
    app.anonymous().get("/newest").await.assert_status(200);
}
