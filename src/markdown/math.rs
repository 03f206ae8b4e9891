//! LaTeX to MathML. What cannot be rendered is shown as its source; nothing here fails.

use std::iter::Peekable;
use std::str::Bytes;
use std::time::Duration;

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::event::Event;
use pulldown_latex::{Parser, Storage, push_mathml};

use super::cpu;
use super::mathml::vetted;
use super::tags::escape;

const SOURCE_LIMIT_BYTES: usize = 4 * 1024;
/// Parser and writer recurse once per level.
const DEPTH_LIMIT: usize = 40;
const EVENT_LIMIT: usize = 20_000;
/// MathML of one formula: what the longest honest ones need, several times.
const OUTPUT_LIMIT_BYTES: usize = 256 * 1024;

/// How much math of one text may still be rendered.
#[derive(Debug)]
pub(super) struct Budget {
    /// Of the sources of all formulas.
    bytes: usize,
    cpu: Duration,
}

impl Budget {
    pub(super) fn of_post() -> Self {
        Self {
            bytes: 128 * 1024,
            cpu: cpu::scaled(Duration::from_millis(600)),
        }
    }

    pub(super) fn of_comment() -> Self {
        Self {
            bytes: 16 * 1024,
            cpu: cpu::scaled(Duration::from_millis(60)),
        }
    }
}

/// MathML for a formula and `true`, or its escaped source in `<code class="math-error">`.
pub(super) fn render(latex: &str, block: bool, budget: &mut Budget) -> (String, bool) {
    let latex = latex.trim();
    let fits = latex.len() <= SOURCE_LIMIT_BYTES.min(budget.bytes) && !budget.cpu.is_zero();
    if fits {
        budget.bytes -= latex.len();
    }
    let began = cpu::time();
    let attempted = fits.then(|| attempt(latex, block)).flatten();
    budget.cpu = budget.cpu.saturating_sub(cpu::time().saturating_sub(began));
    match attempted {
        Some(html) => (html, true),
        None => (
            format!(
                "<code class=\"math-error\" dir=\"ltr\">{}</code>",
                escape(latex)
            ),
            false,
        ),
    }
}

/// The crate has panicked on odd input before; a formula must not take its post down.
fn attempt(latex: &str, block: bool) -> Option<String> {
    std::panic::catch_unwind(|| mathml(latex, block))
        .ok()
        .flatten()
}

fn mathml(latex: &str, block: bool) -> Option<String> {
    if latex.is_empty() || has_refused_command(latex) || depth(latex) > DEPTH_LIMIT {
        return None;
    }
    let storage = Storage::new();
    let events = events(latex, &storage)?.into_iter();
    let display_mode = if block {
        DisplayMode::Block
    } else {
        DisplayMode::Inline
    };
    // The annotation option stays off: the crate writes it without escaping.
    let config = RenderConfig {
        display_mode,
        ..RenderConfig::default()
    };
    let mut html = String::new();
    push_mathml(&mut html, events.map(Ok::<_, std::fmt::Error>), config).ok()?;
    if html.len() > OUTPUT_LIMIT_BYTES {
        return None;
    }
    vetted(&escape_signs(&html)).map(|html| html.replacen("<math", "<math dir=\"ltr\"", 1))
}

/// What the formula is made of; `None` where it is wrong or too long.
fn events<'a>(latex: &'a str, storage: &'a Storage) -> Option<Vec<Event<'a>>> {
    let mut events = Vec::new();
    for event in Parser::new(latex, storage) {
        events.push(event.ok()?);
        if events.len() > EVENT_LIMIT {
            return None;
        }
    }
    Some(events)
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
        let defining = [
            "def",
            "let",
            "command",
            "environment",
            "DeclareMathOperator",
        ];
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
                skip_command(&mut bytes);
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

/// A word, or one sign.
fn skip_command(bytes: &mut Peekable<Bytes<'_>>) {
    let mut is_word = false;
    while bytes.next_if(u8::is_ascii_alphabetic).is_some() {
        is_word = true;
    }
    if !is_word {
        bytes.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rendered(latex: &str) -> (String, bool) {
        render(latex, false, &mut Budget::of_post())
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
            assert!(
                !fine && html.starts_with("<code class=\"math-error\" dir=\"ltr\">"),
                "{latex}"
            );
        }
        assert!(rendered("<script>\\").0.contains("&lt;script&gt;"));
    }

    #[test]
    fn lengths_are_bounded() {
        for (latex, width) in [
            (r"a\hspace{9999em}b", "20em"),
            (r"a\hspace{-9999em}b", "-2em"),
            (r"a\kern9999in b", "20em"),
            (r"a\hskip 99999pt plus 1fil b", "20em"),
            (r"a\mkern18mu b", "1em"),
            (r"a\mkern99999mu b", "20em"),
            (r"a\hspace{3em}b", "3em"),
            (r"\frac{\hspace{999cm}}{\text{$\hspace{999em}$}}", "20em"),
        ] {
            let (html, fine) = rendered(latex);
            assert!(
                !fine || html.contains(&format!("width=\"{width}\"")),
                "{latex}: {html}"
            );
            assert!(!html.contains("width=\"9") || !fine, "{latex}: {html}");
        }
        assert!(rendered(r"a\hspace{9999em}b").1);
    }

    #[test]
    fn a_formula_that_grows_too_much_shows_its_source() {
        let columns = "c".repeat(600);
        let (html, _) = rendered(&format!(
            r"\begin{{array}}{{{columns}}}{}\end{{array}}",
            r"\\ &".repeat(800)
        ));
        assert!(html.len() < OUTPUT_LIMIT_BYTES);
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
