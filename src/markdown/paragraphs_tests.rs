use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn found(source: &str) -> Vec<&str> {
    paragraphs(source)
        .into_iter()
        .map(|place| &source[place])
        .collect()
}

#[test]
fn paragraphs_headings_and_quotes_stand_by_themselves() {
    let source = "# One\nTwo\nlines.\n\n\nSetext\n---\n> quoted\ngoes on\n\n***\nLast  \n";
    assert_eq!(
        found(source),
        [
            "# One",
            "Two\nlines.",
            "Setext\n---",
            "> quoted\ngoes on",
            "***",
            "Last  "
        ]
    );
    assert_eq!(found(""), [""; 0]);
    assert_eq!(found("\n \n\t\n"), [""; 0]);
    assert_eq!(found("a"), ["a"]);
}

#[test]
fn lists_tables_and_code_are_whole() {
    let list = "- a\n\n  in a\n- b\n    - c\n\n    code of c?";
    let fence = "```rust\nfn a() {\n\n\n}\n```";
    let table = "| a | b |\n|---|---|\n| 1 | 2 |";
    let indented = "    code\n\n    more";
    let source = format!("{list}\n\nText:\n\n{fence}\n{table}\n\n{indented}\n\nEnd");
    assert_eq!(
        found(&source),
        [list, "Text:", fence, table, indented, "End"]
    );
    assert_eq!(found("* a\n* b\n\n- c\n"), ["* a\n* b", "- c"]);
    assert_eq!(
        found("a\n\n```\nnever\n\nclosed\n\n"),
        ["a", "```\nnever\n\nclosed"]
    );
    assert_eq!(found("<div>\nx\n</div>\n\ny"), ["<div>\nx\n</div>", "y"]);
    assert_eq!(found("Term\n\n: Details\n\ny"), ["Term\n\n: Details", "y"]);
    let alert = "> [!NOTE]\n> Mind\n>\n> the gap";
    assert_eq!(found(&format!("{alert}\n\ny")), [alert, "y"]);
}

#[test]
fn line_ends_of_every_system_are_line_ends() {
    assert_eq!(found("a\r\nb\r\n\r\nc\r\n"), ["a\r\nb", "c"]);
    assert_eq!(found("a\r\rb"), ["a", "b"]);
    let fence = "```\r\n\r\nx\r\n```";
    assert_eq!(found(&format!("{fence}\r\n\r\ny")), [fence, "y"]);
}

#[test]
fn scripts_are_cut_at_whole_characters() {
    let source = "سلام دنیا\n\n日本語の文章です。\n二行目\n\n👩\u{200d}🚀\n\nक्\u{200d}ष";
    assert_eq!(
        found(source),
        [
            "سلام دنیا",
            "日本語の文章です。\n二行目",
            "👩\u{200d}🚀",
            "क्\u{200d}ष"
        ]
    );
}

#[test]
fn footnotes_stand_where_they_were_typed() {
    let source = "One[^b] two[^a].\n\n[^a]: Of a.\n\n    More of a.\n\nThree.\n\n[^b]: Of b.\n";
    assert_eq!(
        found(source),
        [
            "One[^b] two[^a].",
            "[^a]: Of a.\n\n    More of a.",
            "Three.",
            "[^b]: Of b."
        ]
    );
    // One that is in a quote belongs to the quote, and one without a reference is not shown.
    assert_eq!(
        found("> a[^x]\n>\n> [^x]: b\n\nc"),
        ["> a[^x]\n>\n> [^x]: b", "c"]
    );
    assert_eq!(found("a\n\n[^x]: b\n\nc"), ["a", "c"]);
}

#[test]
fn definitions_of_links_belong_to_no_paragraph() {
    let source = "See [x].\n\n[x]: https://example.org\n\nMore.";
    assert_eq!(found(source), ["See [x].", "More."]);
}

#[test]
fn a_paragraph_can_be_changed_without_touching_the_others() {
    let source = "a\r\n\r\n- b\r\n\r\n  c\r\n\r\n[x]: /y\r\n\r\nd\r\n";
    let place = paragraphs(source)[1].clone();
    let mut changed = source.to_owned();
    changed.replace_range(place, "- e");
    assert_eq!(changed, "a\r\n\r\n- e\r\n\r\n[x]: /y\r\n\r\nd\r\n");
}

/// A novella: twenty thousand words. What it takes is printed, and a machine that is a hundred times slower passes.
#[test]
fn a_long_text_is_divided_at_once() {
    let paragraph = "Some *words* of a [paragraph](/x) that go on, and on. ".repeat(5);
    let source = format!("{paragraph}\n\n").repeat(400);
    let begin = Instant::now();
    assert_eq!(paragraphs(&source).len(), 400);
    println!(
        "{} words in {:?}",
        source.split_whitespace().count(),
        begin.elapsed()
    );
}

proptest! {
    /// Whatever was typed: paragraphs follow one another, and never end in the middle of a line.
    #[test]
    fn paragraphs_are_whole_lines_in_order(source in "([-*>#|`~\\[\\]^: a\u{e9}\u{5b57}0-9.]|\n|\r\n|\n\n|    |```|\\[\\^a\\]|\\[\\^a\\]: |<div>|</div>|<!--){0,40}") {
        let mut end = 0;
        for place in paragraphs(&source) {
            prop_assert!(place.start >= end && place.end >= place.start, "{source:?} {place:?}");
            let before = &source[..place.start];
            let after = &source[place.end..];
            prop_assert!(before.is_empty() || before.ends_with(['\n', '\r']), "{source:?} {place:?}");
            prop_assert!(after.is_empty() || after.starts_with(['\n', '\r']), "{source:?} {place:?}");
            prop_assert!(!source[place.clone()].trim().is_empty(), "{source:?} {place:?}");
            end = place.end;
        }
    }
}
