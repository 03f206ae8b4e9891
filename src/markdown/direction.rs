//! Which way text runs. A browser takes the first letter for the whole (`dir="auto"`), which is wrong for an Arabic
//! sentence that begins with “React”: there the direction is written out.

use std::collections::VecDeque;

use super::tags::{self, Piece};
use super::tokens::Tokens;

/// The letters of a text that have a direction of their own.
#[derive(Debug, Clone, Copy, Default)]
struct Letters {
    rtl: usize,
    ltr: usize,
    /// Whether the first one runs to the left.
    first_is_rtl: Option<bool>,
}

impl Letters {
    fn add(&mut self, text: &str) {
        for letter in text.chars().filter(|c| c.is_alphabetic()) {
            let is_rtl = is_rtl(letter);
            self.first_is_rtl.get_or_insert(is_rtl);
            if is_rtl { self.rtl += 1 } else { self.ltr += 1 }
        }
    }

    fn merge(&mut self, inner: Self) {
        self.rtl += inner.rtl;
        self.ltr += inner.ltr;
        self.first_is_rtl = self.first_is_rtl.or(inner.first_is_rtl);
    }

    /// A few words of the other direction do not turn a text around, wherever they stand.
    fn is_rtl(self) -> Option<bool> {
        self.first_is_rtl.map(|first| {
            if first {
                self.rtl * 3 >= self.ltr
            } else {
                self.rtl > self.ltr
            }
        })
    }

    fn direction(self) -> Option<&'static str> {
        self.is_rtl()
            .map(|is_rtl| if is_rtl { "rtl" } else { "ltr" })
    }

    fn attribute(self) -> Option<&'static str> {
        if self.is_rtl() == self.first_is_rtl {
            self.first_is_rtl.map(|_| "auto")
        } else {
            self.direction()
        }
    }
}

/// Hebrew, Arabic and what is written like them.
fn is_rtl(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

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
    let (mut found, mut open): (VecDeque<_>, Vec<Open<'_>>) = (VecDeque::new(), Vec::new());
    let mut code_depth = 0usize;
    for piece in tags::pieces(clean) {
        let tag = match piece {
            Piece::Tag(tag) => tag,
            Piece::Text(text) => {
                if let Some(block) = open.last_mut().filter(|_| code_depth == 0) {
                    block.read(text, tokens);
                }
                continue;
            }
        };
        let name = tags::name(tag);
        if is_code(name) {
            code_depth += 1;
        } else if name.strip_prefix('/').is_some_and(is_code) {
            code_depth = code_depth.saturating_sub(1);
        } else if is_block(name) {
            open.push(Open::begin(name, tag, found.len()));
            found.push_back(None);
        } else if name == "bdi" || tags::attribute(tag, "dir").is_some() {
            if let Some(block) = open.last_mut() {
                block.is_opaque = true;
            }
        } else if open
            .last()
            .is_some_and(|block| name.strip_prefix('/') == Some(block.name))
            && let Some(block) = open.pop()
        {
            found[block.slot] = block.direction();
            if let Some(parent) = open.last_mut().filter(|_| !block.is_title) {
                parent.take_in(block);
            }
        }
    }
    found
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
