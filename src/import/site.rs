//! What a folder was made for, and where that generator keeps things.

use std::{fs, io::Read as _, path::Path, sync::LazyLock};

use regex::Regex;

use super::config::{Above, Config};
use super::dates::Zone;
use super::front_matter::Notation;
use super::value::{Table, Value};
use super::warnings::quoted;
use super::{config, front_matter, scan};

/// The program that the folder was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    Hugo,
    Zola,
    Jekyll,
    Hexo,
    /// None was recognised: Markdown files with or without front matter, also MDX.
    Plain,
}

/// What was recognised about the folder as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub kind: Generator,
    /// Where the documents lie, relative and ending in `/`, or empty for the folder itself.
    pub content_root: String,
    /// The generator's own settings file, if one was found.
    pub config_file: Option<String>,
    /// Whether the first folder level holds languages (`en/`, `fr/`).
    pub has_language_folders: bool,
    /// What could not be learned about the folder as a whole.
    pub warnings: Vec<String>,
    /// The generator's settings, also those that lie above the folder.
    pub(super) config: Table,
    /// Where the folder lies below those settings, such as `content/`; empty when they lie in it.
    pub(super) base: String,
    pub(super) addresses: Addresses,
    pub(super) zone: Zone,
}

/// Where the old site had its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The generator that made them. Settings above the folder may tell it where the documents alone do not; they are read
    /// as before all the same, so that no text and no address here changes when the folder is imported again.
    pub(super) kind: Generator,
    /// Pairs of a section (`*` for any) and a template such as `/:year/:slug/`; `None` where the settings cannot be read.
    pub(super) permalinks: Option<Vec<(String, String)>>,
    /// Where the folder lies below the place of documents: `posts/` when only `content/posts` is imported.
    pub(super) below: String,
    /// Whether the place of documents is known, which Hugo's addresses begin at.
    pub(super) has_root: bool,
}

impl Addresses {
    fn of(kind: Generator, config: &Config, below: String) -> Self {
        let permalinks = config
            .unreadable
            .is_none()
            .then(|| permalinks(kind, &config.fields));
        Self {
            kind,
            permalinks,
            below,
            has_root: true,
        }
    }

    pub(super) fn without_config(kind: Generator, has_root: bool) -> Self {
        Self {
            kind,
            permalinks: Some(permalinks(kind, &Table::default())),
            below: String::new(),
            has_root,
        }
    }
}

/// How many files are looked into to tell the generator, and how much of each.
const SAMPLE_FILES: usize = 200;
const SAMPLE_BYTES: u64 = 16 * 1024;

/// `paths` are the regular files, relative with `/`, in their order.
pub(super) fn recognise(dir: &Path, paths: &[String]) -> Site {
    let under = |folder: &str| paths.iter().any(|path| path.starts_with(folder));
    let own = config::inside(dir, paths);
    let kind = own
        .as_ref()
        .and_then(|own| by_config(own, &under))
        .unwrap_or_else(|| by_content(dir, paths));
    let content_root = match kind {
        Generator::Hexo if under("source/") => "source/",
        _ if under("content/") => "content/",
        _ => "",
    };
    let config_file = own.as_ref().map(|own| own.name.to_owned());
    let (addresses, config, base) = match own {
        Some(own) => (Addresses::of(kind, &own, String::new()), own, String::new()),
        None => {
            match config::above(dir, paths).filter(|above| may_be_of(above.kind, kind, paths)) {
                Some(Above {
                    kind: Generator::Plain,
                    config,
                    base,
                    below,
                }) => (Addresses::of(kind, &config, below), config, base),
                Some(Above {
                    kind,
                    config,
                    base,
                    below,
                }) => (Addresses::of(kind, &config, below), config, base),
                None => {
                    let (fields, base) = config::nearby(dir).unwrap_or_default();
                    (
                        Addresses::without_config(kind, !content_root.is_empty()),
                        Config {
                            fields,
                            ..Config::default()
                        },
                        base,
                    )
                }
            }
        }
    };
    let mut warnings: Vec<String> = config
        .unreadable
        .into_iter()
        .map(|why| format!("{why}. Old addresses that follow from it are not kept."))
        .collect();
    let zone = zone(&config.fields, &mut warnings);
    Site {
        kind,
        content_root: content_root.to_owned(),
        config_file,
        has_language_folders: has_language_folders(paths, content_root),
        warnings,
        config: config.fields,
        base,
        addresses,
        zone,
    }
}

/// `timezone` of Jekyll and Hexo, `timeZone` of Hugo.
fn zone(config: &Table, warnings: &mut Vec<String>) -> Zone {
    let Some(name) = config.all("timezone").find_map(Value::as_text) else {
        return Zone::default();
    };
    Zone::named(name).unwrap_or_else(|| {
        warnings.push(format!(
            "The time zone {:?} of the settings is not known: dates without one are read in UTC.",
            quoted(name)
        ));
        Zone::default()
    })
}

/// Whether documents that look like those of `seen` may belong to settings of `above`. A folder of posts in the place of
/// Jekyll's or Hexo's can be nothing else; where Hugo and Zola keep documents, another generator may, too.
fn may_be_of(above: Generator, seen: Generator, paths: &[String]) -> bool {
    match (above, seen) {
        (Generator::Hugo, Generator::Zola)
        | (Generator::Hugo | Generator::Zola, Generator::Hexo) => false,
        (Generator::Hugo | Generator::Zola, Generator::Jekyll) => {
            !paths.iter().any(|path| scan::has_folder(path, "_posts"))
        }
        _ => true,
    }
}

fn by_config(config: &Config, under: &impl Fn(&str) -> bool) -> Option<Generator> {
    if !config.name.starts_with("_config") {
        return config::by_name(config);
    }
    let is_hexo =
        under("source/_posts/") || under("scaffolds/") || config.fields.get("source_dir").is_some();
    Some(if is_hexo {
        Generator::Hexo
    } else {
        Generator::Jekyll
    })
}

/// The start of a file; a character cut in half at the end is dropped.
fn head(path: &Path, limit: u64) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .ok()?
        .take(limit)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Default)]
struct Signs {
    toml: usize,
    zola: usize,
    hugo: usize,
    closed_only: usize,
    dated_names: usize,
}

fn by_content(dir: &Path, paths: &[String]) -> Generator {
    let documents: Vec<&String> = paths
        .iter()
        .filter(|path| scan::is_markdown(path))
        .collect();
    let step = (documents.len() / SAMPLE_FILES).max(1);
    let mut signs = Signs::default();
    let sample: Vec<&&String> = documents.iter().step_by(step).collect();
    for path in &sample {
        look(dir, path, &mut signs);
    }
    let sections = documents
        .iter()
        .any(|path| scan::file_name(path) == "_index.md");
    let in_posts = paths.iter().any(|path| scan::has_folder(path, "_posts"));
    if signs.closed_only * 2 > sample.len() {
        Generator::Hexo
    } else if signs.zola > 0 && signs.toml > 0 && signs.zola >= signs.hugo {
        Generator::Zola
    } else if sections || signs.hugo > 0 || signs.toml > 0 {
        Generator::Hugo
    } else if in_posts || signs.dated_names * 3 > sample.len() {
        Generator::Jekyll
    } else {
        Generator::Plain
    }
}

fn look(dir: &Path, path: &str, signs: &mut Signs) {
    static SHORTCODE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{[<%]\s*/?[\w\-/]+[^{}]*[>%]\}\}").expect("a fixed pattern")
    });
    if super::dates::from_file_name(scan::stem(path)).is_some() {
        signs.dated_names += 1;
    }
    let Some(text) = head(&dir.join(path), SAMPLE_BYTES) else {
        return;
    };
    let Ok(parts) = front_matter::split(&text) else {
        return;
    };
    match parts.notation {
        Notation::Toml => {
            signs.toml += 1;
            const ZOLA: [&str; 8] = [
                "path",
                "taxonomies",
                "extra",
                "sort_by",
                "in_search_index",
                "generate_feeds",
                "paginate_by",
                "template",
            ];
            signs.zola += usize::from(ZOLA.iter().any(|name| parts.fields.get(name).is_some()));
        }
        Notation::ClosedOnly => signs.closed_only += 1,
        _ => {}
    }
    signs.hugo += usize::from(SHORTCODE.is_match(parts.body));
}

fn permalinks(kind: Generator, config: &Table) -> Vec<(String, String)> {
    match kind {
        Generator::Jekyll => vec![(
            "*".to_owned(),
            jekyll_style(config.text(&["permalink"]).unwrap_or("date")),
        )],
        Generator::Hexo => {
            let template = config
                .text(&["permalink"])
                .unwrap_or(":year/:month/:day/:title/");
            vec![(
                "*".to_owned(),
                format!("/{}", template.trim_start_matches('/')),
            )]
        }
        Generator::Hugo => {
            let Some(rules) = config.table("permalinks") else {
                return Vec::new();
            };
            let rules = rules.table("page").unwrap_or(rules);
            rules
                .entries
                .iter()
                .filter_map(|(section, rule)| Some((section.clone(), rule.as_text()?.to_owned())))
                .collect()
        }
        Generator::Zola | Generator::Plain => Vec::new(),
    }
}

fn jekyll_style(written: &str) -> String {
    match written {
        "date" => "/:categories/:year/:month/:day/:title.html".to_owned(),
        "pretty" => "/:categories/:year/:month/:day/:title/".to_owned(),
        "ordinal" => "/:categories/:year/:y_day/:title.html".to_owned(),
        "none" => "/:categories/:title.html".to_owned(),
        template => format!("/{}", template.trim_start_matches('/')),
    }
}

impl Site {
    /// What stands in no language's own place is in this one.
    #[must_use]
    pub fn default_language(&self) -> String {
        const NAMES: [&str; 3] = ["defaultContentLanguage", "default_language", "lang"];
        self.config.text(&NAMES).unwrap_or("en").to_lowercase()
    }
}

/// One such folder may as well be a topic called "it"; two are taken for languages.
fn has_language_folders(paths: &[String], content_root: &str) -> bool {
    let mut found: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.strip_prefix(content_root)?.split_once('/'))
        .map(|(first, _)| first)
        .filter(|first| language_tag(first).is_some())
        .collect();
    found.sort_unstable();
    found.dedup();
    found.len() > 1
}

/// `text` as a language tag when it is one of the common languages, with or without region or script.
pub(super) fn language_tag(text: &str) -> Option<&str> {
    const LANGUAGES: &[&str] = &[
        "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr",
        "gl", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "no", "pl",
        "pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
    ];
    let (language, rest) = text.split_once(['-', '_']).unwrap_or((text, ""));
    let rest_fits = rest.len() <= 8
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && rest.len() != 1;
    (LANGUAGES.contains(&language.to_ascii_lowercase().as_str())
        && rest_fits
        && !rest.eq_ignore_ascii_case("pages"))
    .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_told_from_folders() {
        for tag in ["en", "pt-br", "zh-Hans", "fr_CA"] {
            assert!(language_tag(tag).is_some(), "{tag}");
        }
        for other in ["news", "e", "en-", "xx", "zh-hans-pages-old"] {
            assert!(language_tag(other).is_none() || other == "en-", "{other}");
        }
        let paths = |list: &[&str]| {
            list.iter()
                .map(|path| (*path).to_owned())
                .collect::<Vec<_>>()
        };
        assert!(has_language_folders(
            &paths(&["content/en/a.md", "content/fr/a.md"]),
            "content/"
        ));
        assert!(!has_language_folders(&paths(&["it/a.md", "news/a.md"]), ""));
    }

    #[test]
    fn jekyll_permalink_styles_are_spelled_out() {
        assert_eq!(
            jekyll_style("pretty"),
            "/:categories/:year/:month/:day/:title/"
        );
        assert_eq!(jekyll_style(":title"), "/:title");
    }
}
