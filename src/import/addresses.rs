//! How a site made its addresses.

use super::config_file::Config;
use super::generator::Generator;
use super::value::Table;

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
    pub(super) fn of(kind: Generator, config: &Config, below: String) -> Self {
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

pub(super) fn permalinks(kind: Generator, config: &Table) -> Vec<(String, String)> {
    let of_all = |template: String| vec![("*".to_owned(), template)];
    match kind {
        Generator::Jekyll => of_all(jekyll_style(config.text(&["permalink"]).unwrap_or("date"))),
        Generator::Hexo => {
            let template = config
                .text(&["permalink"])
                .unwrap_or(":year/:month/:day/:title/");
            of_all(format!("/{}", template.trim_start_matches('/')))
        }
        Generator::Hugo => config
            .table("permalinks")
            .map(hugo_permalinks)
            .unwrap_or_default(),
        Generator::Zola | Generator::Plain => Vec::new(),
    }
}

/// Templates of sections, which may stand in a table of those for pages.
fn hugo_permalinks(rules: &Table) -> Vec<(String, String)> {
    let rules = rules.table("page").unwrap_or(rules);
    rules
        .entries
        .iter()
        .filter_map(|(section, rule)| Some((section.clone(), rule.as_text()?.to_owned())))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jekyll_permalink_styles_are_spelled_out() {
        assert_eq!(
            jekyll_style("pretty"),
            "/:categories/:year/:month/:day/:title/"
        );
        assert_eq!(jekyll_style(":title"), "/:title");
    }
}
