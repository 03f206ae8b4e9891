//! Dispatch before the site: what memory answers never reaches it (an actix `Service` around the whole site).

use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::{ConnectionType, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};

use super::state::{FastPathState, may_be_in_memory};

/// Puts memory in front of a site.
pub struct FastPath<F> {
    site: F,
    state: Rc<FastPathState>,
}

impl<F> FastPath<F> {
    /// `site` gets what memory does not answer.
    pub fn new(state: FastPathState, site: F) -> Self {
        FastPath {
            site,
            state: Rc::new(state),
        }
    }
}

impl<F> ServiceFactory<Request> for FastPath<F>
where
    F: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<BoxBody>,
            Error = actix_web::Error,
        >,
    F::Future: 'static,
    F::Service: 'static,
    <F::Service as Service<Request>>::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Config = AppConfig;
    type Service = FastPathService<F::Service>;
    type InitError = F::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, Self::InitError>>>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let (site, state) = (self.site.new_service(config), self.state.clone());
        Box::pin(async move {
            Ok(FastPathService {
                site: Rc::new(site.await?),
                state,
            })
        })
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<BoxBody>, actix_web::Error>>>>;

/// One for each worker.
pub struct FastPathService<S> {
    site: Rc<S>,
    state: Rc<FastPathState>,
}

impl<S> Service<Request> for FastPathService<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> + 'static,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Future = Answering;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.site.poll_ready(cx)
    }

    fn call(&self, req: Request) -> Self::Future {
        if self.state.health.is_draining() {
            return self.answer_and_close(req);
        }
        self.answer_or_forward(req)
    }
}

impl<S> FastPathService<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> + 'static,
    S::Future: 'static,
{
    /// Before the process ends: a connection that is kept would be cut at some request.
    fn answer_and_close(&self, req: Request) -> Answering {
        let answered = self.answer_or_forward(req);
        Box::pin(async move {
            let mut response = answered.await?;
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
            Ok(response)
        })
    }

    /// From memory, else from the site.
    fn answer_or_forward(&self, req: Request) -> Answering {
        let (in_memory, began) = (may_be_in_memory(&req), Instant::now());
        // Keys are canonical paths: one that two machines could read differently is none.
        if in_memory && let Some(response) = self.state.answer_from_worker_cache(&req, began) {
            return Box::pin(ready(Ok(response)));
        }
        let (site, state) = (self.site.clone(), self.state.clone());
        Box::pin(async move {
            if in_memory && let Some(entry) = state.cache.fresh(req.uri().path(), began).await {
                state
                    .worker_cache
                    .remember(&state.cache, req.uri().path(), &entry, began);
                return Ok(state.answer(&req, &entry, began));
            }
            match state.answer_instead(&req, began).await {
                Some(response) => Ok(response),
                None => {
                    let method = req.method().clone();
                    let answered = site.call(req).await;
                    state.observe(&method, &answered, began);
                    Ok(answered?.into())
                }
            }
        })
    }
}
