use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::body::to_bytes;
use actix_web::dev::{AppConfig, Service};
use actix_web::test::TestRequest;
use actix_web::web;
use futures_util::future::{LocalBoxFuture, poll_immediate};
use masthead::app::config::Settings;
use masthead::app::{build_pools, build_state, registry, service, worker};
use masthead::cache::{Cache, invalidation_feed};
use masthead::features::accounts::Pools;
use masthead::features::accounts::key_of;
use masthead::jobs::Worker;
use masthead::state::AppState;
use masthead::web::cpu_pool::CpuPool;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use url::Url;

use super::actor::Actor;
use super::{PASSWORD, PATIENCE, Proxy, Response, cluster, served, until};

type Call = dyn Fn(TestRequest) -> LocalBoxFuture<'static, Response>;

/// See [`TestApp::fill_password_queue`].
pub struct FullQueue {
    _free: mpsc::Sender<()>,
    _waiting: Vec<LocalBoxFuture<'static, bool>>,
}

/// A site of its own.
#[derive(Clone)]
pub struct TestApp {
    call: Rc<Call>,
    state: web::Data<AppState>,
    pools: web::Data<Pools>,
    /// The database as the serving role and as superuser.
    addresses: Rc<(PgConnectOptions, PgConnectOptions)>,
    /// The database as superuser, for builders and for looking at what no route shows.
    pub database: PgPool,
    people: Rc<Cell<u32>>,
}

impl TestApp {
    /// An empty site that nobody set up yet.
    pub async fn empty() -> TestApp {
        TestApp::with(|_| {}).await
    }

    /// An empty site with other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> TestApp {
        TestApp::on(cluster::database().await, change).await
    }

    /// A site on a database that the first release which serves it has to bring up to date.
    pub async fn before_any_release() -> TestApp {
        TestApp::on(cluster::database_before_any_release().await, |_| {}).await
    }

    /// A node of a site on these databases: as the app and as superuser.
    pub(super) async fn on(
        addresses: (PgConnectOptions, PgConnectOptions),
        change: impl FnOnce(&mut Settings),
    ) -> TestApp {
        let mut settings = Settings::for_tests();
        settings.site_url = Url::parse("http://blog.example").unwrap();
        change(&mut settings);
        let state = build_state(addresses.0.clone(), &settings).unwrap();
        let pools = build_pools(&settings).unwrap();
        state.health.start();
        let site = service(state.clone(), pools.clone())
            .into_factory()
            .new_service(AppConfig::default());
        let service = Rc::new(site.await.expect("a site can always be made"));
        let call = move |request: TestRequest| -> LocalBoxFuture<'static, Response> {
            let service = service.clone();
            Box::pin(async move {
                let response = service
                    .call(request.to_request())
                    .await
                    .expect("every error is an answer");
                let (head, body) = response.into_parts();
                let body = to_bytes(body).await.unwrap_or_default().to_vec();
                Response {
                    status: head.status(),
                    headers: head.headers().clone(),
                    body,
                }
            })
        };
        let database = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy_with(addresses.1.clone());
        TestApp {
            call: Rc::new(call),
            state,
            pools,
            addresses: Rc::new(addresses),
            database,
            people: Rc::default(),
        }
    }

    /// An empty site whose app reaches its database by way of a proxy.
    pub async fn behind_a_proxy() -> (TestApp, Proxy) {
        let (serving, superuser) = cluster::database().await;
        let proxy = Proxy::start(&serving).await;
        let app = TestApp::on((proxy.options(&serving), superuser), |_| {}).await;
        app.watch();
        (app, proxy)
    }

    /// Another node of the same site. Both follow each other from now on.
    pub async fn second_node(&self) -> TestApp {
        let second = TestApp {
            people: self.people.clone(),
            ..TestApp::on((*self.addresses).clone(), |_| {}).await
        };
        self.follow().await;
        second.follow().await;
        second
    }

    /// A node of the same site that keeps nothing in memory.
    pub async fn without_memory(&self) -> TestApp {
        self.node_with(|settings| settings.cache_mb = 0).await
    }

    /// A node of the same site with other settings.
    pub async fn node_with(&self, change: impl FnOnce(&mut Settings)) -> TestApp {
        TestApp::on((*self.addresses).clone(), change).await
    }

    /// Nobody but the superuser can connect any more, and who is connected is cut off.
    pub async fn lose_database(&self) {
        self.admit(false).await;
    }

    pub async fn find_database(&self) {
        self.admit(true).await;
    }

    async fn admit(&self, everybody: bool) {
        let name: String = sqlx::query_scalar("select current_database()::text")
            .fetch_one(&self.database)
            .await
            .unwrap();
        let limit = if everybody { -1 } else { 0 };
        let statement = format!("alter database {name} connection limit {limit}");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&self.database)
            .await
            .unwrap();
        if !everybody {
            self.count(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and usename = 'masthead_app'",
            )
            .await;
        }
    }

    /// Asks until the answer has this status and holds this text.
    pub async fn until_answered(&self, path: &str, status: u16, text: &str) {
        until(path, Duration::from_secs(40), async || {
            let answer = self.anonymous().get(path).await;
            answer.status.as_u16() == status && answer.text().contains(text)
        })
        .await;
    }

    /// Follows what other nodes change, as `serve` does.
    pub async fn follow(&self) {
        let AppState {
            db, cache, node, ..
        } = &**self.state;
        tokio::spawn(invalidation_feed::run(
            db.clone(),
            cache.clone(),
            node.id,
            node.name.clone(),
        ));
        tokio::spawn(masthead::db::notify_peers(db.clone()));
        assert!(cache.feed().established(PATIENCE).await);
    }

    /// Looks at the database servers, as `serve` does.
    pub fn watch(&self) {
        masthead::db::watch(&self.state.db);
    }

    /// The sum of the values of a metric, whatever their labels.
    pub fn metric(&self, name: &str) -> f64 {
        self.metric_where(name, "")
    }

    /// Connections of all pools that are `idle` or `in_use`.
    pub fn connections(&self, state: &str) -> f64 {
        self.metric_where("masthead_db_connections", &format!("state=\"{state}\""))
    }

    /// Every metric of this node, in the text format of Prometheus.
    pub fn scrape(&self) -> String {
        registry(&self.state).scrape().unwrap()
    }

    /// The sum of those whose labels contain this text.
    pub fn metric_where(&self, name: &str, label: &str) -> f64 {
        let text = self.scrape();
        let is_it = |line: &&str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['{', ' ']))
                && line.contains(label)
        };
        text.lines()
            .filter(is_it)
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// A public page in an encoding. The first answer is plain: it is compressed behind it.
    pub async fn encoded(&self, path: &str, encoding: &str) -> Response {
        let mut answer = None;
        until(path, PATIENCE, async || {
            let now = self
                .call(TestRequest::with_uri(path).insert_header(("accept-encoding", encoding)))
                .await;
            let done = encoding == "identity" || now.header("content-encoding") == Some(encoding);
            answer = Some(now);
            done
        })
        .await;
        answer.expect("it was asked for")
    }

    /// The pages in memory.
    pub fn cache(&self) -> &Cache {
        &self.state.cache
    }

    /// Gives every page up, after a test has written tables directly: no route did, so nothing was invalidated.
    pub fn forget_pages(&self) {
        self.state.db.invalidations().versions.bump_all(None);
    }

    /// A site that is set up and open, with nobody but the owner.
    pub async fn new() -> TestApp {
        let app = TestApp::empty().await;
        app.set_up().await;
        app
    }

    /// Sets the site up and gives the owner.
    pub async fn set_up(&self) -> Actor {
        let mut owner = self.anonymous();
        let code = self.set_up_code();
        let form = [
            ("code", code.as_str()),
            ("sign_up", "open"),
            ("sign_up_role", "author"),
            ("site_name", "Harbour"),
            ("username", "olga"),
            ("name", "Olga Owner"),
            ("email", "olga@example.org"),
            ("password", PASSWORD),
        ];
        owner.post("/setup", &form).await.assert_status(303);
        owner.named("olga")
    }

    /// What `serve` prints while there is no owner.
    pub fn set_up_code(&self) -> String {
        masthead::features::setup::code::code(&self.state.key)
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.clone())
    }

    pub async fn owner(&self) -> Actor {
        self.sign_in("olga").await
    }

    /// Somebody new who signed up and may write.
    /// So many accounts, each with a published post; past the pages, so copies of those do not hear of it.
    pub async fn publishing_people(&self, name: &str, count: usize) {
        let names: Vec<String> = (1..=count).map(|n| format!("{name}-{n}")).collect();
        let keys: Vec<String> = names.iter().map(|name| key_of(name)).collect();
        sqlx::query(
            "with people as (
                 insert into users (public_id, username, username_key, name, role)
                 select gen_random_uuid(), name, key, name, 'author' from unnest($1::text[], $2::text[]) as t (name, key)
                 returning id),
             profiles as (insert into user_profiles (user_id) select id from people),
             made as (
                 insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
                 select gen_random_uuid(), 'post', id, 'Of theirs', 'of-theirs', 'published', now(), now(), now()
                 from people returning id, owner_id, listed_at)
             insert into post_authors (post_id, user_id, position, listed_at)
             select id, owner_id, 0, listed_at from made",
        )
        .bind(names)
        .bind(keys)
        .execute(&self.database)
        .await
        .unwrap();
    }

    pub async fn author(&self, username: &str) -> Actor {
        let mut actor = self.anonymous();
        let number = self.people.get() + 1;
        self.people.set(number);
        let email = format!("person{number}@example.org");
        let form = [
            ("username", username),
            ("name", ""),
            ("email", &email),
            ("password", PASSWORD),
        ];
        actor.post("/signup", &form).await.assert_status(303);
        actor.named(username)
    }

    /// Somebody new with a role, given by the database: how roles are given is tested elsewhere.
    pub async fn person(&self, username: &str, role: &str) -> Actor {
        let actor = self.author(username).await;
        sqlx::query("update users set role = $2 where username = $1")
            .bind(username)
            .bind(role)
            .execute(&self.database)
            .await
            .unwrap();
        actor
    }

    pub async fn sign_in(&self, username: &str) -> Actor {
        let mut actor = self.anonymous();
        actor
            .post("/login", &[("login", username), ("password", PASSWORD)])
            .await
            .assert_status(303);
        actor.named(username)
    }

    /// The database as the serving role.
    pub fn serving_role(&self) -> PgConnectOptions {
        self.addresses.0.clone()
    }

    /// The site's own pools, for what has no route.
    pub fn db(&self) -> masthead::db::Db {
        self.state.db.clone()
    }

    /// Every thread that hashes passwords is busy, and as many requests wait for one as may, until the value is dropped.
    pub async fn fill_password_queue(&self) -> FullQueue {
        let pool = self.pools.hasher.pool();
        let (free, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let mut waiting = Vec::new();
        loop {
            let (pool, held) = (pool.clone(), held.clone());
            let mut request: LocalBoxFuture<'static, bool> = Box::pin(async move {
                let work = move || held.lock().is_ok_and(|held| held.recv().is_ok());
                pool.run(work).await.is_ok()
            });
            match poll_immediate(&mut request).await {
                None => waiting.push(request),
                Some(done) => {
                    assert!(!done, "nothing is done while the queue is full");
                    return FullQueue {
                        _free: free,
                        _waiting: waiting,
                    };
                }
            }
        }
    }

    /// The thread that hashes passwords is busy until the value is dropped.
    pub async fn hold_password_thread(&self) -> mpsc::Sender<()> {
        hold_thread(self.pools.hasher.pool()).await
    }

    /// The thread that decodes pictures is busy until the value is dropped, with a picture whose client has hung up.
    pub async fn hold_picture_thread(&self) -> mpsc::Sender<()> {
        hold_thread(self.pools.pictures.pool()).await
    }

    /// How many pictures wait to be decoded.
    pub fn pictures_waiting(&self) -> usize {
        self.pools.pictures.pool().waiting()
    }

    /// How many requests wait for a thread that hashes passwords.
    pub fn passwords_waiting(&self) -> usize {
        self.pools.hasher.pool().waiting()
    }

    /// Lets the clock of the database differ from the clocks of its nodes by this interval. Before anything is asked of it.
    pub async fn shift_database_clock(&self, by: &str) {
        let name: String = sqlx::query_scalar("select current_database()::text")
            .fetch_one(&self.database)
            .await
            .unwrap();
        let statement = format!(
            "create schema clock;
             create function clock.now() returns timestamptz language sql stable as
                 $$ select pg_catalog.now() + interval '{by}' $$;
             grant usage on schema clock to masthead_app;
             alter database {name} set search_path = clock, pg_catalog, public;"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&self.database)
            .await
            .unwrap();
    }

    /// Does jobs, as `masthead serve` does beside the pages.
    pub fn start_worker(&self) -> Worker {
        worker::start(&self.state, &self.addresses.0)
    }

    /// One number from the database.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.database)
            .await
            .unwrap()
    }

    /// The same where the database may be gone.
    pub async fn count_or_zero(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.database)
            .await
            .unwrap_or(0)
    }

    /// One text from the database.
    pub async fn text(&self, query: &'static str) -> String {
        sqlx::query_scalar(query)
            .fetch_one(&self.database)
            .await
            .unwrap()
    }

    /// The same site by way of a port: of a node in another process, or of a cache in front of one.
    pub fn through(&self, port: u16) -> TestApp {
        let call = move |request: TestRequest| -> LocalBoxFuture<'static, Response> {
            Box::pin(served::send(port, request))
        };
        TestApp {
            call: Rc::new(call),
            ..self.clone()
        }
    }

    /// The database for other processes, as the serving role and as who owns the tables.
    pub fn database_urls(&self) -> (String, String) {
        let at = &self.addresses.0;
        let (socket, port, name) = (
            at.get_socket().unwrap(),
            at.get_port(),
            at.get_database().unwrap(),
        );
        let url = |role: &str| {
            format!(
                "postgres://{role}@localhost:{port}/{name}?host={}&sslmode=disable",
                socket.display()
            )
        };
        (url(at.get_username()), url("masthead_owner"))
    }

    pub async fn call(&self, request: TestRequest) -> Response {
        (self.call)(request).await
    }
}

/// The request that began the work is dropped here, as when a client hangs up: the work goes on.
async fn hold_thread(pool: &CpuPool) -> mpsc::Sender<()> {
    let (pool, (free, held)) = (pool.clone(), mpsc::channel::<()>());
    let mut request = Box::pin(async move { pool.run(move || held.recv()).await.is_ok() });
    assert!(
        poll_immediate(&mut request).await.is_none(),
        "the thread was free"
    );
    free
}
