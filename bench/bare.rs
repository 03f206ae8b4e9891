//! What Masthead is compared with: the same HTTP server, allocator and database driver, and nothing else.
//!
//! - `bytes` returns fixed bytes, and 304 to who has them: what no page out of a cache can be faster than;
//! - `rows` reads one post by primary key, joined with its text and its author, and returns the stored HTML:
//!   what no page out of the database can be faster than; with `--page-query`, the rows of Masthead's own page instead,
//!   with nothing done to them: what no page of Masthead's out of the database can be faster than. A form that is posted
//!   to it becomes one row of a table: what nothing that is written can be faster than.

#![expect(
    clippy::disallowed_types,
    reason = "nothing but the driver is what it measures"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LOCATION,
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row};

/// The same as in the measured program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bare servers to compare with
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    what: What,
}

#[derive(Args)]
struct Server {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[derive(Subcommand)]
enum What {
    /// Return the bytes of files
    Bytes {
        /// URL path, file, content type and content encoding (or nothing), separated by commas
        #[arg(required = true)]
        entries: Vec<Entry>,
    },
    /// Return the HTML of the post with an id, from the database of a site
    Rows {
        #[arg(long)]
        database_url: String,
        #[arg(long, default_value_t = 4)]
        connections: u32,
        /// File with the SQL of Masthead's page, to be asked for at /HANDLE-KEY/SLUG
        #[arg(long)]
        page_query: Option<PathBuf>,
    },
}

#[derive(Clone)]
struct Entry {
    path: String,
    body: web::Bytes,
    content_type: HeaderValue,
    encoding: Option<HeaderValue>,
    etag: HeaderValue,
}

impl FromStr for Entry {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let [path, file, content_type, encoding] =
            text.split(',')
                .collect::<Vec<_>>()
                .try_into()
                .map_err(|_| anyhow::anyhow!("not four fields"))?;
        let file = PathBuf::from(file);
        let body =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Entry {
            path: path.to_owned(),
            etag: HeaderValue::from_str(&format!("\"{:x}-{encoding}\"", body.len()))?,
            body: body.into(),
            content_type: HeaderValue::from_str(content_type)?,
            encoding: if encoding.is_empty() {
                None
            } else {
                Some(HeaderValue::from_str(encoding)?)
            },
        })
    }
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let Options { server, what } = Options::parse();
    match what {
        What::Bytes { entries } => serve_bytes(server, entries).await,
        What::Rows {
            database_url,
            connections,
            page_query,
        } => serve_rows(server, &database_url, connections, page_query).await,
    }
}

async fn serve_bytes(server: Server, entries: Vec<Entry>) -> anyhow::Result<()> {
    let site = move || {
        entries.iter().fold(App::new(), |app, entry| {
            app.service(
                web::resource(&entry.path)
                    .app_data(web::Data::new(entry.clone()))
                    .route(web::get().to(bytes)),
            )
        })
    };
    let running = HttpServer::new(site)
        .workers(server.workers)
        .client_request_timeout(Duration::from_secs(5));
    Ok(running.bind(server.listen)?.run().await?)
}

async fn bytes(req: HttpRequest, entry: web::Data<Entry>) -> HttpResponse {
    if req.headers().get(IF_NONE_MATCH) == Some(&entry.etag) {
        return HttpResponse::NotModified()
            .insert_header((ETAG, entry.etag.clone()))
            .finish();
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, entry.content_type.clone()))
        .insert_header((ETAG, entry.etag.clone()));
    if let Some(encoding) = &entry.encoding {
        response.insert_header((CONTENT_ENCODING, encoding.clone()));
    }
    response.body(entry.body.clone())
}

async fn serve_rows(
    server: Server,
    database_url: &str,
    connections: u32,
    page_query: Option<PathBuf>,
) -> anyhow::Result<()> {
    let mut options = PgConnectOptions::from_str(database_url)?;
    if page_query.is_some() {
        // As Masthead's own connections for reading.
        options = options.options([("jit", "off"), ("plan_cache_mode", "force_generic_plan")]);
    }
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .connect_lazy_with(options);
    let query = PageQuery(
        page_query
            .map(std::fs::read_to_string)
            .transpose()?
            .unwrap_or_default(),
    );
    let site = move || {
        App::new()
            .app_data(web::Data::new(pool.clone()))
            .app_data(web::Data::new(query.clone()))
            .route("/", web::post().to(insert))
            .route("/{id}", web::get().to(row))
            .route("/{handle}/{slug}", web::get().to(page_rows))
    };
    let running = HttpServer::new(site)
        .workers(server.workers)
        .client_request_timeout(Duration::from_secs(5));
    Ok(running.bind(server.listen)?.run().await?)
}

#[derive(Clone)]
struct PageQuery(String);

async fn page_rows(
    place: web::Path<(String, String)>,
    query: web::Data<PageQuery>,
    pool: web::Data<sqlx::PgPool>,
) -> HttpResponse {
    let (handle, slug) = place.into_inner();
    let asked = sqlx::query(AssertSqlSafe(query.0.as_str()))
        .bind(handle)
        .bind(slug)
        .bind(100_i32)
        .bind(1001_i64);
    match asked
        .fetch_optional(pool.get_ref())
        .await
        .and_then(|row| row.map(|row| row.try_get::<String, _>("html")).transpose())
    {
        Ok(Some(html)) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => {
            eprintln!("{error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// One row, and the answer of a form that was taken.
async fn insert(text: String, pool: web::Data<sqlx::PgPool>) -> HttpResponse {
    let done = sqlx::query("insert into bench_inserts (text) values ($1)")
        .bind(text)
        .execute(pool.get_ref())
        .await;
    match done {
        Ok(_) => HttpResponse::SeeOther()
            .insert_header((LOCATION, "/"))
            .finish(),
        Err(error) => {
            eprintln!("{error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn row(id: web::Path<i64>, pool: web::Data<sqlx::PgPool>) -> HttpResponse {
    let row = sqlx::query_as::<_, (String, String, String)>(
        "select p.title, u.username, b.html
         from posts p join post_bodies b on b.post_id = p.id join users u on u.id = p.owner_id where p.id = $1",
    )
    .bind(*id)
    .fetch_optional(pool.get_ref())
    .await;
    match row {
        Ok(Some((_title, _author, html))) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => {
            eprintln!("{error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}
