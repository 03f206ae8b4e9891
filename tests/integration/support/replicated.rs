//! A site on a primary and two replicas of its own, whose servers the test may break.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use masthead::app::config::Settings;
use masthead::app::history;
use masthead::db::embedded::{Durability, Replicated, Role};
use secrecy::SecretString;
use sqlx::ConnectOptions;

use super::{PATIENCE, Proxy, TempDir, TestApp, until};

/// The servers; dropped after the nodes.
pub struct Cluster {
    pub servers: Replicated,
    _dir: TempDir,
}

impl Cluster {
    /// A migrated primary with two replicas that have everything.
    pub async fn start() -> Cluster {
        Cluster::with(Durability::Fast).await
    }

    pub async fn with(durability: Durability) -> Cluster {
        let dir = TempDir::new();
        let bin_dir = std::env::var_os("MASTHEAD_POSTGRES_BIN_DIR").map(PathBuf::from);
        let base = reachable(&dir.0);
        let servers = Replicated::start(&base, bin_dir, durability, 2).unwrap();
        let owner = servers.connect_options(0, Role::Owner);
        // What is not flushed is not sent: without this replicas are a fifth of a second behind.
        servers.set(0, "synchronous_commit", "on").await.unwrap();
        history::migrate_all(&owner, Role::App.name())
            .await
            .unwrap();
        Cluster { servers, _dir: dir }
    }

    /// A node that reads from both replicas and knows by itself how they are.
    pub async fn node(&self, change: impl FnOnce(&mut Settings)) -> TestApp {
        let addresses = (
            self.servers.connect_options(0, Role::App),
            self.servers.connect_options(0, Role::Superuser),
        );
        let replicas = [1, 2].map(|number| SecretString::from(self.servers.url(number, Role::App)));
        let app = TestApp::on(addresses, |settings| {
            settings.database_replicas = replicas.into();
            change(settings);
        })
        .await;
        app.watch();
        until("both replicas are let in", PATIENCE, async || {
            app.metric("masthead_db_in_rotation") == 2.0
        })
        .await;
        app
    }

    /// The same, by way of a proxy in front of each server.
    pub async fn node_behind(&self, proxies: &[Proxy]) -> TestApp {
        let app_role = |number| self.servers.connect_options(number, Role::App);
        let addresses = (
            proxies[0].options(&app_role(0)),
            self.servers.connect_options(0, Role::Superuser),
        );
        let replicas =
            [1, 2].map(|number| SecretString::from(proxies[number].url(&app_role(number))));
        let app = TestApp::on(addresses, |settings| {
            settings.database_replicas = replicas.into()
        })
        .await;
        app.watch();
        until("both replicas are let in", PATIENCE, async || {
            app.metric("masthead_db_in_rotation") == 2.0
        })
        .await;
        app
    }
}

impl Cluster {
    /// For nodes in other processes: the servers in their first order.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let url = |number, role| self.servers.url(number, role);
        vec![
            ("MASTHEAD_DATABASE_URL", url(0, Role::App)),
            ("MASTHEAD_MIGRATION_DATABASE_URL", url(0, Role::Owner)),
            (
                "MASTHEAD_DATABASE_REPLICAS",
                format!("{},{}", url(1, Role::App), url(2, Role::App)),
            ),
            (
                "MASTHEAD_SECRET",
                "a secret of the test suite, known to everybody".to_owned(),
            ),
        ]
    }

    /// How much of the log a replica has, whether it has applied it or not.
    pub async fn received(&self, number: usize) -> i64 {
        let mut conn = self
            .servers
            .connect_options(number, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let position = "select (coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0')::bigint";
        sqlx::query_scalar(position)
            .fetch_one(&mut conn)
            .await
            .unwrap()
    }

    /// Waits until a replica has everything that the primary has written, applied or not.
    pub async fn until_received(&self, number: usize) {
        let mut conn = self
            .servers
            .connect_options(0, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let end = "select (pg_current_wal_flush_lsn() - '0/0')::bigint";
        let end: i64 = sqlx::query_scalar(end).fetch_one(&mut conn).await.unwrap();
        until("it is received", PATIENCE, async || {
            self.received(number).await >= end
        })
        .await;
    }

    /// Waits until readers find a post on every replica, whichever is asked.
    pub async fn until_public(&self, id: &str) {
        for number in [1, 2] {
            let there = async || {
                self.ids_of_posts(number).await.contains(id) && self.is_public_on(number, id).await
            };
            until("the replica has it", PATIENCE, there).await;
        }
    }

    /// Whether a replica has stopped to replay.
    pub async fn stands_still(&self, number: usize) -> bool {
        let Ok(mut conn) = self
            .servers
            .connect_options(number, Role::Superuser)
            .connect()
            .await
        else {
            return false;
        };
        let state = sqlx::query_scalar::<_, String>("select pg_get_wal_replay_pause_state()");
        state
            .fetch_one(&mut conn)
            .await
            .is_ok_and(|state| state == "paused")
    }

    /// The title that a post has on a server.
    pub async fn title_on(&self, number: usize, id: &str) -> String {
        let mut conn = self
            .servers
            .connect_options(number, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let title =
            sqlx::query_scalar("select title from posts where public_id::text = $1").bind(id);
        title.fetch_one(&mut conn).await.unwrap()
    }

    /// Whether readers see a post on a server.
    pub async fn is_public_on(&self, number: usize, id: &str) -> bool {
        let mut conn = self
            .servers
            .connect_options(number, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let public =
            sqlx::query_scalar("select status = 'published' from posts where public_id::text = $1")
                .bind(id);
        public.fetch_one(&mut conn).await.unwrap()
    }

    /// The public ids of all posts on a server.
    pub async fn ids_of_posts(&self, number: usize) -> HashSet<String> {
        let mut conn = self
            .servers
            .connect_options(number, Role::Superuser)
            .connect()
            .await
            .unwrap();
        let ids: Vec<String> = sqlx::query_scalar("select public_id::text from posts")
            .fetch_all(&mut conn)
            .await
            .unwrap();
        ids.into_iter().collect()
    }
}

/// The database runs as another user where the tests run as root.
fn reachable(dir: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    dir.to_owned()
}
