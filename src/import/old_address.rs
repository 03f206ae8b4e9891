//! Where the old site had a document.

use super::file_name;
use super::generator::Generator;
use super::language::language_tag;
use super::permalink_template::{Facts, expand, expand_all, inside};
use super::site::Site;
use super::value::Table;

/// Without the language at the end of a file's name, which is no part of Hugo's and Zola's addresses.
pub(super) fn on_old_site<'a>(site: &Site, facts: &Facts<'a>) -> Facts<'a> {
    let has_ending = matches!(site.addresses.kind, Generator::Hugo | Generator::Zola);
    let cut = |name: &'a str| match name
        .rsplit_once('.')
        .filter(|(_, ending)| has_ending && language_tag(ending).is_some())
    {
        Some((name, _)) => name,
        None => name,
    };
    // The name is the slug of a document that gives none.
    let slug = facts
        .slug
        .map(|slug| if slug == facts.name { cut(slug) } else { slug });
    Facts {
        name: cut(facts.name),
        slug,
        ..*facts
    }
}

pub(super) fn computed(fields: &Table, site: &Site, facts: &Facts<'_>) -> Vec<String> {
    match site.addresses.kind {
        Generator::Jekyll | Generator::Hexo => by_template(fields, site, facts),
        Generator::Hugo => hugo(fields, site, facts).into_iter().collect(),
        Generator::Zola => {
            let name = facts.slug.unwrap_or(facts.name);
            vec![format!(
                "/{}{}/",
                sections(site, facts.path),
                slug::slugify(name)
            )]
        }
        Generator::Plain => Vec::new(),
    }
}

/// Jekyll and Hexo have one template for all posts; pages of Jekyll follow it in part.
fn by_template(fields: &Table, site: &Site, facts: &Facts<'_>) -> Vec<String> {
    let addresses = &site.addresses;
    let templates = addresses.permalinks.as_deref().unwrap_or_default();
    if let Some((_, template)) = templates.first()
        && is_post(site, facts)
    {
        return expand_all(template, fields, site, facts);
    }
    if addresses.kind == Generator::Jekyll && addresses.has_root && !facts.is_post {
        return jekyll_page(site, facts).into_iter().collect();
    }
    Vec::new()
}

/// Whether the permalinks of Jekyll and Hexo hold for it: for what lies in `_posts`, which may be the imported folder.
pub(super) fn is_post(site: &Site, facts: &Facts<'_>) -> bool {
    let is_dated_page = site.addresses.kind == Generator::Hexo && site.addresses.has_root;
    facts.is_post && !is_dated_page || file_name::has_folder(&inside(site, facts.path), "_posts")
}

/// A page of Jekyll is where its file is, with what the permalinks of posts end in. `None` where they cannot be read.
fn jekyll_page(site: &Site, facts: &Facts<'_>) -> Option<String> {
    let (_, template) = site.addresses.permalinks.as_ref()?.first()?;
    let path = inside(site, facts.path);
    let path = path
        .rsplit_once('.')
        .map_or(path.as_str(), |(path, _)| path)
        .trim_start_matches('_');
    let folder = path
        .strip_suffix("index")
        .filter(|folder| folder.is_empty() || folder.ends_with('/'));
    Some(match folder {
        Some(folder) => format!("/{folder}"),
        None => format!("/{path}{}", page_ending(template)),
    })
}

fn page_ending(template: &str) -> &'static str {
    if template.ends_with('/') {
        "/"
    } else if template.ends_with(".html") || template.ends_with(":output_ext") {
        ".html"
    } else {
        ""
    }
}

/// Without settings and without a `content` folder it is not known where Hugo put the page, so nothing is claimed.
pub(super) fn hugo(fields: &Table, site: &Site, facts: &Facts<'_>) -> Option<String> {
    let sections = sections(site, facts.path);
    let section = sections.split('/').next().unwrap_or_default();
    let templates = site.addresses.permalinks.as_ref()?;
    if let Some((_, template)) = templates.iter().find(|(name, _)| name == section) {
        return expand(template, fields, facts, &sections);
    }
    if !site.addresses.has_root {
        return None;
    }
    Some(
        format!("/{}{}/", sections, facts.slug.unwrap_or(facts.name))
            .to_lowercase()
            .replace(' ', "-"),
    )
}

/// The folders between the content's root and the document, each with a `/` behind it.
pub(super) fn sections(site: &Site, path: &str) -> String {
    let inside = inside(site, path);
    let own = if file_name::stem(path) == "index" {
        2
    } else {
        1
    };
    let parts: Vec<&str> = inside.split('/').collect();
    parts[..parts.len().saturating_sub(own)]
        .iter()
        .map(|part| format!("{part}/"))
        .collect()
}
