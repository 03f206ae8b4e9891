//! Templates of addresses, such as `/:year/:slug/`.

use chrono::{Datelike as _, NaiveDate};

use super::site::Site;
use super::value::Table;

/// What a template such as `/:year/:title/` is filled from.
pub(super) struct Facts<'a> {
    pub(super) path: &'a str,
    /// The document's name without day and ending.
    pub(super) name: &'a str,
    pub(super) slug: Option<&'a str>,
    pub(super) day: Option<NaiveDate>,
    pub(super) is_post: bool,
}

/// With categories in the template there are two addresses: with them, and without, which `post_url` links use.
pub(super) fn expand_all(
    template: &str,
    fields: &Table,
    site: &Site,
    facts: &Facts<'_>,
) -> Vec<String> {
    let categories = categories(fields, &inside(site, facts.path));
    let mut paths: Vec<String> = expand(template, fields, facts, &categories)
        .into_iter()
        .collect();
    if !categories.is_empty() && template.contains(":categories") {
        paths.extend(expand(template, fields, facts, ""));
    }
    paths
}

pub(super) fn categories(fields: &Table, path: &str) -> String {
    let mut names: Vec<String> = match path.split_once("_posts/") {
        Some((before, _)) => before
            .split('/')
            .filter(|name| !name.is_empty())
            .map(str::to_lowercase)
            .collect(),
        None => Vec::new(),
    };
    names.extend(written_categories(fields));
    let mut unique: Vec<String> = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique.iter().map(|name| format!("{name}/")).collect()
}

/// A text under `categories` names several, parted by blanks; one under `category` is a single name.
fn written_categories(fields: &Table) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in ["category", "categories"] {
        let Some(value) = fields.get(name) else {
            continue;
        };
        for text in value.texts() {
            let is_one_text = value.as_text().is_some() && name == "categories";
            let parts: Vec<&str> = if is_one_text {
                text.split_whitespace().collect()
            } else {
                vec![text]
            };
            names.extend(parts.into_iter().map(str::to_lowercase));
        }
    }
    names
}

/// `None` when the template asks for something unknown, so that no address is made up.
pub(super) fn expand(
    template: &str,
    fields: &Table,
    facts: &Facts<'_>,
    folders: &str,
) -> Option<String> {
    let mut parts = template.split(':');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(part.len());
        path.push_str(&token(&part[..end], fields, facts, folders)?);
        path.push_str(&part[end..]);
    }
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    Some(path)
}

pub(super) fn token(
    name: &str,
    fields: &Table,
    facts: &Facts<'_>,
    folders: &str,
) -> Option<String> {
    Some(match name {
        "year" => format!("{:04}", facts.day?.year()),
        "short_year" => format!("{:02}", facts.day?.year() % 100),
        "month" => format!("{:02}", facts.day?.month()),
        "i_month" => facts.day?.month().to_string(),
        "day" => format!("{:02}", facts.day?.day()),
        "i_day" => facts.day?.day().to_string(),
        "y_day" | "yearday" => format!("{:03}", facts.day?.ordinal()),
        "categories" | "category" | "sections" => folders.trim_end_matches('/').to_owned(),
        "section" => folders.split('/').next()?.to_owned(),
        "title" | "slug" | "slugorfilename" | "slugorcontentbasename" => {
            slugified(facts.slug.unwrap_or(facts.name))
        }
        "filename" | "contentbasename" | "name" => slugified(facts.name),
        "output_ext" => ".html".to_owned(),
        "lang" => fields.text(&["lang"])?.to_owned(),
        _ => return None,
    })
}

/// Jekyll's "pretty" rule: everything that may not stand in a path becomes one hyphen; case stays.
pub(super) fn slugified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign.is_alphanumeric() || "._~!$&'()+,;=@".contains(sign) {
            out.push(sign);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

/// The path below the place of documents, also of a folder that is only a part of it.
pub(super) fn inside(site: &Site, path: &str) -> String {
    format!(
        "{}{}",
        site.addresses.below,
        path.strip_prefix(&site.content_root).unwrap_or(path)
    )
}
