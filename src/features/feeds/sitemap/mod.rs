//! What crawlers ask for: which addresses there are, and which are not worth their time.
//!
//! A small site is one file. A larger one is an index over parts, each of the rows whose key lies in one fixed
//! range: no part grows without bound, none is found by counting, and old ones stay the same bytes.

mod queries;
mod xml;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

use queries::{Keys, Place, Section};

use crate::cache::{CachePolicy, Public};
use crate::db::{CacheTag, ReadConn};
use crate::features::posts::cache_tags::{AUTHORS_IN_PART, POSTS_IN_PART};
use crate::features::reading::cache_tags as tags;
use crate::features::site;
use crate::state::PublicRequest;
use crate::web::{Error, OrNotFound, Result};

const XML: &str = "application/xml; charset=utf-8";

/// Keys of one part. The protocol allows 50,000 addresses a file; a fifth of that keeps one answer below two
/// megabytes. Each author costs a look for the newest post, so a part has half as many.
const fn keys_per_part(section: Section) -> i64 {
    match section {
        Section::Posts => POSTS_IN_PART,
        Section::Authors => AUTHORS_IN_PART,
        Section::Tags => 10_000,
    }
}

/// Addresses that still go into one file.
const SMALL: i64 = 10_000;

/// `GET /sitemap.xml`
pub async fn index(ask: PublicRequest) -> Result<Public> {
    let origin = &ask.app().origin;
    let mut conn = ask.read().await?;
    end_with_next_publication(&mut conn).await?;
    let body = if queries::at_most(&mut conn, SMALL).await? {
        let places = all_places(&mut conn, origin).await?;
        conn.release();
        xml::url_set(origin, &places)
    } else {
        let parts = all_parts(&mut conn).await?;
        conn.release();
        xml::index(origin, &parts)
    };
    let body = body.map_err(Error::internal)?;
    Ok(Public::document(body, XML, shown(tags::posts())))
}

/// What reads the settings of the site ends when the next post becomes public by itself.
async fn end_with_next_publication(conn: &mut ReadConn) -> Result<()> {
    site::load(conn).await?;
    Ok(())
}

async fn all_places(conn: &mut ReadConn, origin: &str) -> Result<Vec<Place>> {
    let mut places = queries::front();
    for section in Section::ALL {
        places.extend(queries::places(conn, section, Keys::ALL, origin).await?);
    }
    Ok(places)
}

/// Addresses of the parts that hold something.
async fn all_parts(conn: &mut ReadConn) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    for section in Section::ALL {
        let numbers = queries::parts(conn, section, keys_per_part(section)).await?;
        let part = |n| format!("/sitemap-{}-{n}.xml", section.as_str());
        parts.extend(numbers.into_iter().map(part));
    }
    Ok(parts)
}

/// Every address of the site stands here somewhere.
fn shown(listed: CacheTag) -> [CacheTag; 3] {
    [listed, tags::pages(), tags::people()]
}

/// What is listed in a part, from 1. Tags are so few that their parts may depend on all posts.
fn listed(section: Section, number: i64) -> CacheTag {
    match section {
        Section::Posts => tags::posts_in(number - 1),
        Section::Authors => tags::authors_in(number - 1),
        Section::Tags => tags::posts(),
    }
}

/// `GET /sitemap-{part}.xml`, where the part is `posts-1`, `authors-1`, `tags-1` and so on.
pub async fn part(ask: PublicRequest) -> Result<Public> {
    let app = ask.app();
    let (section, number) = parse(ask.part("part")).or_not_found()?;
    let size = keys_per_part(section);
    let keys = Keys {
        from: (number - 1) * size,
        before: number * size,
    };
    let mut conn = ask.read().await?;
    end_with_next_publication(&mut conn).await?;
    let mut places = queries::places(&mut conn, section, keys, &app.origin).await?;
    conn.release();
    if section == Section::Posts && number == 1 {
        places.splice(0..0, queries::front());
    }
    let shown = shown(listed(section, number));
    if places.is_empty() {
        return Ok(Public::missing(shown));
    }
    let body = xml::url_set(&app.origin, &places).map_err(Error::internal)?;
    Ok(Public::document(body, XML, shown))
}

/// One form for each part: `posts-01` is nothing.
fn parse(part: &str) -> Option<(Section, i64)> {
    let (word, number) = part.rsplit_once('-')?;
    let section = Section::ALL.into_iter().find(|s| s.as_str() == word)?;
    let value: i64 = number
        .parse()
        .ok()
        .filter(|n| (1..=1_000_000).contains(n))?;
    (value.to_string() == number).then_some((section, value))
}

/// `GET /robots.txt`
pub async fn robots(ask: PublicRequest) -> Result<Public> {
    let body = format!("{ROBOTS}\nSitemap: {}\n", ask.app().url("/sitemap.xml"));
    Ok(Public::document(body, "text/plain; charset=utf-8", []))
}

/// What needs an account or only leads elsewhere. `$` and `?` end a name: `/new` alone would also close
/// `/newest`, and `/login` a page called "login help". The longer rule wins (RFC 9309): those who show links ask before they
/// fetch the picture of a post.
const ROBOTS: &str = "\
User-agent: *
Disallow: /admin/
Disallow: /comments/
Disallow: /dashboard$
Disallow: /dashboard/
Disallow: /dashboard?
Disallow: /login$
Disallow: /login?
Disallow: /me.json
Disallow: /new$
Disallow: /new?
Disallow: /p/
Allow: /p/*/social-
Disallow: /settings$
Disallow: /settings/
Disallow: /setup$
Disallow: /signup$
Disallow: /signup?
Disallow: /@*/*/comment$
Disallow: /@*/*/comment?
Disallow: /@*/*/edit$
";

/// `GET /.well-known/change-password`: where password managers send people.
pub async fn change_password() -> HttpResponse {
    let mut response = HttpResponse::Found()
        .insert_header((LOCATION, "/settings"))
        .finish();
    response.extensions_mut().insert(CachePolicy::Brief);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_name() {
        assert_eq!(parse("posts-1"), Some((Section::Posts, 1)));
        assert_eq!(parse("tags-12"), Some((Section::Tags, 12)));
        for none in [
            "",
            "1",
            "posts",
            "posts-",
            "posts-0",
            "posts-01",
            "posts-+1",
            "posts--1",
            "pages-1",
            "posts-9999999999999999999",
        ] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
