//! Tags that name another page of the site.

use super::args::Args;
use super::dialect::{Dialect, Tag};
use super::tags::Writer;
use super::{args, known};
use crate::import::file_name;
use crate::import::pages::{Page, Reference};
use crate::import::permalink_template;
use crate::import::warnings::quoted;
use crate::import::{dates, pages, text};

impl Writer<'_, '_> {
    pub(super) fn is_page_reference(&self, tag: &Tag) -> bool {
        let first = || {
            Args::parse(&self.text[tag.args.clone()])
                .at(0)
                .map(str::to_owned)
        };
        match self.dialect {
            Dialect::Hugo => {
                matches!(tag.name.as_str(), "ref" | "relref")
                    || tag.name == "link" && first().is_some_and(|page| page.ends_with(".md"))
            }
            Dialect::Liquid => {
                matches!(
                    tag.name.as_str(),
                    "post_url" | "post_path" | "post_link" | "asset_path" | "link"
                ) && !first().is_some_and(|text| text::is_web_address(&text))
            }
            Dialect::Zola | Dialect::None => false,
        }
    }

    pub(super) fn page_reference(&mut self, tag: &Tag) {
        let args = Args::parse(self.text[tag.args.clone()].trim().trim_end_matches('-'));
        let Some(page) = args.get(&["path"]).or_else(|| args.at(0)) else {
            self.warnings.add(format!(
                "the tag {} names no page and was removed",
                tag.name
            ));
            return;
        };
        let found = self.find_page(tag, page);
        if tag.name == "post_link" {
            return self.post_link(&args, page, found);
        }
        if let Some(found) = found {
            self.warnings.add(pages::note(page, &found));
            self.out.push_str(&args::destination(&found.address));
            return;
        }
        self.keep_path(tag, page);
    }

    fn find_page(&self, tag: &Tag, page: &str) -> Option<Page> {
        let reference = match (self.dialect, tag.name.as_str()) {
            (_, "asset_path") => return None,
            (Dialect::Hugo, _) => Reference::File,
            (_, "link") => Reference::FromRoot,
            _ => Reference::Post,
        };
        self.linking.find(page, reference)
    }

    /// Of a page that is not found: where the old site would have had it.
    fn keep_path(&mut self, tag: &Tag, page: &str) {
        let path = if self.dialect == Dialect::Liquid {
            jekyll_path(&tag.name, page)
        } else {
            known::page_path(page)
        };
        self.warnings.add(format!(
            "the link to {:?} was kept as the path {path}: check that it still leads there",
            quoted(page)
        ));
        self.out.push_str(&path);
    }

    /// Hexo's whole link, whose text is the title of that post where none is given.
    fn post_link(&mut self, args: &Args, post: &str, found: Option<Page>) {
        let given = given_text(args);
        match found {
            Some(page) => {
                self.warnings.add(pages::note(post, &page));
                self.out.push_str(&args::link(
                    given.as_deref().unwrap_or(&page.title),
                    &page.address,
                ));
            }
            None => {
                self.warnings.add(format!(
                    "the link to {:?} was left out: there is no such post",
                    quoted(post)
                ));
                self.out.push_str(given.as_deref().unwrap_or(post));
            }
        }
    }
}

/// The words behind the post's name, without the last one that tells whether they are HTML.
fn given_text(args: &Args) -> Option<String> {
    let words: Vec<&str> = args.plain().iter().skip(1).map(String::as_str).collect();
    let words = words
        .strip_suffix(&["true"])
        .or_else(|| words.strip_suffix(&["false"]))
        .unwrap_or(&words);
    Some(words.join(" ")).filter(|text| !text.is_empty())
}

/// `2016-03-02-a` is where Jekyll puts it without categories; documents have an alias of that form.
fn jekyll_path(tag: &str, page: &str) -> String {
    let file = file_name::file_name(page.trim_end_matches('/'));
    let stem = if tag == "link" {
        file_name::stem(page)
    } else {
        file.trim_end_matches(".md")
    };
    match dates::from_file_name(stem) {
        Some((day, name)) => format!(
            "/{}/{}.html",
            day.format("%Y/%m/%d"),
            permalink_template::slugified(name)
        ),
        None if matches!(tag, "asset_path" | "post_path" | "post_url") => args::destination(page),
        None => collection_path(page),
    }
}

/// A collection's folder begins with an underscore, its address does not.
fn collection_path(page: &str) -> String {
    let page = page.trim_start_matches(['/', '_']);
    let page = page
        .rsplit_once('.')
        .filter(|(_, ending)| matches!(*ending, "md" | "markdown"))
        .map_or_else(|| page.to_owned(), |(stem, _)| format!("{stem}.html"));
    args::destination(&format!("/{page}"))
}
