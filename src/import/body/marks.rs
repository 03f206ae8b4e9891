//! Small marks that are no template tags: more-marks, kramdown's attribute lists, Zola's page links; and the
//! pictures that stay behind on the old site.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::prose::in_text;
use super::{args, known};
use crate::import::pages::{Linking, Reference};
use crate::import::warnings::{Warnings, quoted};
use crate::import::{pages, text};

/// The body without the marks, and what stood before the first one.
pub(super) fn without_more(body: String, warnings: &mut Warnings) -> (String, Option<String>) {
    static MORE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)<!--\s*(?:more|excerpt|read-?more)\s*-->").expect("a fixed pattern")
    });
    if !MORE.is_match(&body) {
        return (body, None);
    }
    let mut excerpt = None;
    let mut done = String::new();
    let mut removed = 0_usize;
    for piece in super::pieces::scan(&body, super::Dialect::None) {
        let (super::Piece::Text(at) | super::Piece::Code(at) | super::Piece::Verbatim(at)) = &piece
        else {
            continue;
        };
        let part = &body[at.clone()];
        if !matches!(piece, super::Piece::Text(_)) {
            done.push_str(part);
            continue;
        }
        if excerpt.is_none()
            && let Some(found) = MORE.find(part)
        {
            excerpt = Some(format!("{done}{}", &part[..found.start()]));
        }
        removed += MORE.find_iter(part).count();
        done.push_str(&MORE.replace_all(part, ""));
    }
    if removed > 0 {
        warnings.add("the mark where the excerpt ends was removed");
    }
    (done, excerpt)
}

/// `{: .class #id}`, `{:.class}`, `{:toc}`, `{::options /}`. A list alone on its line takes the line with it.
pub(super) fn without_attribute_lists(body: &str, warnings: &mut Warnings) -> String {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        let attribute = r#"(?:[.#][\w:-]+|[\w-]+=(?:"[^"\n]*"|'[^'\n]*')|toc|footnotes)"#;
        let list =
            format!(r"\{{:(?:\s*{attribute}(?:[ \t]*{attribute})*\s*|/\w*|:\w[^{{}}\n]*)\}}");
        Regex::new(&format!(r"(?m)^[ \t]*{list}[ \t]*(?:\r?\n|$)|{list}")).expect("a fixed pattern")
    });
    in_text(body, |part| {
        LIST.replace_all(part, |found: &Captures<'_>| {
            warnings.add(format!(
                "the attribute list {:?} was removed",
                quoted(&found[0])
            ));
            ""
        })
        .into_owned()
    })
}

/// `![a](my picture.png)`: kramdown takes blanks in an address, CommonMark does not, and the text would show as it is typed.
pub(super) fn with_encoded_blanks(body: &str, warnings: &mut Warnings) -> String {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(\]\([ \t]*)([^\s()<>"']+(?:[ \t]+[^\s()<>"']+)+)((?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?[ \t]*\))"#).expect("a fixed pattern")
    });
    in_text(body, |part| {
        LINK.replace_all(part, |found: &Captures<'_>| {
            warnings.add(format!(
                "the blanks in the address {:?} were encoded",
                quoted(&found[2])
            ));
            format!(
                "{}{}{}",
                &found[1],
                found[2].replace([' ', '\t'], "%20"),
                &found[3]
            )
        })
        .into_owned()
    })
}

/// `](@/blog/a.md)` names a file of the old site; the path it had is the closest thing to it.
pub(super) fn with_plain_page_links(
    body: &str,
    linking: &Linking<'_>,
    warnings: &mut Warnings,
) -> String {
    static PAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\]\(|(?m:^\[[^\[\]\n]+\]:[ \t]*))(@/[^()\s]+)").expect("a fixed pattern")
    });
    in_text(body, |part| {
        PAGE.replace_all(part, |found: &Captures<'_>| {
            format!("{}{}", &found[1], page_path(&found[2], linking, warnings))
        })
        .into_owned()
    })
}

fn page_path(written: &str, linking: &Linking<'_>, warnings: &mut Warnings) -> String {
    if let Some(page) = linking.find(written.trim_start_matches("@/"), Reference::FromRoot) {
        warnings.add(pages::note(written, &page));
        return args::destination(&page.address);
    }
    let path = known::page_path(written);
    warnings.add(format!(
        "the link to {:?} was kept as the path {path}: check that it still leads there",
        quoted(written)
    ));
    path
}

/// How many pictures are named one by one.
const NAMED_PICTURES: usize = 5;

pub(super) fn note_pictures(body: &str, warnings: &mut Warnings) {
    let names = pictures_of_site(body);
    for name in names.iter().take(NAMED_PICTURES) {
        warnings.add(format!(
            "the picture {:?} is not imported, its link is kept",
            quoted(name)
        ));
    }
    if names.len() > NAMED_PICTURES {
        warnings.add(format!(
            "pictures not imported besides these, links kept: {}",
            names.len() - NAMED_PICTURES
        ));
    }
}

fn pictures_of_site(body: &str) -> Vec<String> {
    static PICTURE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"!\[[^\]\n]*\]\(\s*<?([^()\s<>]+)").expect("a fixed pattern"));
    let mut names: Vec<String> = Vec::new();
    in_text(body, |part| {
        names.extend(
            PICTURE
                .captures_iter(part)
                .map(|found| found[1].to_owned())
                .filter(|url| !text::is_web_address(url) && !url.starts_with("data:")),
        );
        String::new()
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_lists_are_told_from_code_like_text() {
        let mut warnings = Warnings::default();
        let body = "a\n{: .x}\nb {:toc} {::nomarkdown}c{:/} {:?} {:heading \"x\"} `{:.y}`\n{:.no data-x=\"1\"}";
        assert_eq!(
            without_attribute_lists(body, &mut warnings),
            "a\nb  c {:?} {:heading \"x\"} `{:.y}`\n"
        );
    }

    #[test]
    fn blanks_in_addresses_are_encoded() {
        let mut warnings = Warnings::default();
        let body = "![a](my  big picture.png) [b](a b.pdf \"The title\") [c](d.png 'e f') [g](h i (1).png) `![a](b c)`\n[x](</a b>)";
        let changed = "![a](my%20%20big%20picture.png) [b](a%20b.pdf \"The title\") [c](d.png 'e f') [g](h i (1).png) `![a](b c)`\n[x](</a b>)";
        assert_eq!(with_encoded_blanks(body, &mut warnings), changed);
        assert_eq!(warnings.into_vec().len(), 2);
    }

    #[test]
    fn pictures_left_behind_are_told() {
        let mut warnings = Warnings::default();
        note_pictures(
            "![a](b.png) ![c](https://e.org/d.png) `![e](f.png)` ![g](</h i.png>)",
            &mut warnings,
        );
        assert_eq!(
            warnings.into_vec(),
            [
                "the picture \"b.png\" is not imported, its link is kept",
                "the picture \"/h\" is not imported, its link is kept",
            ]
        );
    }
}
