//! The settings of the old site's generator: in the folder, or above it where only a part of the site is imported.

use std::path::Path;

use super::config_file::{Config, FILES, by_name, load};
use super::generator::Generator;
use super::value::Table;

/// Settings above the folder, of the generator whose layout the folder's place below them is.
pub(super) struct Above {
    /// [`Generator::Plain`] where the file cannot be read and its name is that of two generators.
    pub(super) kind: Generator,
    pub(super) config: Config,
    /// Where the folder lies below the settings, such as `content/posts/`.
    pub(super) base: String,
    /// Of that, what lies below the folder where the generator looks for documents: `posts/`.
    pub(super) below: String,
}

/// The settings that lie in the folder itself; `paths` are its files.
pub(super) fn inside(dir: &Path, paths: &[String]) -> Option<Config> {
    FILES
        .into_iter()
        .find(|name| paths.iter().any(|path| path == name))
        .map(|name| load(dir, name))
}

/// The settings of a site of which a part is imported, such as `content`, `_posts` or `source/_posts`. The search goes no
/// further up than the layout of a generator demands, so that another site's settings say nothing.
pub(super) fn above(dir: &Path, paths: &[String]) -> Option<Above> {
    let dir = dir.canonicalize().ok()?;
    let mut base = String::new();
    let mut part = dir.as_path();
    while let Some(above) = part.parent() {
        base = format!("{}/{base}", part.file_name()?.to_str()?);
        if is_layout(&base)
            && let Some(fitting) = fitting(above, &base, paths)
        {
            return Some(fitting);
        }
        part = above;
    }
    None
}

/// The first settings of this folder in whose layout `base` is a place for these documents.
fn fitting(above: &Path, base: &str, paths: &[String]) -> Option<Above> {
    let found = FILES.into_iter().filter(|name| above.join(name).is_file());
    found.map(|name| load(above, name)).find_map(|config| {
        let (kind, below) = fit(above, &config, base, paths)?;
        Some(Above {
            kind,
            config,
            base: base.to_owned(),
            below,
        })
    })
}

/// Settings up to two folders above, of whatever generator. Where none fits the folder's place, they may still say that
/// something was not public.
pub(super) fn nearby(dir: &Path) -> Option<(Table, String)> {
    let dir = dir.canonicalize().ok()?;
    let mut base = String::new();
    let mut below = dir.as_path();
    for _ in 0..2 {
        base = format!("{}/{base}", below.file_name()?.to_str()?);
        below = below.parent()?;
        let mut found = FILES
            .into_iter()
            .filter(|name| below.join(name).is_file())
            .map(|name| load(below, name));
        if let Some(config) = found.find(|config| config.unreadable.is_none()) {
            return Some((config.fields, base));
        }
    }
    None
}

/// Whether settings may lie above a folder of this place: right above any folder, further up only above the folders that
/// generators name so themselves.
fn is_layout(base: &str) -> bool {
    let mut names = base.split_terminator('/');
    let (first, second) = (names.next().unwrap_or_default(), names.next());
    second.is_none_or(is_posts) || first == "content" || is_posts(first)
}

fn is_posts(name: &str) -> bool {
    matches!(name, "_posts" | "_drafts")
}

/// The generator of the settings, and where the folder lies in its documents; `None` where it does not look there.
fn fit(above: &Path, config: &Config, base: &str, paths: &[String]) -> Option<(Generator, String)> {
    let fields = &config.fields;
    if !config.name.starts_with("_config") {
        return fit_content(config, base);
    }
    let source = fields.text(&["source_dir"]).unwrap_or("source");
    if let Some(below) = in_folder(base, source).filter(|_| fields.get("source").is_none()) {
        return is_part_of_hexo(below, paths).then(|| (Generator::Hexo, below.to_owned()));
    }
    let below = fields
        .text(&["source"])
        .and_then(|source| in_folder(base, source))
        .unwrap_or(base);
    let is_right_above =
        below.split('/').next().is_some_and(is_posts) || base.matches('/').count() == 1;
    (holds_posts(below, paths) && (is_right_above || is_jekyll(above)))
        .then(|| (Generator::Jekyll, below.to_owned()))
}

/// Hugo and Zola look for documents in folders that their settings name, or in `content`.
fn fit_content(config: &Config, base: &str) -> Option<(Generator, String)> {
    let kind = by_name(config).or(config.unreadable.as_ref().map(|_| Generator::Plain))?;
    let below = match kind {
        Generator::Hugo => hugo_folders(&config.fields)
            .into_iter()
            .find_map(|folder| in_folder(base, folder)),
        _ => in_folder(base, "content"),
    };
    Some((kind, below?.to_owned()))
}

fn is_part_of_hexo(below: &str, paths: &[String]) -> bool {
    let begins_with_posts = |path: &str| path.split('/').next().is_some_and(is_posts);
    let holds_posts = || paths.iter().any(|path| begins_with_posts(path));
    below.is_empty() && holds_posts() || begins_with_posts(below)
}

fn holds_posts(below: &str, paths: &[String]) -> bool {
    let has_posts = |folder: &str| folder.split('/').any(is_posts);
    has_posts(below)
        || paths.iter().any(|path| {
            path.rsplit_once('/')
                .is_some_and(|(folders, _)| has_posts(folders))
        })
}

/// A folder of posts may lie in one that is a category, where the site can be told from what else is in it.
fn is_jekyll(above: &Path) -> bool {
    ["_posts", "_layouts", "_includes", "Gemfile"]
        .iter()
        .any(|name| above.join(name).exists())
}

/// What of `base` lies below `folder`, which settings may write as `./texts/`.
fn in_folder<'a>(base: &'a str, folder: &str) -> Option<&'a str> {
    let folder = folder.trim_start_matches("./").trim_matches('/');
    base.strip_prefix(folder)
        .filter(|_| !folder.is_empty())?
        .strip_prefix('/')
}

/// Where Hugo looks for documents; each language may have a folder of its own.
fn hugo_folders(fields: &Table) -> Vec<&str> {
    let languages = fields
        .table("languages")
        .map(|languages| languages.entries.as_slice())
        .unwrap_or_default();
    let own = languages.iter().filter_map(|(_, language)| match language {
        super::value::Value::Map(language) => language.text(&["contentDir"]),
        _ => None,
    });
    own.chain([fields.text(&["contentDir"]).unwrap_or("content")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::notation;

    fn fitted(
        name: &'static str,
        yaml: &str,
        base: &str,
        paths: &[&str],
    ) -> Option<(Generator, String)> {
        let fields = notation::parse_data(yaml, "yml").unwrap();
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        if !is_layout(base) {
            return None;
        }
        fit(
            Path::new("/no/such/folder"),
            &Config {
                name,
                fields,
                unreadable: None,
            },
            base,
            &paths,
        )
    }

    #[test]
    fn settings_are_heeded_where_the_layout_of_their_generator_has_the_folder() {
        use Generator::{Hexo, Hugo, Jekyll, Zola};
        for (name, yaml, base, path, want) in [
            ("hugo.toml", "", "content/", "a.md", Some((Hugo, ""))),
            (
                "hugo.toml",
                "",
                "content/en/posts/",
                "a.md",
                Some((Hugo, "en/posts/")),
            ),
            (
                "hugo.toml",
                "contentDir: ./texts",
                "texts/",
                "a.md",
                Some((Hugo, "")),
            ),
            (
                "hugo.toml",
                "languages: {en: {contentDir: content/en}}",
                "content/en/posts/",
                "a.md",
                Some((Hugo, "posts/")),
            ),
            ("hugo.toml", "", "site/content/", "a.md", None),
            ("hugo.toml", "", "notes/", "a.md", None),
            ("hugo.toml", "", "_posts/", "2020-01-01-a.md", None),
            (
                "config.toml",
                "base_url: x",
                "content/blog/",
                "a.md",
                Some((Zola, "blog/")),
            ),
            ("config.toml", "title: x", "content/", "a.md", None),
            (
                "_config.yml",
                "",
                "_posts/",
                "2020-01-01-a.md",
                Some((Jekyll, "_posts/")),
            ),
            (
                "_config.yml",
                "",
                "_posts/2020/",
                "2020-01-01-a.md",
                Some((Jekyll, "_posts/2020/")),
            ),
            (
                "_config.yml",
                "source: src",
                "src/_posts/",
                "2020-01-01-a.md",
                Some((Jekyll, "_posts/")),
            ),
            (
                "_config.yml",
                "",
                "blog/",
                "_posts/2020-01-01-a.md",
                Some((Jekyll, "blog/")),
            ),
            ("_config.yml", "", "notes/_posts/", "2020-01-01-a.md", None),
            ("_config.yml", "", "content/", "a.md", None),
            (
                "_config.yml",
                "",
                "source/_posts/",
                "a.md",
                Some((Hexo, "_posts/")),
            ),
            (
                "_config.yml",
                "",
                "source/",
                "_posts/a.md",
                Some((Hexo, "")),
            ),
            (
                "_config.yml",
                "source_dir: src",
                "src/_posts/",
                "a.md",
                Some((Hexo, "_posts/")),
            ),
            ("_config.yml", "", "source/about/", "a.md", None),
            ("_config.yml", "", "site/source/_posts/", "a.md", None),
        ] {
            assert_eq!(
                fitted(name, yaml, base, &[path]),
                want.map(|(kind, below)| (kind, below.to_owned())),
                "{name} {yaml} {base}"
            );
        }
    }
}
