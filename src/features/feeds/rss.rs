//! RSS 2.0 with the whole text in `content:encoded`, authors in `dc:creator` (the core element wants mail
//! addresses) and, from Atom, what RSS has no word for.

use std::collections::BTreeMap;

use ::rss::extension::dublincore::DublinCoreExtension;
use ::rss::extension::{Extension, ExtensionMap};
use ::rss::{Category, Channel, Guid, Item};
use chrono::SecondsFormat;

use super::content::escape;
use super::document::Document;
use super::entry::{Entry, EntryTag};
use super::format::Format;

const ATOM: &str = "http://www.w3.org/2005/Atom";

pub fn write(document: &Document) -> Result<String, Failed> {
    let channel = Channel {
        title: document.title.clone(),
        link: document.home.clone(),
        description: description(document).to_owned(),
        language: Some(document.language.clone()),
        last_build_date: Some(document.updated.to_rfc2822()),
        generator: Some("Masthead".into()),
        docs: Some("https://www.rssboard.org/rss-specification".into()),
        extensions: extensions(vec![own_link(document)]),
        namespaces: BTreeMap::from([("atom".to_owned(), ATOM.to_owned())]),
        items: document.entries.iter().map(item).collect(),
        ..Default::default()
    };
    Ok(String::from_utf8(channel.write_to(Vec::new())?)?)
}

/// A channel has to have one.
fn description(document: &Document) -> &str {
    if document.description.is_empty() {
        &document.title
    } else {
        &document.description
    }
}

fn own_link(document: &Document) -> Extension {
    let own = document.address(Format::Rss);
    link("self", &own, Some(Format::Rss.mime()))
}

/// Why a feed could not be written: never by what is in it, its text is printable.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("the RSS feed could not be written")]
    Write(#[from] ::rss::Error),
    #[error("the RSS feed is not UTF-8")]
    Encoding(#[from] std::string::FromUtf8Error),
}

fn item(entry: &Entry) -> Item {
    let updated = entry.updated.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut more = vec![element("updated", BTreeMap::new(), Some(updated))];
    more.extend(entry.first_url.as_deref().map(|url| link("via", url, None)));
    Item {
        title: entry.title.clone(),
        link: Some(entry.url.clone()),
        // Readers take a description for HTML.
        description: Some(escape(&entry.summary)),
        guid: Some(guid(entry)),
        pub_date: Some(entry.published.to_rfc2822()),
        categories: entry.tags.iter().map(category).collect(),
        content: Some(entry.html.clone()),
        dublin_core_ext: Some(creators(entry)),
        extensions: extensions(more),
        ..Default::default()
    }
}

fn guid(entry: &Entry) -> Guid {
    Guid {
        value: entry.id.clone(),
        permalink: false,
    }
}

fn category(tag: &EntryTag) -> Category {
    Category {
        name: tag.name.clone(),
        domain: None,
    }
}

fn creators(entry: &Entry) -> DublinCoreExtension {
    DublinCoreExtension {
        creators: entry.authors.iter().map(|a| a.name.clone()).collect(),
        ..Default::default()
    }
}

fn link(rel: &str, href: &str, mime: Option<&str>) -> Extension {
    let attributes = [("rel", Some(rel)), ("href", Some(href)), ("type", mime)];
    let attributes = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    element("link", attributes.collect(), None)
}

fn element(name: &str, attrs: BTreeMap<String, String>, value: Option<String>) -> Extension {
    Extension {
        name: format!("atom:{name}"),
        attrs,
        value,
        ..Default::default()
    }
}

fn extensions(elements: Vec<Extension>) -> ExtensionMap {
    let mut by_name: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for element in elements {
        by_name
            .entry(element.name.clone())
            .or_default()
            .push(element);
    }
    BTreeMap::from([("atom".to_owned(), by_name)])
}
