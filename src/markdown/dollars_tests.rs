//! Dollar signs: prices, programs and formulas.

use proptest::prelude::*;

use super::dollars::{COVERS, cover};
use super::*;

/// How many formulas a text has, and that whatever is none reads as it was typed.
#[track_caller]
fn formulas(source: &str) -> usize {
    let (post, comment) = (post(source).unwrap(), comment(source).unwrap());
    assert_eq!(
        post.html.matches("<math").count(),
        comment.html.matches("<math").count(),
        "{source}"
    );
    post.html.matches("<math").count()
}

#[track_caller]
fn is_prose(source: &str) {
    assert_eq!(formulas(source), 0, "{source}");
    assert_eq!(post(source).unwrap().text, source);
}

#[test]
fn variables_and_programs_are_prose() {
    for source in [
        "Set $HOME/$USER and $PATH.",
        "$(\"#x\").val($y)",
        "$(\".a\").text(\"$\") and $('#b').html('$')",
        "PATH=$HOME/bin:$PATH and ${A}${B} and $(pwd):$(whoami)",
        "$HOME:$USER, $HOME-$USER, $a.$b, $a,$b, ($a)($b)",
        "Makefiles say $(CC) $(CFLAGS) -o $@ $^",
        "f($a, $b) and f($a,$b) and $a->$b and $$name and $$other",
        "\"$@\" \"$*\" and $# of $0",
        "this.$refs.$el, A$AP, Ke$ha, $AAPL/$TSLA",
        "/^[a]$/ or /^[b]$/",
        "设置$HOME/$USER和$PATH。",
    ] {
        is_prose(source);
    }
}

#[test]
fn prices_are_prose() {
    for source in [
        "It costs $5 and $10.",
        "$5–$10, $1,000-$2,000, $5/$10, US$5 or CA$6, 5$ or 10$.",
        "For some it is 2$ for one, not 1$.",
        "$20 today, if you give me more $ tomorrow.",
        "价格是$5到$10，或者$15。",
        "从5$到10$。",
    ] {
        is_prose(source);
    }
}

#[test]
fn formulas_stay_formulas() {
    for (source, count) in [
        (
            "Euler: $e^{i\\pi}=-1$, $a$-axis, ($b$), \"$c$\", **$d$**, _$e$_, $f$/$g$; $h$[^1]",
            9,
        ),
        ("$$\n\\frac12\n$$", 1),
        ("$$a^2$$ and $$\\text{for $x$}$$", 2),
        ("> $a\n> = b$\n\n- $c$\n- $d$", 3),
        ("| $a$ | $b |\n|--|--|\n| $c$ | $d |", 2),
        ("设$x$为实数，$y$는 실수, и$z$.", 3),
        ("$`a`$ and $\\$5$", 2),
        ("Pay $5 for $x$ in $HOME/$y$.", 2),
        ("A `$` sign, `$a` and ``$b`$`` beside $x$.", 1),
        ("`$HOME`, x$. And $y$", 1),
        (
            "```\necho $a\n```\n$x$\n\n# $HOME/\n$y$\n~~~\n$/\n~~~\n$z$",
            3,
        ),
    ] {
        assert_eq!(formulas(source), count, "{source}");
    }
    assert_eq!(formulas("```math\nx^2\n```"), 1);
}

#[test]
fn covered_dollars_come_back_everywhere() {
    let source = "# $a {#b}\n\n[$a/$b](/$a/$b \"$a/$b\") ![$a/$b](/$c) `$a` <b title=\"$a/$b\">$a</b> https://e.example/$a/$b\n\n\
                  ```sh\necho $a/$b\n```\n\n<div title=\"$a/$b\">$a/$b</div>\n\n> [!NOTE] $a/$b\n> *$5*x\n\n| $a | $b |\n|--|--|\n| $c | $d |";
    let done = post(source).unwrap();
    assert_eq!(
        done.html.matches('$').count(),
        source.matches('$').count() + 3,
        "{}",
        done.html
    );
    assert_eq!(done.headings[0].text, "$a");
    assert!(
        done.html.contains("href=\"/$a/$b\" title=\"$a/$b\""),
        "{}",
        done.html
    );
    assert!(
        !done.html.contains(COVERS.collect::<Vec<_>>().as_slice())
            && !done.text.contains(*COVERS.start())
    );
    assert_eq!(post("🀰 $a/$b").unwrap().text, "🀰 $a/$b");
}

proptest! {
    #[test]
    fn only_dollars_are_covered(source in "[$`\\\\a5 .\n\"(#>|*-]{0,60}") {
        let covered = cover(&source);
        let shown = covered.source.replace(COVERS.collect::<Vec<_>>().as_slice(), "$");
        prop_assert_eq!(shown, source);
    }

    #[test]
    fn nothing_but_formulas_takes_dollars_away(source in "[$a5 .(/]{0,40}") {
        let done = post(&source).unwrap();
        prop_assume!(!done.html.contains("math"));
        prop_assert_eq!(done.html.matches('$').count(), source.matches('$').count());
    }
}
