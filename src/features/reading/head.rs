//! What the head of public pages tells browsers, search engines and link cards.

use serde_json::{Value, json};

use super::queries::Article;
use super::social_image::{self, SocialImage};
use crate::features::accounts::Person;
use crate::features::posts::Card;
use crate::features::site::Site;
use crate::messages::text;
use crate::web::head::{FeedLink, Head, HeadImage};
use crate::web::page::encoded;
use crate::web::route_words::{ARCHIVE, AUTHORS, YieldingList};
use crate::web::time;

pub fn list(
    site: &Site,
    origin: &str,
    title: &str,
    path: &str,
    paged: bool,
    feed: Option<FeedLink>,
) -> Head {
    let feeds = feed.into_iter().chain([site_feed(site)]).collect();
    Head {
        title: title.to_owned(),
        description: description(site, title, path),
        canonical: format!("{origin}{}", encoded(path)),
        // Second and later pages are ways to the posts, not results of their own.
        noindex: paged,
        feeds,
        kind: "website",
        ..Head::default()
    }
}

fn site_feed(site: &Site) -> FeedLink {
    FeedLink {
        title: site.name.clone(),
        base: String::new(),
    }
}

/// The site's own sentence on its front page; every other list says what it lists.
fn description(site: &Site, title: &str, path: &str) -> String {
    let is_of = |list: &YieldingList| [list.path, list.aside].contains(&path);
    match path {
        "/" if !site.description.is_empty() => site.description.clone(),
        "/" if !site.tagline.is_empty() => site.tagline.clone(),
        "/" => text::reading_about_site(&site.name).into(),
        "/newest" => text::reading_about_newest(&site.name).into(),
        "/t" => text::reading_about_tags(&site.name).into(),
        _ if is_of(&ARCHIVE) => text::reading_about_archive(&site.name).into(),
        _ if is_of(&AUTHORS) => text::reading_about_authors(&site.name).into(),
        _ if path.starts_with("/archive/") => text::reading_about_month(title, &site.name).into(),
        _ => text::reading_about_tag(&site.name, title).into(),
    }
}

pub fn author(site: &Site, origin: &str, person: &Person, path: &str, paged: bool) -> Head {
    let name = person.display_name();
    let feed = FeedLink {
        title: format!("{name} – {}", site.name),
        base: encoded(path),
    };
    let mut head = list(site, origin, name, path, paged, Some(feed));
    head.kind = "profile";
    head.description = if person.bio.is_empty() {
        text::reading_about_author(name, &site.name).into()
    } else {
        person.bio.clone()
    };
    head.json_ld = Some(json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "mainEntity": { "@type": "Person", "name": name, "url": format!("{origin}{}", encoded(path)) },
    }));
    head
}

/// Of the page that is the front page: `/` is its address, and the one that it has of its own is another.
pub fn front(site: &Site, origin: &str, article: &Article) -> Head {
    Head {
        image: image(site, origin, &article.card),
        ..list(site, origin, "", "/", false, None)
    }
}

pub fn article(site: &Site, origin: &str, article: &Article) -> Head {
    let card = &article.card;
    let url = article.address(origin);
    let canonical = match article.canonical_url.as_str() {
        "" => url.clone(),
        elsewhere => elsewhere.to_owned(),
    };
    Head {
        title: card.name(&site.time_zone).into_owned(),
        description: card.description.clone(),
        noindex: article.unlisted,
        feeds: article_feeds(card, site),
        image: image(site, origin, card),
        kind: "article",
        properties: properties(card, origin),
        json_ld: Some(json_ld(site, origin, article, &url, &canonical)),
        canonical,
    }
}

/// The cover; else the title, drawn. Where the font lacks letters of it, the picture that the site has for such pages comes first.
fn image(site: &Site, origin: &str, card: &Card) -> Option<HeadImage> {
    if !card.cover_url.is_empty() {
        return Some(HeadImage {
            address: card.cover().into_owned(),
            alt: card.cover_alt.clone(),
            size: None,
        });
    }
    let drawn = SocialImage::of(card, site);
    if !drawn.shows_title() && !site.pictures.social.is_empty() {
        return None;
    }
    Some(HeadImage {
        address: format!("{origin}{}", drawn.path(card.public_id)),
        alt: drawn.title,
        size: Some(social_image::SIZE),
    })
}

/// Those of its authors, then the site's.
fn article_feeds(card: &Card, site: &Site) -> Vec<FeedLink> {
    let authors = card.authors.iter().map(|a| FeedLink {
        title: format!("{} – {}", a.display_name(), site.name),
        base: encoded(&a.path()),
    });
    authors.chain([site_feed(site)]).collect()
}

/// Open Graph: <https://ogp.me/#type_article>.
fn properties(card: &Card, origin: &str) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("article:published_time", time::machine(&card.published_at)),
        ("article:modified_time", time::machine(&card.changed_at)),
    ];
    properties.extend(
        card.authors
            .iter()
            .map(|a| ("article:author", format!("{origin}{}", encoded(&a.path())))),
    );
    properties.extend(card.tags.iter().map(|t| ("article:tag", t.name.clone())));
    properties
}

fn json_ld(site: &Site, origin: &str, article: &Article, url: &str, canonical: &str) -> Value {
    let card = &article.card;
    let people: Vec<_> = card
        .authors
        .iter()
        .map(|a| json!({ "@type": "Person", "name": a.display_name(), "url": format!("{origin}{}", encoded(&a.path())) }))
        .collect();
    let mut json_ld = json!({
        "@context": "https://schema.org",
        "@type": if article.page_path.is_some() { "WebPage" } else { "BlogPosting" },
        "headline": card.name(&site.time_zone),
        "url": url,
        "mainEntityOfPage": canonical,
        "datePublished": time::machine(&card.published_at),
        "dateModified": time::machine(&card.changed_at),
        "author": people,
        "wordCount": article.words,
        "description": card.description,
        "inLanguage": if card.language.is_empty() { &site.language } else { &card.language },
        "publisher": { "@type": "Organization", "name": site.name, "url": origin },
    });
    if !card.cover_url.is_empty() {
        json_ld["image"] = json!(card.cover());
    }
    json_ld
}
