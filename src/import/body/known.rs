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
    let short = short_name(name);
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

fn short_name(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let short = file.split('.').next().unwrap_or(file);
    short.to_ascii_lowercase().replace('-', "_")
}

/// The address of what is shown from another site; only the plain ids that these sites give out are taken.
fn service(name: &str, args: &Args) -> Option<String> {
    let id = |names: &[&str]| plain_id(args, names, 0);
    Some(match name {
        "youtube" | "youtubeiframe" | "youtube_lite" | "video_youtube" => {
            let id = id(&["id", "videoid"])?;
            format!("https://www.youtube.com/watch?v={id}")
        }
        "vimeo" => format!("https://vimeo.com/{}", id(&["id"])?),
        "gist" => format!("https://gist.github.com/{}", gist(args)?),
        "tweet" | "x" | "twitter" => format!("https://twitter.com/{}", tweet(args)?),
        "instagram" => format!("https://www.instagram.com/p/{}/", id(&["id"])?),
        "jsfiddle" => format!("https://jsfiddle.net/{}/", id(&["id"])?),
        _ => return None,
    })
}

fn plain_id<'a>(args: &'a Args, names: &[&str], index: usize) -> Option<&'a str> {
    args.get(names)
        .or_else(|| args.at(index))
        .filter(|id| is_id(id))
}

fn gist(args: &Args) -> Option<String> {
    let user = plain_id(args, &["user", "username"], 0);
    match (user, plain_id(args, &["id", "gist"], 1)) {
        (Some(user), Some(gist)) => Some(format!("{user}/{gist}")),
        _ => args
            .get(&["id"])
            .or_else(|| args.at(0))
            .filter(|id| is_id(&id.replace('/', "")))
            .map(str::to_owned),
    }
}

fn tweet(args: &Args) -> Option<String> {
    let user = plain_id(args, &["user"], 0);
    match (user, plain_id(args, &["id"], 1)) {
        (Some(user), Some(tweet)) if user.chars().any(|c| !c.is_ascii_digit()) => {
            Some(format!("{user}/status/{tweet}"))
        }
        _ => Some(format!("i/status/{}", plain_id(args, &["id"], 0)?)),
    }
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
    let Some(address) = picture_address(args) else {
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

fn picture_address(args: &Args) -> Option<&str> {
    // Hexo and Octopress write classes before the address, so the first argument that is a picture counts.
    let placed = || {
        args.plain()
            .iter()
            .map(String::as_str)
            .find(|value| text::looks_like_picture(value))
    };
    args.get(&["src", "url", "path", "image_path", "image", "file"])
        .filter(|value| text::looks_like_picture(value))
        .or_else(placed)
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
