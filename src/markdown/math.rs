//! LaTeX to MathML. What cannot be rendered is shown as its source; nothing here fails.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

use super::tags::{self, Piece, escape};

const SOURCE_LIMIT_BYTES: usize = 4 * 1024;
/// Parser and writer recurse once per level.
const DEPTH_LIMIT: usize = 40;
const EVENT_LIMIT: usize = 20_000;
/// Over all formulas of one text, in bytes of source.
const TEXT_LIMIT_BYTES: usize = 128 * 1024;

/// How much math of one text may still be rendered.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(TEXT_LIMIT_BYTES)
    }
}

/// MathML for a formula and `true`, or its escaped source in `<code class="math-error">`.
pub(super) fn render(latex: &str, block: bool, budget: &mut Budget) -> (String, bool) {
    let latex = latex.trim();
    let fits = latex.len() <= SOURCE_LIMIT_BYTES.min(budget.0);
    if fits {
        budget.0 -= latex.len();
    }
    // The crate has panicked on odd input before; a formula must not take its post down.
    let attempt = || std::panic::catch_unwind(|| mathml(latex, block)).ok().flatten();
    match fits.then(attempt).flatten() {
        Some(html) => (html, true),
        None => (format!("<code class=\"math-error\">{}</code>", escape(latex)), false),
    }
}

fn mathml(latex: &str, block: bool) -> Option<String> {
    if latex.is_empty() || has_refused_command(latex) || depth(latex) > DEPTH_LIMIT {
        return None;
    }
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(latex, &storage) {
        events.push(Ok::<_, std::fmt::Error>(event.ok()?));
        if events.len() > EVENT_LIMIT {
            return None;
        }
    }
    let display_mode = if block { DisplayMode::Block } else { DisplayMode::Inline };
    // The annotation option stays off: the crate writes it without escaping.
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut html = String::new();
    push_mathml(&mut html, events.into_iter(), config).ok()?;
    vetted(&escape_signs(&html))
}

/// The crate writes the signs `<`, `>` and `&` of a formula unescaped when each is an element of
/// its own. Whatever other form they might come in, `vetted` refuses.
fn escape_signs(html: &str) -> String {
    let mut html = html.to_owned();
    for (sign, escaped) in [('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;")] {
        // U+0338 strikes the sign through, as in `\not<`.
        for after in ["</m", "\u{338}"] {
            html = html.replace(&format!(">{sign}{after}"), &format!(">{escaped}{after}"));
        }
    }
    html
}

/// Macros can double their argument at every level: a few lines make gigabytes. `\char` panics in
/// pulldown-latex 0.8.0 when a letter outside ASCII follows.
fn has_refused_command(latex: &str) -> bool {
    latex.split('\\').skip(1).any(|after| {
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &after[..letters];
        let defining = ["def", "let", "command", "environment", "DeclareMathOperator"];
        name == "char" || defining.iter().any(|end| name.ends_with(end))
    })
}

/// An upper bound of how deep groups nest: braces, plus commands that take the next command as
/// their argument without braces, as in `\sqrt\sqrt\sqrt x`.
fn depth(latex: &str) -> usize {
    let (mut open, mut chain, mut deepest) = (0usize, 0usize, 0usize);
    let mut bytes = latex.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                let is_word = bytes.peek().is_some_and(u8::is_ascii_alphabetic);
                while is_word && bytes.peek().is_some_and(u8::is_ascii_alphabetic) {
                    bytes.next();
                }
                if !is_word {
                    bytes.next();
                }
                chain += 1;
            }
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b'^' | b'_' => chain += 1,
            b' ' | b'\n' | b'\t' => {}
            _ => chain = 0,
        }
        deepest = deepest.max(open + chain);
    }
    deepest
}

/// The MathML without `style` attributes (a strict content policy forbids them), or `None` if it
/// holds anything but known elements and attributes. The crate escapes correctly today; this is
/// what keeps an update of it from becoming a hole.
fn vetted(html: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    for piece in tags::pieces(html) {
        match piece {
            Piece::Text(text) => {
                if text.contains(['<', '>']) {
                    return None;
                }
                out.push_str(text);
            }
            Piece::Tag(tag) => push_vetted_tag(&mut out, tag)?,
        }
    }
    Some(out)
}

fn push_vetted_tag(out: &mut String, tag: &str) -> Option<()> {
    let name = tags::name(tag).trim_end_matches('/');
    if !ELEMENTS.contains(&name.trim_start_matches('/')) {
        return None;
    }
    out.push('<');
    out.push_str(name);
    let end = tag.strip_suffix('>')?;
    let end = end.strip_suffix('/').unwrap_or(end);
    let mut rest = end.get(1 + name.len()..)?.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if ATTRIBUTES.contains(&key) && !value.contains(['<', '>']) {
            out.push_str(&format!(" {key}=\"{value}\""));
        } else if key != "style" {
            return None;
        }
        rest = after.trim();
    }
    out.push_str(if tag.ends_with("/>") { "/>" } else { ">" });
    Some(())
}

const ELEMENTS: [&str; 24] = [
    "math",
    "mrow",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
];

const ATTRIBUTES: [&str; 32] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "symmetric",
    "form",
    "fence",
    "separator",
    "largeop",
    "movablelimits",
    "minsize",
    "maxsize",
    "lspace",
    "rspace",
    "accent",
    "accentunder",
    "linethickness",
    "width",
    "height",
    "depth",
    "voffset",
    "columnalign",
    "rowalign",
    "columnspacing",
    "rowspacing",
    "columnlines",
    "rowlines",
    "columnspan",
    "class",
    "xmlns",
    "intent",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rendered(latex: &str) -> (String, bool) {
        render(latex, false, &mut Budget::default())
    }

    #[test]
    fn formulas_become_mathml() {
        for latex in [
            "a^2 + b^2 = c^2",
            r"\frac{1}{\sqrt{2\pi}} \int_{-\infty}^{\infty} e^{-x^2} dx",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\text{if } x < 0",
            r"\mathbb{R}",
            r"\sum_{i=1}^n \binom{n}{i}",
            r"\hat{x} \vec v \overline{ab}",
            r"\color{red} x",
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            r"\left( \frac a b \right)",
            r"\begin{cases} 1 & x>0 \\ 0 & \text{else} \end{cases}",
            r"\underbrace{a+b}_{c}",
            r"a < b > c \& d \not< e \not> f",
            r"x \lt y \gt z \left\langle a \right\rangle",
        ] {
            let (html, fine) = rendered(latex);
            assert!(fine && html.starts_with("<math"), "{latex}: {html}");
            assert!(!html.contains("style="), "{html}");
        }
    }

    #[test]
    fn what_is_wrong_or_too_much_shows_its_source() {
        for latex in [
            r"\frac{1",
            r"\nosuchcommand",
            r"\char é",
            "{",
            "",
            r"\def\a{xx}\a",
            r"\newcommand{\b}{1}\b",
            &"{".repeat(1000),
            &r"\sqrt".repeat(500),
            &"x".repeat(5000),
            &"x^".repeat(800),
        ] {
            let (html, fine) = rendered(latex);
            assert!(!fine && html.starts_with("<code class=\"math-error\">"), "{latex}");
        }
        assert!(rendered("<script>\\").0.contains("&lt;script&gt;"));
    }

    #[test]
    fn only_known_mathml_passes() {
        assert_eq!(vetted("<mi style=\"color:red\" class=\"a\">x</mi>").unwrap(), "<mi class=\"a\">x</mi>");
        assert_eq!(vetted("<mspace width=\"1em\" />").unwrap(), "<mspace width=\"1em\"/>");
        for bad in ["<script>", "<mi onclick=\"x\">", "<mi href=\"x\">", "<maction>", "a < b", "<mi a>"] {
            assert_eq!(vetted(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_known_elements_only(latex in r"([a-z0-9 ^_{}&<>']|\\(frac|sqrt|text|left\(|right\)|begin\{matrix\}|end\{matrix\}|\\|color\{red\}|alpha|not|over)){0,30}") {
            let (html, fine) = rendered(&latex);
            if fine {
                prop_assert!(vetted(&html).is_some());
            }
        }
    }
}
