//! The plain form finds what the expression finds.

use super::expression::compile;
use super::plain::{Found, Plain};
use super::search::{find, start};
use super::*;

const LINES: &str = "\n
use std::{fmt, io};  // e\tof <T>\n
fn main<'a, T: Into<u8>>(x: &'a mut [T; 3]) -> Result<(), E> { let r = r#\"a\"#; 0xff_u32 + 1.5e-3 }\n
#include <a.h> /* c */ static const char *s = \"\\n%d\"; if (a == b && !c) return x->y::z; else goto e;\n
const f = async (a, ...b) => { await `x ${y} z`; return /[a-z]+\\/(?:b)/gi.test(a?.b ?? null) };\n
class A extends B implements C { @Override public final int[] f(String s = \"y\") throws D {} }\n
def f(self, *a, **k): return f\"{x!r:>{w}}\" if not None else lambda y: y ** 2  # c\n
  - key: [1, 'two', true, ~] &a *b !!str \"x\"  # yaml\n
[table.\"x\".y] key = 1979-05-27T07:32:00Z \"\"\"\n
for f in $(ls -la *.txt | grep -v '^#'); do echo \"${f%.txt}\" >> /tmp/x 2>&1; done; cat <<'END'\n
SELECT DISTINCT a.*, count(*) FROM t AS a WHERE b IN ('x', NULL) ORDER BY 1 DESC; -- c\n
<a href='b' class=\"c\" @click=\"d\">{{ e | f }}</a> <?php $x = $y->z['w'] ?? <<<EOT ?> <!-- c --> &amp;\n
.a > #b:hover::after, a[c^=\"d\"] { color: rgba(1, 2, 3, .5); margin: -1.5em !important } @media (x) { $y: z; }\n
# Head *em* **strong** `code` [a](b \"c\") ![i](j) <k@l.m> https://n.o/p?q=r#s\n
@@ -1,2 +3,4 @@ context\n
+++ b/file\n
-    removed\n
    mov eax, [ebp+8] ; c\n
";

/// For every expression in `make prove`: to compile all of them takes a minute.
#[test]
fn prove_plain_forms_find_what_the_expressions_find() {
    let all = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let (mut plain_forms, mut with_groups) = (0, 0);
    let expressions = GRAMMARS.iter().flat_map(|grammar| {
        let _ = grammar.start();
        grammar.expressions()
    });
    for expression in expressions.step_by(if all { 1 } else { 40 }) {
        let text = &expression.text;
        let (Some(plain), Some(whole)) = (Plain::of(text), compile(text)) else {
            continue;
        };
        plain_forms += 1;
        let mut gave_groups = false;
        for line in LINES.split_inclusive('\n') {
            for at in [0, line.len() / 3, line.len() / 2] {
                // What the expression itself gives up, the plain form may find.
                if whole.captures_from_pos(line, at).is_err() {
                    continue;
                }
                let expected = find(&whole, line, at);
                match plain.find(line, at) {
                    Found::Nothing => assert_eq!(expected, None, "{text} in {line:?} from {at}"),
                    Found::Match(groups) => {
                        gave_groups = true;
                        assert_eq!(Some(groups), expected, "{text} in {line:?} from {at}");
                    }
                    Found::NotBefore(place) => assert!(
                        expected.is_none_or(|groups| start(&groups) >= place),
                        "{text} in {line:?} from {at}: not before {place}"
                    ),
                }
            }
        }
        with_groups += usize::from(gave_groups);
    }
    assert!(
        plain_forms > 200 && with_groups > 50,
        "{plain_forms}, {with_groups}"
    );
}

#[test]
fn what_is_looked_at_beyond_the_end_is_no_part_of_a_match() {
    for (text, line, expected) in [
        (r"\b(if|else)\b(?=\s*\()", "else if (x", Some((5, 7))),
        (r"a(?!\w)|b(?=c)", "ab bc", Some((3, 4))),
        (r"a(?!b)", "ab a", Some((3, 4))),
        (r"(?=x)", "a x", Some((2, 2))),
        (r"\w+$", "ab cd", Some((3, 5))),
        // As Oniguruma reads it, and letters of other scripts that fold to ASCII.
        (r"\<a", "a <a", Some((2, 4))),
        (r"(?i)\bſ", "xs S", Some((3, 4))),
    ] {
        let found = Plain::of(text).map(|plain| plain.find(line, 0));
        let Some(Found::Match(groups)) = found else {
            panic!("{text} has no groups");
        };
        assert_eq!(groups[0], expected, "{text}");
    }
}

#[test]
fn groups_of_a_long_line_are_left_to_the_expression() {
    let line = format!("{}ab", " ".repeat(600));
    let found = |text: &str| Plain::of(text).map(|plain| plain.find(&line, 0));
    assert!(matches!(found("(a)b"), Some(Found::NotBefore(600))));
    assert!(matches!(found("ab"), Some(Found::Match(groups)) if groups[0] == Some((600, 602))));
}

#[test]
fn what_an_automaton_cannot_know_is_left_to_the_expression() {
    for (text, line, place) in [
        (r"(?<=a)b", "b ab", 0),
        (r"(['x])\w+\1", "a 'b'", 2),
        (r"(?!if)\b[a-z]+", "  if", 2),
        (r"(a(?=b))", "a ab", 2),
        (r"(?>a|ab)c", "x abc", 2),
        // The group is empty in the end for the one, and not for the other.
        (r"(\w*)*\b", "abc", 0),
        // Of this the end can only be left out: an "a" may come that no "b" follows.
        (r"x(?!a(?=b))", "xac", 0),
    ] {
        let found = Plain::of(text).map(|plain| plain.find(line, 0));
        assert!(
            matches!(found, Some(Found::NotBefore(at)) if at == place),
            "{text}"
        );
    }
    for text in [r"(?<=a)", r"(?!bc)", r"\G a", r"a\Kb"] {
        assert!(Plain::of(text).is_none(), "{text} may match everywhere");
    }
}
