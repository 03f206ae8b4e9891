//! What a folder was made for, and where that generator keeps things.

use std::path::Path;

use super::addresses::Addresses;
use super::config;
use super::config::Above;
use super::config_file::{self, Config};
use super::file_name;
use super::language::has_language_folders;
use super::moment::Zone;
use super::signs::by_content;
use super::value::{Table, Value};
use super::warnings::quoted;
use crate::import::Generator;

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
        None => settings_above(dir, paths, kind, !content_root.is_empty()),
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

/// For a folder without settings of its own: those of the site that it is a part of, or of a file beside it.
fn settings_above(
    dir: &Path,
    paths: &[String],
    seen: Generator,
    has_root: bool,
) -> (Addresses, Config, String) {
    let above = config::above(dir, paths).filter(|above| may_be_of(above.kind, seen, paths));
    if let Some(Above {
        kind,
        config,
        base,
        below,
    }) = above
    {
        let kind = if kind == Generator::Plain { seen } else { kind };
        return (Addresses::of(kind, &config, below), config, base);
    }
    let (fields, base) = config::nearby(dir).unwrap_or_default();
    let config = Config {
        fields,
        ..Config::default()
    };
    (Addresses::without_config(seen, has_root), config, base)
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
        (Generator::Hugo | Generator::Zola, Generator::Jekyll) => !paths
            .iter()
            .any(|path| file_name::has_folder(path, "_posts")),
        _ => true,
    }
}

fn by_config(config: &Config, under: &impl Fn(&str) -> bool) -> Option<Generator> {
    if !config.name.starts_with("_config") {
        return config_file::by_name(config);
    }
    let is_hexo =
        under("source/_posts/") || under("scaffolds/") || config.fields.get("source_dir").is_some();
    Some(if is_hexo {
        Generator::Hexo
    } else {
        Generator::Jekyll
    })
}

impl Site {
    /// What stands in no language's own place is in this one.
    #[must_use]
    pub fn default_language(&self) -> String {
        const NAMES: [&str; 3] = ["defaultContentLanguage", "default_language", "lang"];
        self.config.text(&NAMES).unwrap_or("en").to_lowercase()
    }
}
