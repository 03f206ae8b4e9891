//! Which way text runs. A browser takes the first letter for the whole (`dir="auto"`), which is wrong for an Arabic
//! sentence that begins with “React”: there the direction is written out.

use std::collections::VecDeque;

use super::letters::Letters;
use super::tags::{self, Piece};
use super::tokens::Tokens;

/// `rtl` or `ltr`; `None` for a text without letters.
pub fn direction(text: &str) -> Option<&'static str> {
    let mut letters = Letters::default();
    letters.add(text);
    letters.direction()
}

/// The `dir` that shows a line of plain text as it is meant: `auto` wherever the browser finds it by itself.
pub fn direction_attribute(text: &str) -> &'static str {
    let mut letters = Letters::default();
    letters.add(text);
    letters.attribute().unwrap_or("auto")
}

struct Open<'a> {
    name: &'a str,
    slot: usize,
    /// The author said it.
    is_given: bool,
    /// A browser that looks for the first letter does not look into all of it.
    is_opaque: bool,
    is_title: bool,
    letters: Letters,
}

/// The `dir` of each block of sanitised HTML, in the order of their start tags. `None`: as the block around it.
pub(super) fn of_blocks(clean: &str, tokens: &Tokens) -> VecDeque<Option<&'static str>> {
    let mut blocks = Blocks::default();
    for piece in tags::pieces(clean) {
        match piece {
            Piece::Tag(tag) => blocks.tag(tag),
            Piece::Text(text) => blocks.text(text, tokens),
        }
    }
    blocks.found
}

/// The walk over the blocks, as far as it has come.
#[derive(Default)]
struct Blocks<'a> {
    found: VecDeque<Option<&'static str>>,
    open: Vec<Open<'a>>,
    code_depth: usize,
}

impl<'a> Blocks<'a> {
    fn text(&mut self, text: &str, tokens: &Tokens) {
        if let Some(block) = self.open.last_mut().filter(|_| self.code_depth == 0) {
            block.read(text, tokens);
        }
    }

    fn tag(&mut self, tag: &'a str) {
        let name = tags::name(tag);
        if is_code(name) {
            self.code_depth += 1;
        } else if name.strip_prefix('/').is_some_and(is_code) {
            self.code_depth = self.code_depth.saturating_sub(1);
        } else if is_block(name) {
            self.open.push(Open::begin(name, tag, self.found.len()));
            self.found.push_back(None);
        } else if name == "bdi" || tags::attribute(tag, "dir").is_some() {
            if let Some(block) = self.open.last_mut() {
                block.is_opaque = true;
            }
        } else if let Some(ended) = name.strip_prefix('/') {
            self.end(ended);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(block) = self.open.pop_if(|block| block.name == name) {
            self.found[block.slot] = block.direction();
            if let Some(parent) = self.open.last_mut().filter(|_| !block.is_title) {
                parent.take_in(block);
            }
        }
    }
}

impl<'a> Open<'a> {
    fn begin(name: &'a str, tag: &str, slot: usize) -> Self {
        let class = tags::attribute(tag, "class");
        Open {
            name,
            slot,
            is_given: tags::attribute(tag, "dir").is_some(),
            is_opaque: false,
            is_title: class.is_some_and(|class| class == "markdown-alert-title"),
            letters: Letters::default(),
        }
    }

    fn read(&mut self, text: &str, tokens: &Tokens) {
        let (letters, is_opaque) = (&mut self.letters, &mut self.is_opaque);
        tokens.split(
            text,
            |plain| letters.add(plain),
            |trusted, _| *is_opaque |= trusted.starts_with("<math"),
        );
    }

    fn take_in(&mut self, inner: Open<'_>) {
        self.is_opaque |= inner.letters.first_is_rtl.is_some() || inner.is_given;
        self.letters.merge(inner.letters);
    }

    fn direction(&self) -> Option<&'static str> {
        if self.is_given {
            return None;
        }
        let found = if self.is_opaque {
            self.letters.direction()
        } else {
            self.letters.attribute()
        };
        // Code alone: programs run to the right on every page.
        found.or_else(|| (self.name == "pre").then_some("ltr"))
    }
}

/// What is typed on keyboards and read by programs.
pub(super) fn is_code(name: &str) -> bool {
    matches!(name, "code" | "kbd" | "samp")
}

/// Elements that get a direction of their own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "blockquote"
            | "pre"
            | "table"
            | "caption"
            | "th"
            | "td"
            | "figcaption"
            | "details"
            | "summary"
            | "div"
            | "section"
            | "article"
            | "aside"
            | "address"
            | "center"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{clean, comment, post};
    use super::*;

    #[track_caller]
    fn has(source: &str, parts: &[&str]) {
        let html = post(source).unwrap().html;
        for part in parts {
            assert!(html.contains(part), "{part:?} is missing in:\n{html}");
        }
    }

    #[test]
    fn texts_have_the_direction_of_most_of_their_words() {
        for (text, written) in [
            ("مرحبا", "auto"),
            ("Hello", "auto"),
            ("React هي مكتبة لبناء الواجهات", "rtl"),
            ("שלום is the usual Hebrew word for hello", "ltr"),
            ("قال لنا: Hello world", "auto"),
            ("2026!", "auto"),
        ] {
            assert_eq!(direction_attribute(text), written, "{text}");
        }
        assert_eq!(
            (direction("قال: Hello"), direction("Hi"), direction("1")),
            (Some("rtl"), Some("ltr"), None)
        );
    }

    #[test]
    fn each_block_has_its_own_direction() {
        has(
            "# مرحبا\n\nنص\n\nText\n\n- واحد\n- Two\n\n> اقتباس\n\n| أ | b |\n|--|--|\n| 1 | c |\n\n12",
            &[
                "<h1 id=\"h-مرحبا\" dir=\"auto\">",
                "<p dir=\"auto\">نص</p>",
                "<p dir=\"auto\">Text</p>",
                "<ul dir=\"rtl\">\n<li dir=\"auto\">واحد</li>",
                "<blockquote dir=\"rtl\">\n<p dir=\"auto\">",
                "aria-label=\"Table\" dir=\"rtl\"><table dir=\"rtl\">",
                "<td>1</td>",
                "<p>12</p>",
            ],
        );
        has(
            "React هي مكتبة لبناء\n\n`x` هنا\n\n$x$ هنا",
            &[
                "<p dir=\"rtl\">React",
                "<p dir=\"auto\"><code",
                "<p dir=\"rtl\"><math dir=\"ltr\"",
            ],
        );
        has(
            "> [!NOTE]\n> ملاحظة",
            &[
                "markdown-alert-note\" dir=\"rtl\">\n<p class=\"markdown-alert-title\" dir=\"auto\">Note",
            ],
        );
        assert!(comment("نص").unwrap().html.contains("<p dir=\"auto\">"));
    }

    #[test]
    fn code_keys_and_formulas_run_to_the_right() {
        has(
            "نص `def f(x):` و <kbd>Ctrl</kbd>\n\n```py\ndef f(x):\n```\n\n<pre>نص</pre>",
            &[
                "<code dir=\"ltr\">def f(x):</code>",
                "<kbd dir=\"ltr\">",
                "<pre class=\"code\" tabindex=\"0\" dir=\"ltr\"><code class=\"language-py\">",
                "dir=\"auto\">نص</pre>",
            ],
        );
    }

    #[test]
    fn what_authors_say_stays_and_all_of_it_is_allowed() {
        has(
            "<p dir=rtl>Hello <bdi>نص</bdi></p><div dir=ltr><p>نص</p></div>",
            &["<p dir=\"rtl\">Hello", "<div dir=\"ltr\"><p dir=\"auto\">"],
        );
        let html = post("- نص `a`\n\n> b\n\n<kbd>K</kbd> <code dir=rtl>ب</code>")
            .unwrap()
            .html;
        assert_eq!(clean(&html).unwrap(), html);
    }
}
