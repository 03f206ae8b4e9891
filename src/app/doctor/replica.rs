//! Whether a replica can be read from, and how far it is behind.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::Finding;
use super::database::{PATIENCE, SESSION_MODE, refused};
use super::history_verdicts::refused_history;
use crate::db::Result;
use crate::db::cluster::history;
use crate::db::cluster::history::{Refusal, SiteHistory};
use crate::db::diagnostics;
use crate::db::diagnostics::{Pooler, ReplicaStanding};

/// Whether a replica can be read from, and can say how it is.
pub(super) async fn replica(options: &PgConnectOptions, site: Option<SiteHistory>) -> Finding {
    let who = format!(
        "the replica at {}:{}",
        options.get_host(),
        options.get_port()
    );
    match tokio::time::timeout(PATIENCE, ask_replica(options, site)).await {
        Err(_) => Finding::problem(
            format!("{who} gives no answer"),
            "check host, port and firewall",
        ),
        Ok(Err(error)) => refused(&who, &error),
        Ok(Ok((_, _, Some(refusal)))) => refused_history(&who, &refusal),
        Ok(Ok((standing, pooler, None))) => {
            judge_replica(&who, &standing, pooler, options.get_username())
        }
    }
}

async fn ask_replica(
    options: &PgConnectOptions,
    site: Option<SiteHistory>,
) -> Result<(ReplicaStanding, Pooler, Option<Refusal>)> {
    let mut conn = options.connect().await?;
    let standing = diagnostics::standing(&mut conn).await?;
    let (found, role) = history::identify(&mut conn).await?;
    conn.close().await?;
    let refusal = site.and_then(|site| site.judge(found, role));
    Ok((standing, diagnostics::pooler(options).await?, refusal))
}

fn judge_replica(who: &str, standing: &ReplicaStanding, pooler: Pooler, role: &str) -> Finding {
    match pooler {
        Pooler::Transaction => Finding::problem(
            format!(
                "a pooler such as PgBouncer stands before {who}, in transaction mode, in which answers get mixed up"
            ),
            SESSION_MODE,
        ),
        _ if !standing.in_recovery => Finding::problem(
            format!("{who} is no replica: it takes changes of its own"),
            "let database_replicas name streaming replicas of the primary",
        ),
        _ if !standing.may_tell => Finding::warning(
            format!("{who} cannot say from whom and how lately it heard"),
            format!("on the primary, as a superuser: grant pg_read_all_stats to {role}"),
        ),
        _ => Finding::ok(format!("{who} can be read from")),
    }
}
