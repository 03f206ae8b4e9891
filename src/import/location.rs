//! What a document is and when it was published, from its path and the fields that speak of it.

use chrono::{DateTime, NaiveDate, Utc};

use super::dates;
use super::file_name;
use super::generator::Generator;
use super::language;
use super::moment::{Moment, Zone};
use super::site::Site;
use super::value::Table;
use super::warnings::{Warnings, quoted};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Post,
    Page,
}

/// What a path tells before any front matter is read.
pub(super) struct Location<'a> {
    pub(super) name: &'a str,
    pub(super) day: Option<NaiveDate>,
    dated_name: bool,
    pub(super) in_posts: bool,
    pub(super) in_drafts: bool,
    pub(super) language: Option<&'a str>,
}

pub(super) struct Published {
    pub(super) at: Option<DateTime<Utc>>,
    /// The calendar day that old addresses were made from.
    pub(super) day: Option<NaiveDate>,
    pub(super) written: bool,
}

pub(super) fn of<'a>(path: &'a str, site: &Site) -> Location<'a> {
    let (name, language) = name_and_language(path, site);
    let dated = dates::from_file_name(name).filter(|(_, rest)| !rest.is_empty());
    let in_drafts = is_in_drafts(path);
    Location {
        name: dated.map_or(name, |(_, rest)| rest),
        day: dated.map(|(day, _)| day),
        dated_name: dated.is_some(),
        in_posts: in_drafts
            || POSTS
                .iter()
                .any(|folder| file_name::has_folder(path, folder)),
        in_drafts,
        language,
    }
}

const POSTS: [&str; 6] = ["_posts", "posts", "post", "blog", "news", "articles"];

/// The document's own name, and the language that its ending or its folder says.
fn name_and_language<'a>(path: &'a str, site: &Site) -> (&'a str, Option<&'a str>) {
    let own = file_name::own_name(path);
    // `page.fr.md`; a version such as `Rust-1.el` would have to end in a language's letters to be misread.
    let ending = own
        .rsplit_once('.')
        .and_then(|(name, ending)| Some((name, language::language_tag(ending)?)));
    let bundle_ending = file_name::stem(path)
        .strip_prefix("index.")
        .and_then(language::language_tag);
    match ending {
        Some((name, language)) if matches!(site.kind, Generator::Hugo | Generator::Zola) => {
            (name, Some(language))
        }
        _ => (own, bundle_ending.or_else(|| folder_language(path, site))),
    }
}

fn folder_language<'a>(path: &'a str, site: &Site) -> Option<&'a str> {
    let inside = path.strip_prefix(&site.content_root).unwrap_or(path);
    let (folder, _) = inside.split_once('/')?;
    language::language_tag(folder).filter(|_| site.has_language_folders)
}

fn is_in_drafts(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .to_ascii_lowercase()
        .split('/')
        .any(|name| matches!(name, "_drafts" | "drafts" | "_draft" | "draft"))
}

/// The front matter's date wins over the file name's, and that over one in the path.
pub(super) fn published(
    fields: &Table,
    location: &Location<'_>,
    zone: Zone,
    warnings: &mut Warnings,
) -> Published {
    if let Some(published) = written(fields, zone, warnings) {
        return published;
    }
    let old_path = fields.text(&["path"]).and_then(dates::from_path);
    let day = old_path.or(location.day);
    Published {
        at: day
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .map(|at| at.and_utc()),
        day,
        written: old_path.is_some(),
    }
}

/// Fields that may hold the date, the surest first.
const DATES: [&str; 6] = [
    "date",
    "publishDate",
    "pubDate",
    "published_at",
    "published",
    "created",
];

fn written(fields: &Table, zone: Zone, warnings: &mut Warnings) -> Option<Published> {
    for name in DATES {
        let Some(written) = fields.text(&[name]) else {
            continue;
        };
        if let Some(moment) = dates::parse(written, zone) {
            return Some(published_at(moment, written, warnings));
        }
        if name != "published" {
            warnings.add(format!(
                "the {name} {:?} was not understood",
                quoted(written)
            ));
        }
    }
    None
}

fn published_at(moment: Moment, written: &str, warnings: &mut Warnings) -> Published {
    if moment.zone_assumed {
        warnings.add("the date has no zone: UTC was assumed");
    }
    Published {
        at: Some(moment.at),
        day: dates::written_day(written).or(Some(moment.at.date_naive())),
        written: true,
    }
}

/// Only something without a date and outside every posts folder is taken for a page, unless it says so itself.
pub(super) fn kind(
    fields: &Table,
    location: &Location<'_>,
    published: &Published,
    site: &Site,
) -> Kind {
    let says =
        |word: &str| fields.text(&["layout"]) == Some(word) || fields.text(&["type"]) == Some(word);
    let hexo_page = site.kind == Generator::Hexo && !location.in_posts;
    if says("page") || hexo_page {
        return Kind::Page;
    }
    let is_post = says("post") || location.in_posts || location.dated_name || published.written;
    if is_post { Kind::Post } else { Kind::Page }
}
