//! What answers requests: the routes, the middleware around them, and the cache in front of both.

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, web};

use crate::features::accounts::{Pools, form_recovery};
use crate::routes;
use crate::state::AppState;
use crate::web::Error;
use crate::web::fast_path::{FastPath, FastPathState, Parts};
use crate::web::middleware::csrf::OwnOrigin;
use crate::web::middleware::security::Transport;
use crate::web::middleware::{
    csrf, error_page, health, ids, limits, read_your_writes, secret_address, security,
};

/// The whole site with the cache in front of it; tests run the same.
pub fn service(
    app: web::Data<AppState>,
    pools: web::Data<Pools>,
) -> FastPath<
    impl ServiceFactory<
        Request,
        Config = AppConfig,
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let parts = Parts {
        cache: app.cache.clone(),
        db: app.db.clone(),
        node: app.node.clone(),
        health: app.health.clone(),
        proxies: app.proxies.clone(),
        origin: app.origin.clone(),
        exempt: routes::exempt_from_admission(),
        durations: app.request_durations.clone(),
    };
    let memory = FastPathState::new(parts, security::fixed(app.https));
    FastPath::new(memory, self::app(app, pools).into_factory())
}

fn app(
    state: web::Data<AppState>,
    pools: web::Data<Pools>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let origin = OwnOrigin(state.origin.to_string());
    let transport = Transport { https: state.https };
    App::new()
        .app_data(web::Data::new(state.cache.clone()))
        .app_data(web::Data::new(state.node.clone()))
        .app_data(web::Data::new(state.db.clone()))
        .app_data(state.read_your_writes.clone())
        .app_data(state.health.clone())
        .app_data(state.origin.clone())
        .app_data(state.proxies.clone())
        .app_data(state.clients.clone())
        .app_data(state)
        .app_data(pools)
        .app_data(web::Data::new(origin))
        .app_data(web::Data::new(transport))
        // An id that is none and a query that cannot be read name nothing: 404.
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .wrap(from_fn(read_your_writes::remember))
        .wrap(from_fn(health::gate))
        .wrap(from_fn(form_recovery::until_started))
        .wrap(from_fn(limits::body_rate))
        .wrap(from_fn(limits::requests_at_once))
        .wrap(from_fn(csrf::check))
        .wrap(from_fn(error_page::fill))
        .wrap(from_fn(secret_address::mark))
        .wrap(from_fn(security::headers))
        .wrap(from_fn(ids::identify))
        .configure(routes::configure)
}
