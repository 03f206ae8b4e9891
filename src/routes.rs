//! Every URL of the site, in groups, each with the access that it asks for and what it costs: the table of contents. A route
//! without an access cannot be written down here, and nothing is served that is not here.
//!
//! **What a request passes** on its way to a handler, from outside: the layers of the whole site (`app/service.rs`), then those
//! of its route, which [`route`] lists.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Route, guard, web};

use crate::features::accounts::form_recovery;
use crate::features::accounts::route_access::{self, Access};
use crate::features::posts::old_address;
use crate::features::{accounts, comments, feeds, me, posts, reading, setup, undo};
use crate::web::middleware::{health, private_answer, time_limit};
use crate::web::overload::Exempt;
use crate::web::{Cost, assets, priority, public};

/// One line of the table.
pub struct Line {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub cost: Cost,
    handler: fn(Route) -> Route,
}

macro_rules! table {
    ($($method:ident $path:literal $access:ident $([$($query:literal),*])? $(($queries:path))? $($cost:ident)?
       => $handler:path;)*) => {
        vec![$(Line {
            method: Method::$method,
            path: $path,
            access: Access::$access,
            cost: table!(@cost $method $($cost)?),
            handler: table!(@handler $access $path [$($($query),*)?] [$($queries)?] $handler),
        }),*]
    };
    (@cost GET) => { Cost::Page };
    (@cost POST) => { Cost::Form };
    (@cost $method:ident $cost:ident) => { Cost::$cost };
    (@handler CachedPublic $path:literal [$($query:literal),*] [] $handler:path) => {
        |route| public::page(route, $path, &[$($query),*], $handler)
    };
    (@handler CachedPublic $path:literal [] [$queries:path] $handler:path) => {
        |route| public::page(route, $path, $queries, $handler)
    };
    (@handler $access:ident $path:literal [] [] $handler:path) => {
        |route| route.to($handler)
    };
}

/// The table. Where two patterns fit an address, the upper one answers. In brackets stand the query parameters that
/// make a difference to a page, or their list; others are as if they had not been sent. Where no [`Cost`] is named, a GET costs
/// a page and a POST a form.
pub fn table() -> Vec<Line> {
    use accounts::handlers::{
        avatars, handles, invitations, people, sessions, settings, sign_in, sign_up,
    };
    use comments::handlers::{compose, delete, edit, moderate, queue, report, show};
    use posts::handlers::{
        bulk, byline, correct, dashboard, duplicate, editor, history, leave_note, merge, notes,
        pins, preview, preview_links, publish, review, schedule, shared_preview, tags, template,
        trash, unpublish,
    };
    use reading::handlers::{archive, article, authors, corrections, lists, social_images};
    table! {
        // Reading
        GET "/" CachedPublic (old_address::PARAMETERS) => lists::front;
        GET "/newest" CachedPublic ["before"] => lists::newest;
        GET "/newest/archive" CachedPublic => archive::aside;
        GET "/newest/authors" CachedPublic ["after"] => authors::aside;
        GET "/archive" CachedPublic (old_address::PARAMETERS) => archive::index;
        GET "/archive/{year}/{month}" CachedPublic ["before"] => archive::month;
        GET "/authors" CachedPublic ["after"] => authors::list;
        GET "/t" CachedPublic => reading::handlers::tags::list;
        GET "/t/{tag}" CachedPublic ["before"] => reading::handlers::tags::show;
        GET "/me.json" OptionalUser => me::show;
        GET "/assets/{name}" Anonymous Light => assets::show;
        GET "/avatars/{id}.jpg" Anonymous => avatars::show;

        // Feeds and machines
        GET "/feed.{format}" CachedPublic => feeds::handlers::site_feed;
        GET "/t/{tag}/feed.{format}" CachedPublic => feeds::handlers::tag_feed;
        GET "/@{author}/feed.{format}" CachedPublic => feeds::handlers::author_feed;
        GET "/feed" Anonymous Light => feeds::handlers::alias;
        GET "/rss" Anonymous Light => feeds::handlers::alias;
        GET "/rss.xml" Anonymous Light => feeds::handlers::alias;
        GET "/atom.xml" Anonymous Light => feeds::handlers::alias;
        GET "/index.xml" Anonymous Light => feeds::handlers::alias;
        GET "/t/{tag}/feed" Anonymous Light => feeds::handlers::alias;
        GET "/t/{tag}/rss" Anonymous Light => feeds::handlers::alias;
        GET "/@{author}/feed" Anonymous Light => feeds::handlers::alias;
        GET "/@{author}/rss" Anonymous Light => feeds::handlers::alias;
        GET "/sitemap.xml" CachedPublic => feeds::sitemap::index;
        GET "/sitemap-{part}.xml" CachedPublic => feeds::sitemap::part;
        GET "/robots.txt" CachedPublic => feeds::sitemap::robots;

        // Balancers
        GET "/livez" OptionalUser Light => health::live;
        GET "/readyz" OptionalUser Light => health::ready;
        GET "/startupz" OptionalUser Light => health::startup;

        // Accounts
        GET "/signup" OptionalUser => sign_up::show;
        POST "/signup" OptionalUser => sign_up::create;
        GET "/login" OptionalUser => sign_in::show;
        POST "/login" OptionalUser => sign_in::create;
        POST "/logout" OptionalUser => sign_in::delete;
        GET "/settings" SignedIn => settings::show;
        POST "/settings/profile" SignedIn => settings::update_profile;
        POST "/settings/account" SignedIn => settings::update_account;
        POST "/settings/password" SignedIn => settings::update_password;
        POST "/settings/avatar" SignedIn Upload => avatars::update;
        POST "/settings/avatar/remove" SignedIn => avatars::remove;
        POST "/settings/sessions/revoke" SignedIn => sessions::revoke_others;
        POST "/settings/sessions/{id}/revoke" SignedIn => sessions::revoke;
        GET "/.well-known/change-password" Anonymous Light => feeds::sitemap::change_password;

        // Writing
        GET "/dashboard" SignedIn => dashboard::show;
        POST "/dashboard/bulk" Writer => bulk::create;
        GET "/new" Writer => editor::new;
        POST "/new" Writer => editor::create;
        POST "/preview" Writer => preview::typed;
        GET "/p/{id}/edit" Writer => editor::edit;
        POST "/p/{id}/edit" Writer => editor::update;
        POST "/p/{id}/merge" Writer => merge::merge;
        POST "/p/{id}/compare" Writer => merge::compare;
        GET "/p/{id}/preview" Writer => preview::saved;
        GET "/p/{id}/preview-links" Writer => preview_links::list;
        POST "/p/{id}/preview-links" Writer => preview_links::create;
        POST "/p/{id}/preview-links/{link}/revoke" Writer => preview_links::revoke;
        GET "/preview/{token}" Anonymous => shared_preview::show;
        POST "/preview/{token}" Anonymous => leave_note::create;
        GET "/p/{id}/notes" Writer => notes::list;
        POST "/p/{id}/notes/{note}/accept" Writer => notes::accept;
        POST "/p/{id}/notes/{note}/dismiss" Writer => notes::dismiss;
        POST "/p/{id}/notes/{note}/reopen" Writer => notes::reopen;
        GET "/p/{id}/history" Writer => history::list;
        GET "/p/{id}/history/{number}" Writer => history::show;
        POST "/p/{id}/history/{number}/restore" Writer => history::restore;
        GET "/p/{id}/publish" Writer => publish::show;
        POST "/p/{id}/publish" Author => publish::create;
        POST "/p/{id}/correct" Author => correct::create;
        POST "/p/{id}/review" Writer => review::create;
        POST "/p/{id}/review/withdraw" Writer => review::delete;
        POST "/p/{id}/review/send-back" Author => review::send_back;
        POST "/p/{id}/schedule" Author => schedule::create;
        POST "/p/{id}/unschedule" Author => schedule::delete;
        POST "/p/{id}/unpublish" Author => unpublish::create;
        POST "/p/{id}/pin" Author => pins::create;
        POST "/p/{id}/unpin" Author => pins::delete;
        POST "/p/{id}/pin-to-front" Admin => pins::create_on_front;
        POST "/p/{id}/unpin-from-front" Admin => pins::delete_from_front;
        POST "/p/{id}/duplicate" Writer => duplicate::create;
        POST "/p/{id}/template" Writer => template::create;
        POST "/p/{id}/untemplate" Writer => template::delete;
        POST "/p/{id}/trash" Writer => trash::create;
        POST "/p/{id}/restore" Writer => trash::delete;
        POST "/dashboard/undo" SignedIn => undo::handlers::create;
        GET "/p/{id}/byline" SignedIn => byline::show;
        POST "/p/{id}/byline/accept" Writer => byline::create;
        POST "/p/{id}/byline/decline" SignedIn => byline::delete;

        // Commenting
        GET "/dashboard/comments" Author => queue::list;
        GET "/comments/{id}" SignedIn => show::show;
        GET "/comments/{id}/edit" SignedIn => edit::show;
        POST "/comments/{id}/edit" SignedIn => edit::update;
        GET "/comments/{id}/delete" SignedIn => delete::show;
        POST "/comments/{id}/delete" SignedIn => delete::create;
        GET "/comments/{id}/report" SignedIn => report::show;
        POST "/comments/{id}/report" SignedIn => report::create;
        GET "/comments/{id}/decide" Author => moderate::show;
        POST "/comments/{id}/decide" Author => moderate::create;

        // The site
        GET "/setup" OptionalUser => setup::first_visit::show;
        POST "/setup" OptionalUser => setup::first_visit::create;
        GET "/admin" Admin => setup::admin::show;
        POST "/admin/samples/remove" Admin => setup::admin::remove_samples;
        GET "/admin/jobs" Admin => setup::jobs::show;
        POST "/admin/jobs/retry" Admin => setup::jobs::retry_all;
        POST "/admin/jobs/{id}/retry" Admin => setup::jobs::retry;
        GET "/admin/site" Admin => setup::settings::show;
        POST "/admin/site" Admin => setup::settings::update;
        POST "/admin/site/{picture}" Admin Upload => setup::pictures::update;
        POST "/admin/site/{picture}/remove" Admin => setup::pictures::remove;
        GET "/admin/people" Admin => people::list;
        POST "/admin/people/{id}/role" Admin => people::set_role;
        GET "/admin/people/{id}/handles" Admin => handles::show;
        POST "/admin/people/{id}/handles" Admin => handles::free;
        GET "/admin/tags" Admin => tags::list;
        GET "/admin/tags/{tag}" Admin => tags::show;
        POST "/admin/tags/{tag}" Admin => tags::rename;
        POST "/admin/tags/{tag}/description" Admin => tags::describe;
        GET "/admin/tags/{tag}/merge" Admin => tags::ask;
        POST "/admin/tags/{tag}/merge" Admin => tags::merge;
        GET "/admin/invitations" Admin => invitations::list;
        POST "/admin/invitations" Admin => invitations::create;
        POST "/admin/invitations/{id}/revoke" Admin => invitations::revoke;

        // Authors and posts, after everything with a name of its own
        GET "/p/{id}" CachedPublic => article::permalink;
        GET "/p/{id}/social-{version}.png" CachedPublic => social_images::show;
        GET "/@{author}" CachedPublic ["before"] => lists::author;
        GET "/@{author}/{slug}.md" CachedPublic => article::source;
        GET "/@{author}/{slug}" CachedPublic ["after"] => article::post;
        GET "/@{author}/-/corrections" CachedPublic => corrections::of_author;
        GET "/@{author}/{slug}/corrections" CachedPublic => corrections::of_post;
        GET "/@{author}/{slug}/edit" Writer => editor::edit_by_address;
        GET "/@{author}/{slug}/comment" SignedIn => compose::show;
        POST "/@{author}/{slug}/comment" SignedIn => compose::create;
        // Pages of the menu, and addresses from before an import
        GET "/{path:.*}" CachedPublic (old_address::PARAMETERS) => article::page;
    }
}

/// Addresses exempt from admission in front of the site: the program answers them itself, or they are for people with an account.
pub fn exempt_from_admission() -> Vec<Exempt> {
    let first = |line: &Line| line.path.split('/').nth(1).unwrap_or_default();
    let is_for_readers = |line: &Line| line.cost == Cost::Page && line.access.is_anonymous();
    let table = table();
    let of_readers: Vec<&str> = table
        .iter()
        .filter(|line| is_for_readers(line))
        .map(first)
        .collect();
    let mut segments: Vec<&str> = table.iter().map(first).collect();
    segments.retain(|segment| !segment.contains(['{', '@']) && !of_readers.contains(segment));
    segments.sort_unstable();
    segments.dedup();
    let is_deep = |segment: &str| {
        let mut lines = table.iter().filter(|line| first(line) == segment);
        lines.any(|line| line.path.split('/').nth(2).is_some())
    };
    segments
        .into_iter()
        .map(|segment| Exempt {
            segment,
            and_below: is_deep(segment),
        })
        .collect()
}

/// Serves the table.
pub fn configure(config: &mut web::ServiceConfig) {
    let table = table();
    let mut paths: Vec<&'static str> = Vec::new();
    for line in &table {
        if !paths.contains(&line.path) {
            paths.push(line.path);
        }
    }
    for path in paths {
        let lines = table.iter().filter(|line| line.path == path);
        config.service(lines.fold(web::resource(path), |resource, line| {
            resource.route(route(line))
        }));
    }
}

fn route(line: &Line) -> Route {
    let (access, cost) = (line.access, line.cost);
    // HEAD is GET without the body: the server leaves that out.
    let route = match line.method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        ref method => web::method(method.clone()),
    };
    let mut route = (line.handler)(route);
    // From the handler outwards: what is wrapped last sees a request first.
    if !access.is_anonymous() {
        route = route.wrap(from_fn(private_answer::mark));
    }
    if access.needs_account() {
        route = route.wrap(from_fn(move |req: ServiceRequest, next: Next<BoxBody>| {
            route_access::admit(access, req, next)
        }));
    }
    route = route.wrap(from_fn(move |req: ServiceRequest, next: Next<BoxBody>| {
        time_limit::keep(cost, req, next)
    }));
    route = route.wrap(from_fn(priority::mark));
    if line.method != Method::GET {
        route = route.wrap(from_fn(form_recovery::redisplay_refused));
    }
    route
}
