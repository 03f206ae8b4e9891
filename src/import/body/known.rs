//! Shortcodes and tags whose meaning is known, whichever generator they come from, as plain Markdown.

use std::sync::LazyLock;

use regex::Regex;

use super::args;
use super::args::Args;
use crate::import::text;

/// What a tag without contents turns into.
pub(super) enum Made {
    /// A link, picture or text that says the same.
    Markdown(String, &'static str),
    /// Nothing that Markdown could say.
    Nothing,
}

/// `name` may have a folder before it. Only text that stands in the arguments ends up in the result.
pub(super) fn make(name: &str, args: &Args) -> Made {
    let short = name.rsplit('/').next().unwrap_or(name);
    let short = short
        .split('.')
        .next()
        .unwrap_or(short)
        .to_ascii_lowercase()
        .replace('-', "_");
    if let Some(address) = service(&short, args) {
        let label = args.get(&["title", "label", "caption", "text"]);
        let link = label.map_or_else(
            || format!("<{address}>"),
            |label| args::link(label, &address),
        );
        return Made::Markdown(link, "became a link");
    }
    if is_picture_name(&short) {
        return picture(args);
    }
    generic(args)
}

/// The address of what is shown from another site; only the plain ids that these sites give out are taken.
fn service(name: &str, args: &Args) -> Option<String> {
    let id = |names: &[&str], index| {
        args.get(names)
            .or_else(|| args.at(index))
            .filter(|id| is_id(id))
    };
    Some(match name {
        "youtube" | "youtubeiframe" | "youtube_lite" | "video_youtube" => {
            format!(
                "https://www.youtube.com/watch?v={}",
                id(&["id", "videoid"], 0)?
            )
        }
        "vimeo" => format!("https://vimeo.com/{}", id(&["id"], 0)?),
        "gist" => match (id(&["user", "username"], 0), id(&["id", "gist"], 1)) {
            (Some(user), Some(gist)) => format!("https://gist.github.com/{user}/{gist}"),
            _ => format!(
                "https://gist.github.com/{}",
                args.get(&["id"])
                    .or_else(|| args.at(0))
                    .filter(|id| is_id(&id.replace('/', "")))?
            ),
        },
        "tweet" | "x" | "twitter" => match (id(&["user"], 0), id(&["id"], 1)) {
            (Some(user), Some(tweet)) if user.chars().any(|c| !c.is_ascii_digit()) => {
                format!("https://twitter.com/{user}/status/{tweet}")
            }
            _ => format!("https://twitter.com/i/status/{}", id(&["id"], 0)?),
        },
        "instagram" => format!("https://www.instagram.com/p/{}/", id(&["id"], 0)?),
        "jsfiddle" => format!("https://jsfiddle.net/{}/", id(&["id"], 0)?),
        _ => return None,
    })
}

fn is_id(text: &str) -> bool {
    static ID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_-]{1,64}$").expect("a fixed pattern"));
    ID.is_match(text)
}

fn is_picture_name(name: &str) -> bool {
    name.split('_').any(|word| {
        matches!(
            word,
            "figure" | "img" | "image" | "picture" | "photo" | "fig" | "diagram" | "illustration"
        )
    })
}

fn picture(args: &Args) -> Made {
    // Hexo and Octopress write classes before the address, so the first argument that is a picture counts.
    let placed = || {
        args.plain()
            .iter()
            .map(String::as_str)
            .find(|value| text::looks_like_picture(value))
    };
    let address = args
        .get(&["src", "url", "path", "image_path", "image", "file"])
        .filter(|value| text::looks_like_picture(value))
        .or_else(placed);
    let Some(address) = address else {
        return Made::Nothing;
    };
    let title = args.get(&["title", "caption"]);
    let alt = args.get(&["alt"]).or(title).unwrap_or_default();
    let image = args::image(
        address,
        alt,
        title.filter(|title| Some(*title) != args.get(&["alt"])),
    );
    Made::Markdown(
        match args.get(&["link", "href"]) {
            Some(target) => format!("[{image}]({})", args::destination(target)),
            None => image,
        },
        "became a picture",
    )
}

/// For a tag that is not known: its address and its text are better than a hole in a sentence.
fn generic(args: &Args) -> Made {
    let label = args.get(&["text", "label", "title", "caption"]);
    let address = args
        .get(&["href", "url", "link", "src"])
        .filter(|value| text::is_web_address(value));
    match (label, address) {
        (Some(label), Some(address)) => Made::Markdown(args::link(label, address), "became a link"),
        (None, Some(address)) => Made::Markdown(format!("<{address}>"), "became a link"),
        (Some(label), None) => Made::Markdown(label.to_owned(), "was replaced by its text"),
        (None, None) => Made::Nothing,
    }
}

/// A page's file as a path on the old site: `posts/a.md` is `/posts/a/`, and `#part` stays.
pub(super) fn page_path(file: &str) -> String {
    let (file, part) = file
        .split_once('#')
        .map_or((file, None), |(file, part)| (file, Some(part)));
    let file = file.trim().trim_start_matches("@/");
    let stem = file
        .strip_suffix(".md")
        .or_else(|| file.strip_suffix(".markdown"));
    let folder = stem.map(|stem| {
        stem.strip_suffix("/index")
            .or_else(|| stem.strip_suffix("/_index"))
            .unwrap_or(stem)
    });
    let path = match (folder, file) {
        (_, "") => String::new(),
        (Some(folder), _) => format!("/{}/", folder.trim_matches('/')),
        (None, file) => format!("/{}", file.trim_start_matches('/')),
    };
    args::destination(&part.map_or(path.clone(), |part| format!("{path}#{part}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, text: &str) -> Option<String> {
        match make(name, &Args::parse(text)) {
            Made::Markdown(markdown, _) => Some(markdown),
            Made::Nothing => None,
        }
    }

    #[test]
    fn known_tags_say_the_same_in_markdown() {
        for (name, text, want) in [
            (
                "youtube",
                "abc_DEF-123",
                Some("<https://www.youtube.com/watch?v=abc_DEF-123>"),
            ),
            (
                "youtube",
                "id=\"x1\" title=\"A film\"",
                Some("[A film](https://www.youtube.com/watch?v=x1)"),
            ),
            ("youtube", "id=\"a b<\"", None),
            ("vimeo", "123", Some("<https://vimeo.com/123>")),
            ("gist", "ann 42", Some("<https://gist.github.com/ann/42>")),
            ("tweet", "42", Some("<https://twitter.com/i/status/42>")),
            (
                "tweet",
                "user=\"ann\" id=\"42\"",
                Some("<https://twitter.com/ann/status/42>"),
            ),
            (
                "figure",
                "src=\"a.png\" alt=\"A\" title=\"T\"",
                Some("![A](a.png \"T\")"),
            ),
            (
                "figure",
                "src=\"a.png\" caption=\"C\" link=\"https://e.org\"",
                Some("[![C](a.png \"C\")](https://e.org)"),
            ),
            ("img", "left /a/b.jpg 300 200", Some("![](/a/b.jpg)")),
            ("img", "src=\"some-uid\"", None),
            (
                "button",
                "href=\"https://e.org\" text=\"Go\"",
                Some("[Go](https://e.org)"),
            ),
            (
                "asset-static",
                "file=\"a.pdf\" label=\"the paper\"",
                Some("the paper"),
            ),
            ("toc", "", None),
        ] {
            assert_eq!(made(name, text).as_deref(), want, "{name} {text}");
        }
    }

    #[test]
    fn pages_become_old_paths() {
        assert_eq!(page_path("/communities"), "/communities");
        assert_eq!(page_path("blog/a.md#part"), "/blog/a/#part");
        assert_eq!(page_path("@/blog/b/index.md"), "/blog/b/");
        assert_eq!(page_path("#part"), "#part");
    }
}
