//! What a folder was made for, and where that generator keeps things.

use std::{fs, io::Read as _, path::Path, sync::LazyLock};

use regex::Regex;

use super::{
    front_matter::{self, Notation},
    value::Table,
};

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
    /// The generator's settings, also those that lie above the folder.
    pub(super) config: Table,
    /// Where the folder lies below those settings, such as `content/`; empty when they lie in it.
    pub(super) base: String,
    /// Old addresses: pairs of a section (`*` for any) and a template such as `/:year/:slug/`.
    pub(super) permalinks: Vec<(String, String)>,
}

/// How many files are looked into to tell the generator, and how much of each.
const SAMPLE_FILES: usize = 200;
const SAMPLE_BYTES: u64 = 16 * 1024;

/// Settings files of the generators, the surest first.
const CONFIG_FILES: [&str; 13] = [
    "zola.toml",
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "_config.yml",
    "_config.yaml",
    "_config.toml",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config/_default/hugo.toml",
    "config/_default/config.toml",
];

/// `paths` are the regular files, relative with `/`, in their order.
pub(super) fn recognise(dir: &Path, paths: &[String]) -> Site {
    let has = |name: &str| paths.iter().any(|path| path == name);
    let under = |folder: &str| paths.iter().any(|path| path.starts_with(folder));
    let config_file = CONFIG_FILES.into_iter().find(|name| has(name));
    let config = config_file.and_then(|name| read_config(dir, name)).unwrap_or_default();
    let kind = by_config(config_file, &config, &under).unwrap_or_else(|| by_content(dir, paths));
    let content_root = match kind {
        Generator::Hexo if under("source/") => "source/",
        _ if under("content/") => "content/",
        _ => "",
    };
    let permalinks = permalinks(kind, &config);
    let (config, base) = if config_file.is_some() { (config, String::new()) } else { config_above(dir).unwrap_or_default() };
    Site {
        kind,
        content_root: content_root.to_owned(),
        config,
        base,
        permalinks,
        config_file: config_file.map(str::to_owned),
        has_language_folders: has_language_folders(paths, content_root),
    }
}

/// The settings of a site of which only a part is imported (`content`, `source/_posts`), up to two folders above. They say
/// what of it was not public; everything else is read without them.
fn config_above(dir: &Path) -> Option<(Table, String)> {
    let dir = dir.canonicalize().ok()?;
    let mut base = String::new();
    let mut below = dir.as_path();
    for _ in 0..2 {
        base = format!("{}/{base}", below.file_name()?.to_str()?);
        below = below.parent()?;
        if let Some(config) = CONFIG_FILES.iter().find_map(|name| read_config(below, name)) {
            return Some((config, base));
        }
    }
    None
}

fn read_config(dir: &Path, name: &str) -> Option<Table> {
    let text = head(&dir.join(name), front_matter::FRONT_MATTER_LIMIT as u64)?;
    front_matter::parse_data(&text, name.rsplit('.').next()?).ok()
}

/// The start of a file; a character cut in half at the end is dropped.
fn head(path: &Path, limit: u64) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn by_config(name: Option<&str>, config: &Table, under: &impl Fn(&str) -> bool) -> Option<Generator> {
    let name = name?;
    if name.starts_with("zola") {
        Some(Generator::Zola)
    } else if name.contains("hugo") {
        Some(Generator::Hugo)
    } else if name.starts_with("_config") {
        let is_hexo = under("source/_posts/") || under("scaffolds/") || config.get("source_dir").is_some();
        Some(if is_hexo { Generator::Hexo } else { Generator::Jekyll })
    } else if config.get("base_url").is_some() {
        Some(Generator::Zola)
    } else if config.get("baseURL").is_some() {
        Some(Generator::Hugo)
    } else {
        None
    }
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
    let documents: Vec<&String> = paths.iter().filter(|path| super::walk::is_markdown(path)).collect();
    let step = (documents.len() / SAMPLE_FILES).max(1);
    let mut signs = Signs::default();
    let sample: Vec<&&String> = documents.iter().step_by(step).collect();
    for path in &sample {
        look(dir, path, &mut signs);
    }
    let sections = documents.iter().any(|path| super::walk::file_name(path) == "_index.md");
    let in_posts = paths.iter().any(|path| super::walk::has_folder(path, "_posts"));
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
    static SHORTCODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{\{[<%]\s*/?[\w\-/]+[^{}]*[>%]\}\}").expect("a fixed pattern"));
    if super::dates::from_file_name(super::walk::stem(path)).is_some() {
        signs.dated_names += 1;
    }
    let Some(text) = head(&dir.join(path), SAMPLE_BYTES) else { return };
    let Ok(parts) = front_matter::split(&text) else { return };
    match parts.notation {
        Notation::Toml => {
            signs.toml += 1;
            const ZOLA: [&str; 8] =
                ["path", "taxonomies", "extra", "sort_by", "in_search_index", "generate_feeds", "paginate_by", "template"];
            signs.zola += usize::from(ZOLA.iter().any(|name| parts.fields.get(name).is_some()));
        }
        Notation::ClosedOnly => signs.closed_only += 1,
        _ => {}
    }
    signs.hugo += usize::from(SHORTCODE.is_match(parts.body));
}

fn permalinks(kind: Generator, config: &Table) -> Vec<(String, String)> {
    match kind {
        Generator::Jekyll => vec![("*".to_owned(), jekyll_style(config.text(&["permalink"]).unwrap_or("date")))],
        Generator::Hexo => {
            let template = config.text(&["permalink"]).unwrap_or(":year/:month/:day/:title/");
            vec![("*".to_owned(), format!("/{}", template.trim_start_matches('/')))]
        }
        Generator::Hugo => {
            let Some(rules) = config.table("permalinks") else { return Vec::new() };
            let rules = rules.table("page").unwrap_or(rules);
            rules.entries.iter().filter_map(|(section, rule)| Some((section.clone(), rule.as_text()?.to_owned()))).collect()
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
        "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hi", "hr", "hu",
        "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr",
        "uk", "ur", "vi", "zh",
    ];
    let (language, rest) = text.split_once(['-', '_']).unwrap_or((text, ""));
    let rest_fits = rest.len() <= 8 && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && rest.len() != 1;
    (LANGUAGES.contains(&language.to_ascii_lowercase().as_str()) && rest_fits && !rest.eq_ignore_ascii_case("pages"))
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
        let paths = |list: &[&str]| list.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        assert!(has_language_folders(&paths(&["content/en/a.md", "content/fr/a.md"]), "content/"));
        assert!(!has_language_folders(&paths(&["it/a.md", "news/a.md"]), ""));
    }

    #[test]
    fn jekyll_permalink_styles_are_spelled_out() {
        assert_eq!(jekyll_style("pretty"), "/:categories/:year/:month/:day/:title/");
        assert_eq!(jekyll_style(":title"), "/:title");
    }
}
